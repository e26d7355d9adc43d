using System.Globalization;

namespace Nova.Tests.Bench;

/// <summary>
/// One reading of /metrics (Prometheus' text form): sums over labels by name, and buckets of histograms. Names that the
/// server does not have read as null, so that their figures are left out and not shown as zero.
/// </summary>
internal sealed class Metrics
{
    private readonly Dictionary<string, double> _sums = [];
    private readonly Dictionary<(string Name, double Limit), double> _buckets = [];

    /// <summary>Reads the text.</summary>
    public Metrics(string text)
    {
        foreach (var line in text.Split('\n'))
            if (line.Length > 0 && line[0] != '#' && line.LastIndexOf(' ') is var space and > 0)
                Add(line[..space], double.Parse(line[(space + 1)..], CultureInfo.InvariantCulture));
    }

    /// <summary>The sum over all labels, or null.</summary>
    public double? this[string name] => _sums.TryGetValue(name, out var value) ? value : null;

    /// <summary>How much a counter rose since an earlier reading, or null.</summary>
    public double? Since(Metrics before, string name) => this[name] - (before[name] ?? 0);

    /// <summary>A quantile of what a histogram collected since an earlier reading, interpolated within its bucket; null when nothing was.</summary>
    public double? Quantile(Metrics before, string name, double quantile)
    {
        var buckets = _buckets.Where(pair => pair.Key.Name == name).OrderBy(pair => pair.Key.Limit)
            .Select(pair => (pair.Key.Limit, Count: pair.Value - before._buckets.GetValueOrDefault(pair.Key))).ToArray();
        if (buckets.Length == 0 || buckets[^1].Count <= 0)
            return null;

        var wanted = buckets[^1].Count * quantile;
        var (lower, below) = (0.0, 0.0);
        foreach (var (limit, count) in buckets)
        {
            if (count >= wanted)
                return double.IsInfinity(limit) ? lower : lower + (limit - lower) * (wanted - below) / Math.Max(1, count - below);
            (lower, below) = (limit, count);
        }

        return lower;
    }

    private void Add(string series, double value)
    {
        var brace = series.IndexOf('{', StringComparison.Ordinal);
        var name = brace < 0 ? series : series[..brace];
        _sums[name] = _sums.GetValueOrDefault(name) + value;
        if (name.EndsWith("_bucket", StringComparison.Ordinal) && Limit(series) is { } limit)
        {
            var key = (name[..^"_bucket".Length], limit);
            _buckets[key] = _buckets.GetValueOrDefault(key) + value;
        }
    }

    private static double? Limit(string series)
    {
        var start = series.IndexOf("le=\"", StringComparison.Ordinal);
        if (start < 0)
            return null;

        var text = series[(start + 4)..series.IndexOf('"', start + 4)];
        return text == "+Inf" ? double.PositiveInfinity : double.Parse(text, CultureInfo.InvariantCulture);
    }
}
