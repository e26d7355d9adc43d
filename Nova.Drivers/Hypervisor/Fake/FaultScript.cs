using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Nova.Modules.Compute;
using Nova.Modules.Shared;

namespace Nova.Drivers.Hypervisor.Fake;

/// <summary>How a scripted call fails.</summary>
public enum FakeFailure
{
    /// <summary>It does not.</summary>
    None,
    /// <summary>In a way that may be gone at the next try (503).</summary>
    Transient,
    /// <summary>For good (500).</summary>
    Permanent,
}

/// <summary>What goes wrong at which host in which call. Members can be set, because generated readers of JSON forget the defaults of init-only ones.</summary>
public sealed record FakeRule
{
    /// <summary>The hypervisor's host name, or <c>*</c> for all.</summary>
    public string Host { get; set; } = "*";

    /// <summary>inspect, list, spawn, power_on, power_off, reboot, pause, unpause, suspend, resume, rescue, unrescue, interfaces, password, crash_dump, snapshot, upload, drop_copy, diagnose, destroy, console, cache_image, or <c>*</c> for all.</summary>
    public string Operation { get; set; } = "*";

    /// <summary>How many calls it concerns; null for all.</summary>
    public int? Times { get; set; }

    /// <summary>How long the call takes in ms; −1 hangs until it is cancelled.</summary>
    public int DelayMs { get; set; }

    /// <summary>How it fails.</summary>
    public FakeFailure Fail { get; set; }

    /// <summary>True when it fails after it has done its work.</summary>
    public bool Late { get; set; }

    internal bool Concerns(string host, string operation) => (Host == "*" || Host == host) && (Operation == "*" || Operation == operation);
}

/// <summary>All rules, and how often each was used. Rules may be added while guests are run.</summary>
public sealed class FaultScript
{
    private readonly ConcurrentQueue<Counted> _rules = new();
    private readonly ConcurrentDictionary<(Guid Guest, string Script), Counted> _ofGuests = new();

    /// <summary>Reads a script file.</summary>
    /// <exception cref="InvalidDataException">It is not an array of rules.</exception>
    public static FaultScript From(string path)
    {
        var script = new FaultScript();
        if (path.Length > 0)
            foreach (var rule in FakeJson.Read(path, FakeJson.Default.FakeRuleArray))
                script.Add(rule);
        return script;
    }

    /// <summary>Adds a rule.</summary>
    public void Add(FakeRule rule) => _rules.Enqueue(new(rule));

    /// <summary>Takes all rules away.</summary>
    public void Clear() => _rules.Clear();

    /// <summary>The instructions that a guest brings in its metadata, flavor and image, as <c>key=value;…</c> without the <c>fake:</c>.</summary>
    internal static string Of(GuestSpec guest) => string.Join(';', new[] { guest.Metadata.Meta, guest.Flavor.ExtraSpecs, guest.Image?.Properties }
        .SelectMany(keys => keys ?? new Dictionary<string, string>())
        .Where(pair => pair.Key.StartsWith("fake:", StringComparison.Ordinal))
        .DistinctBy(pair => pair.Key)
        .OrderBy(pair => pair.Key, StringComparer.Ordinal)
        .Select(pair => pair.Key["fake:".Length..] + "=" + pair.Value));

    /// <summary>The value of one instruction of a guest, or null.</summary>
    internal static string? Value(string script, string key) =>
        script.Split(';').FirstOrDefault(part => part.StartsWith(key + "=", StringComparison.Ordinal))?[(key.Length + 1)..];

    /// <summary>The rules that concern this call; each counts it.</summary>
    internal List<FakeRule> Take(string host, string operation, Guid guest, string script)
    {
        var taken = new List<FakeRule>();
        foreach (var counted in _rules)
            if (counted.Rule.Concerns(host, operation) && counted.Take())
                taken.Add(counted.Rule);
        if (script.Length > 0 && _ofGuests.GetOrAdd((guest, script), key => new(RuleOf(key.Script))) is var own
            && own.Rule.Concerns(host, operation) && own.Take())
            taken.Add(own.Rule);
        return taken;
    }

    private static FakeRule RuleOf(string script) => new()
    {
        Operation = Value(script, "fail_at") ?? Value(script, "delay_at") ?? "spawn",
        Times = Number(script, "fail_times"),
        DelayMs = Number(script, "delay_ms") ?? 0,
        Fail = Value(script, "fail_at") is null ? FakeFailure.None : Value(script, "fail_kind") == "transient" ? FakeFailure.Transient : FakeFailure.Permanent,
        Late = Value(script, "fail_late") == "true",
    };

    private static int? Number(string script, string key) => Value(script, key) switch
    {
        null => null,
        var text when int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) => number,
        var text => throw Fault.BadRequest($"The instruction fake:{key} must be a number, not '{text}'."),
    };

    private sealed class Counted(FakeRule rule)
    {
        private int _left = rule.Times ?? -1;

        public FakeRule Rule => rule;

        public bool Take() => rule.Times is null || Interlocked.Decrement(ref _left) >= 0;
    }
}

/// <summary>The JSON files of the driver.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UseStringEnumConverter = true, AllowTrailingCommas = true,
    ReadCommentHandling = JsonCommentHandling.Skip, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(FakeRule[]))]
[JsonSerializable(typeof(HostProfile[]))]
internal sealed partial class FakeJson : JsonSerializerContext
{
    public static T[] Read<T>(string path, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T[]> type)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), type) ?? [];
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path} is not what the fake driver expects: {e.Message}", e);
        }
    }
}
