using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using Nova.Modules.Shared.Database;
using Nova.Modules.Shared.Http;

namespace Nova.Modules.Health;

/// <summary>
/// Everything that is measured in this process as Prometheus text: the meters of ours (<c>Nova.*</c>) and of the HTTP
/// server, the database's counters and the requests in flight. Histograms are given as cumulative buckets, sum and count.
/// </summary>
public sealed class MetricsText : IDisposable
{
    private readonly ConcurrentDictionary<(string Name, string Labels), Series> _series = new();
    private readonly MeterListener _listener = new();
    private readonly Database? _database;
    private readonly InFlight? _inFlight;

    /// <summary>Begins to listen. A compute has no database, and only the API has requests.</summary>
    public MetricsText(Database? database = null, InFlight? inFlight = null)
    {
        (_database, _inFlight) = (database, inFlight);
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name.StartsWith("Nova", StringComparison.Ordinal) || instrument.Meter.Name == "Microsoft.AspNetCore.Hosting")
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.Start();
    }

    /// <summary>All series as they are now.</summary>
    public string Render()
    {
        _listener.RecordObservableInstruments();
        var text = new StringBuilder();
        if (_database is not null)
        {
            Write(text, "nova_database_commits_total", "", _database.Counters.Commits);
            Write(text, "nova_database_statements_total", "", _database.Counters.Statements);
            Write(text, "nova_database_units_total", "", _database.Counters.Units);
        }

        if (_inFlight is not null)
            Write(text, "nova_http_requests_in_flight", "", _inFlight.Total);
        foreach (var named in _series.GroupBy(s => s.Key.Name).OrderBy(s => s.Key, StringComparer.Ordinal))
        {
            text.Append("# TYPE ").Append(named.Key).Append(' ').Append(named.First().Value.Type).Append('\n');
            foreach (var ((name, labels), series) in named.OrderBy(s => s.Key.Labels, StringComparer.Ordinal))
                series.Write(text, name, labels);
        }

        return text.ToString();
    }

    /// <inheritdoc />
    public void Dispose() => _listener.Dispose();

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var series = _series.GetOrAdd((Spell(instrument.Name), Labels(tags)), static (_, i) => new(KindOf(i)), instrument);
        series.Add(value);
    }

    private static SeriesKind KindOf(Instrument instrument)
    {
        var type = instrument.GetType();
        if (!type.IsGenericType)
            return SeriesKind.Sum;

        var definition = type.GetGenericTypeDefinition();
        return definition == typeof(Histogram<>) ? SeriesKind.Distribution
            : instrument.IsObservable || definition == typeof(Gauge<>) ? SeriesKind.Last
            : SeriesKind.Sum;
    }

    private static string Spell(string name) => string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_'));

    private static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (tags.IsEmpty)
            return "";

        var labels = new StringBuilder("{");
        foreach (var (name, value) in tags)
        {
            var quoted = (value?.ToString() ?? "").Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
            labels.Append(labels.Length > 1 ? "," : "").Append(Spell(name)).Append("=\"").Append(quoted).Append('"');
        }

        return labels.Append('}').ToString();
    }

    private static void Write(StringBuilder text, string name, string labels, double value) =>
        text.Append(name).Append(labels).Append(' ').Append(value.ToString("R", CultureInfo.InvariantCulture)).Append('\n');

    private enum SeriesKind
    {
        Sum,
        Last,
        Distribution,
    }

    private sealed class Series(SeriesKind kind)
    {
        // Seconds: from a tenth of a millisecond to minutes, about three to each power of ten.
        private static readonly double[] Limits =
            [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.0075, 0.01, 0.015, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

        private readonly Lock _gate = new();
        private readonly long[] _buckets = kind == SeriesKind.Distribution ? new long[Limits.Length] : [];
        private double _value;
        private long _count;

        public void Add(double value)
        {
            lock (_gate)
            {
                _value = kind == SeriesKind.Last ? value : _value + value;
                _count++;
                if (kind == SeriesKind.Distribution && Array.FindIndex(Limits, limit => value <= limit) is var bucket and >= 0)
                    _buckets[bucket]++;
            }
        }

        /// <summary>As Prometheus calls it.</summary>
        public string Type => kind switch { SeriesKind.Distribution => "histogram", SeriesKind.Last => "gauge", _ => "counter" };

        private static string With(string labels, string limit) =>
            labels.Length == 0 ? $$"""{le="{{limit}}"}""" : $$"""{{labels[..^1]}},le="{{limit}}"}""";

        public void Write(StringBuilder text, string name, string labels)
        {
            lock (_gate)
            {
                MetricsText.Write(text, kind == SeriesKind.Distribution ? name + "_sum" : name, labels, _value);
                if (kind != SeriesKind.Distribution)
                    return;

                var below = 0L;
                for (var i = 0; i < Limits.Length; i++)
                    MetricsText.Write(text, name + "_bucket", With(labels, Limits[i].ToString("R", CultureInfo.InvariantCulture)), below += _buckets[i]);
                MetricsText.Write(text, name + "_bucket", With(labels, "+Inf"), _count);
                MetricsText.Write(text, name + "_count", labels, _count);
            }
        }
    }
}
