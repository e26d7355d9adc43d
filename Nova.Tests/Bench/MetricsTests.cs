using System.Diagnostics.Metrics;
using Nova.Modules.Health;

namespace Nova.Tests.Bench;

public class MetricsTests
{
    private const string Before = """
        # TYPE nova_commits_total counter
        nova_commits_total{database="sqlite"} 5
        nova_commits_total{database="other"} 1
        nova_delay_seconds_bucket{le="0.01"} 10
        nova_delay_seconds_bucket{le="0.1"} 10
        nova_delay_seconds_bucket{le="+Inf"} 10
        """;

    private const string After = """
        nova_commits_total{database="sqlite"} 7
        nova_commits_total{database="other"} 2
        nova_delay_seconds_bucket{le="0.01"} 60
        nova_delay_seconds_bucket{le="0.1"} 110
        nova_delay_seconds_bucket{le="+Inf"} 110
        """;

    [Fact]
    public void A_counter_is_summed_over_its_labels() => Assert.Equal(3, new Metrics(After).Since(new(Before), "nova_commits_total"));

    [Theory]
    [InlineData(0.25, 0.005)]
    [InlineData(0.5, 0.01)]
    [InlineData(0.75, 0.055)]
    public void A_quantile_is_interpolated_within_its_bucket(double quantile, double expected) =>
        Assert.Equal(expected, new Metrics(After).Quantile(new(Before), "nova_delay_seconds", quantile)!.Value, 6);

    [Fact]
    public void The_server_writes_histograms_as_the_bench_reads_them()
    {
        using var meter = new Meter("Nova.Test");
        using var text = new MetricsText();
        var delay = meter.CreateHistogram<double>("nova_test_delay_seconds");
        foreach (var value in (double[])[0.004, 0.004, 0.009, 400])
            delay.Record(value, new KeyValuePair<string, object?>("kind", "a \"b\""));
        var written = text.Render();

        Assert.Contains("# TYPE nova_test_delay_seconds histogram", written, StringComparison.Ordinal);
        Assert.Contains("""nova_test_delay_seconds_bucket{kind="a \"b\"",le="0.005"} 2""", written, StringComparison.Ordinal);
        Assert.Contains("""nova_test_delay_seconds_bucket{kind="a \"b\"",le="300"} 3""", written, StringComparison.Ordinal);
        Assert.Contains("""nova_test_delay_seconds_bucket{kind="a \"b\"",le="+Inf"} 4""", written, StringComparison.Ordinal);
        Assert.Equal(0.005, new Metrics(written).Quantile(new(""), "nova_test_delay_seconds", 0.5)!.Value, 6);
    }

    [Fact]
    public void What_the_server_does_not_count_is_not_zero()
    {
        Assert.Null(new Metrics("").Since(new(""), "nova_commits_total"));
        Assert.Null(new Metrics("").Quantile(new(""), "nova_delay_seconds", 0.5));
    }

    [Fact]
    public void The_report_leaves_out_what_is_not_known_and_ends_with_one_object()
    {
        var output = new StringWriter();

        new Report("x").Add("a", 1.234).Add("b", (double?)null).Add("c", double.NaN).Print(output);

        Assert.Equal("""{"bench":"x","a":1.23}""", output.ToString().TrimEnd().Split('\n')[^1]);
    }

    [Fact]
    public void Options_are_words_numbers_and_switches_and_unknown_ones_are_refused()
    {
        var options = BenchOptions.Parse(["--hosts", "5", "--verify", "--database", "postgres"]);

        Assert.Equal((5, true, "postgres"), (options.Number("hosts", 1), options.IsOn("verify"), options.Text("database", "sqlite")));
        Assert.Throws<FormatException>(() => options.RefuseUnknown("--hosts 1\n--verify"));
        Assert.Throws<FormatException>(() => BenchOptions.Parse(["hosts"]));
    }
}
