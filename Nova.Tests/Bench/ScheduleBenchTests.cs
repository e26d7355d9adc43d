using System.Text.Json;
using FluentAssertions;
using Xunit;
using Xunit.Abstractions;

namespace Nova.Tests.Bench;

public sealed class ScheduleBenchTests(ITestOutputHelper console)
{
    [Theory]
    [InlineData("200", "100")]
    public async Task Its_last_line_is_the_result_as_JSON(string hosts, string choices)
    {
        var output = new StringWriter();

        await new ScheduleBench().Run(BenchOptions.Parse(["--hosts", hosts, "--choices", choices, "--clients", "4"]), output);

        console.WriteLine(output.ToString());
        var last = output.ToString().TrimEnd().Split('\n')[^1];
        using var json = JsonDocument.Parse(last);
        json.RootElement.GetProperty("bench").GetString().Should().Be("schedule");
        json.RootElement.GetProperty("choose_p99_us").GetDouble().Should().BePositive();
    }
}
