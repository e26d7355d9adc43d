using System.Text.RegularExpressions;
using FluentAssertions;
using Nova.Modules.Scheduling;
using Nova.Tests.Support;
using Xunit;

namespace Nova.Tests.Scheduling.Examples;

/// <summary>docs/scheduling.md: every prefilter, filter, weigher and hint has an example, and every example holds.</summary>
public sealed partial class ExampleTests
{
    private static readonly string[] Hints =
        ["group", "same_host", "different_host", "query", "build_near_host_ip", "cidr", "target_cell", "_nova_check_type"];

    public static TheoryData<string> Names => [.. Examples.Select(e => e.Name).Distinct()];

    [Theory]
    [MemberData(nameof(Names))]
    public void The_example_holds(string name)
    {
        foreach (var (_, json) in Examples.Where(e => e.Name == name))
        {
            var example = SchedulingExample.Read(json);
            var chosen = example.Choose(name);

            if (example.Fits is { } fits)
                chosen.Should().BeEquivalentTo(fits, json);
            if (example.Best is { } best)
                chosen.Should().StartWith(best, json);
            (example.Fits is null && example.Best is null).Should().BeFalse("an example says what comes of it");
        }
    }

    [Fact]
    public void Everything_that_can_be_chosen_by_name_has_one() =>
        Examples.Select(e => e.Name).Distinct().Should().BeEquivalentTo(
            (string[])[.. SchedulerParts.PrefilterNames, .. SchedulerParts.FilterNames, .. SchedulerParts.WeigherNames, .. Hints, "Operators", "Aggregates and multipliers", "Hardware"]);

    [NeedsFact(Need.Reference)]
    public void Everything_that_the_original_has_is_there()
    {
        var rows = File.ReadLines(Path.Combine(Machine.ReferenceFolder, "scheduler.tsv")).Skip(1).Select(line => line.Split('\t')).ToLookup(columns => columns[0], columns => columns[1]);
        SchedulerParts.PrefilterNames.Should().BeEquivalentTo(rows["prefilter"]);
        SchedulerParts.FilterNames.Should().Contain(rows["filter"]);
        SchedulerParts.WeigherNames.Should().BeEquivalentTo(rows["weigher"]);
        Hints.Should().BeEquivalentTo(rows["scheduler-hint"]);
    }

    // Under each heading of the third level, the blocks of JSON.
    private static IReadOnlyList<(string Name, string Json)> Examples { get; } = Read();

    private static List<(string, string)> Read()
    {
        var text = File.ReadAllText(Path.Combine(Machine.RepositoryRoot!, "docs", "scheduling.md"));
        return
        [
            .. Section().Matches(text).SelectMany(section => Block().Matches(section.Groups[2].Value).Select(block => (section.Groups[1].Value.Trim().Trim('`'), block.Groups[1].Value))),
        ];
    }

    [GeneratedRegex(@"^### (.+?)$(.*?)(?=^##|\z)", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Section();

    [GeneratedRegex("^```json$(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();
}
