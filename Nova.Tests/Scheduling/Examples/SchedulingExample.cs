using System.Text.Json;
using System.Text.Json.Serialization;
using Nova.Modules.Hardware;
using Nova.Modules.Images;
using Nova.Modules.Placement;
using Nova.Modules.Scheduling;
using Nova.Modules.Servers;
using Nova.Modules.Servers.Create;
using Nova.Tests.Support;

namespace Nova.Tests.Scheduling.Examples;

/// <summary>An example of docs/scheduling.md: a small cloud, a request, and which hosts it may go to.</summary>
internal sealed record SchedulingExample
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    public JsonElement? Settings { get; init; }
    public IReadOnlyList<string> PciAlias { get; init; } = [];
    public IReadOnlyDictionary<string, ExampleHost> Hosts { get; init; } = new Dictionary<string, ExampleHost>();
    public IReadOnlyDictionary<string, ExampleAggregate> Aggregates { get; init; } = new Dictionary<string, ExampleAggregate>();
    public ExampleRequest Request { get; init; } = new();
    public IReadOnlyList<string>? Fits { get; init; }
    public string? Best { get; init; }

    public static SchedulingExample Read(string json) => JsonSerializer.Deserialize<SchedulingExample>(json, Json)!;

    /// <summary>The hosts that the request may go to, best first.</summary>
    public IReadOnlyList<string> Choose(string part)
    {
        var (options, picture) = (Options(part), Ids());
        var chooser = new Chooser(options, new ManualTime());
        foreach (var (name, aggregate) in Aggregates)
            chooser.AggregateChanged(new(picture[name], 1, name, aggregate.Metadata));
        foreach (var (name, host) in Hosts)
            Tell(chooser, name, host, picture);
        chooser.Begin();
        var selection = chooser.Choose(Request.ToPlacement(picture, new() { Alias = PciAlias }));
        return selection.IsComplete ? [.. selection.Ranked[0].Select(c => c.Host)] : [];
    }

    // What an example does not say is off, so that it shows its part alone.
    private SchedulerOptions Options(string part)
    {
        var settings = Settings is { } given ? JsonSerializer.Deserialize<SchedulerOptions>(given, Json)! : new();
        var named = Settings?.EnumerateObject().Select(p => p.Name).ToHashSet() ?? [];
        return settings with
        {
            ScoreTolerance = 0,
            Prefilters = named.Contains("prefilters") ? settings.Prefilters : SchedulerParts.PrefilterNames.Contains(part) ? [part] : [],
            Filters = named.Contains("filters") ? settings.Filters : SchedulerParts.FilterNames.Contains(part) ? [part, "CapacityFilter"] : ["CapacityFilter"],
            Weighers = named.Contains("weighers") ? settings.Weighers : SchedulerParts.WeigherNames.Contains(part) ? [part] : [],
        };
    }

    private Dictionary<string, Guid> Ids()
    {
        var names = Hosts.Keys.Concat(Aggregates.Keys).Concat(Hosts.Values.SelectMany(h => h.Servers)).Append("the group");
        return names.Distinct().ToDictionary(name => name, _ => Guid.CreateVersion7());
    }

    private void Tell(Chooser chooser, string name, ExampleHost host, Dictionary<string, Guid> ids)
    {
        var known = host.ToTestHost(ids[name], name, [.. Aggregates.Where(a => a.Value.Hosts.Contains(name)).Select(a => ids[a.Key])]);
        chooser.HostChanged(known.State);
        chooser.ProviderChanged(known.Provider);
        foreach (var pool in host.Hardware?.Pools ?? [])
            chooser.ProviderChanged(new(NestedProviders.IdOf(known.Id, pool.Name), 1, [.. pool.Resources.Select(r => new Inventory { Class = r.Key, Total = r.Value, MaxUnit = r.Value })], pool.Traits)
            {
                RootId = known.Id,
            });
        foreach (var server in host.Servers)
            chooser.ServerLoaded(new(ids[server], known.Id, host.Busy.Contains(server)) { ImageProperties = host.ImageProperties });
        foreach (var server in host.Group)
            chooser.MemberChanged(new(ids["the group"], ids[server], known.Id));
        for (var i = 0; i < host.FailedBuilds; i++)
            chooser.BuildFailed(known.Id);
    }
}

/// <summary>A host of an example.</summary>
internal sealed record ExampleHost
{
    public long Vcpus { get; init; } = 16;
    public long UsedVcpus { get; init; }
    public long MemoryMb { get; init; } = 32768;
    public long UsedMemoryMb { get; init; }
    public long DiskGb { get; init; } = 500;
    public long Pcpus { get; init; }
    public string Zone { get; init; } = "nova";
    public string State { get; init; } = "up";
    public bool Disabled { get; init; }
    public IReadOnlyList<string> Traits { get; init; } = [];
    public IReadOnlyList<string> Runs { get; init; } = ["x86_64/qemu/hvm"];
    public string Ip { get; init; } = "10.0.0.1";
    public int Version { get; init; } = 8_002_000;
    public int Cell { get; init; }
    public IReadOnlyList<string> Servers { get; init; } = [];
    public IReadOnlyList<string> Busy { get; init; } = [];
    public IReadOnlyList<string> Group { get; init; } = [];
    public IReadOnlyDictionary<string, string>? ImageProperties { get; init; }
    public int FailedBuilds { get; init; }
    public IReadOnlyDictionary<string, double> Metrics { get; init; } = new Dictionary<string, double>();
    public HostHardware? Hardware { get; init; }

    public TestHost ToTestHost(Guid id, string name, IReadOnlyList<Guid> aggregates) => new()
    {
        Id = id, Name = name, Zone = Zone, Disabled = Disabled, Health = HostHealths.Of(State, false), Traits = Traits, Abilities = Runs, Ip = Ip, HypervisorVersion = Version,
        Cell = Cell, Metrics = Metrics, Hardware = Hardware, Aggregates = aggregates,
        Inventories =
        [
            .. TestHost.Sizes(Vcpus, MemoryMb, DiskGb).Select(i => i with { Reserved = 0, Used = i.Class switch { "VCPU" => UsedVcpus, "MEMORY_MB" => UsedMemoryMb, _ => 0 } }),
            .. Pcpus > 0 ? [new() { Class = "PCPU", Total = Pcpus, MaxUnit = Pcpus }] : Array.Empty<Inventory>(),
        ],
    };
}

/// <summary>A host aggregate of an example.</summary>
internal sealed record ExampleAggregate
{
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();
    public IReadOnlyList<string> Hosts { get; init; } = [];
}

/// <summary>The request of an example, in the words of a create.</summary>
internal sealed record ExampleRequest
{
    public string Project { get; init; } = "demo";
    public string Flavor { get; init; } = "small";
    public int Vcpus { get; init; } = 1;
    public int MemoryMb { get; init; } = 1024;
    public IReadOnlyDictionary<string, string> ExtraSpecs { get; init; } = new Dictionary<string, string>();
    public string Image { get; init; } = "an image";
    public string DiskFormat { get; init; } = "qcow2";
    public IReadOnlyDictionary<string, string> ImageProperties { get; init; } = new Dictionary<string, string>();
    public IReadOnlyDictionary<string, JsonElement> Hints { get; init; } = new Dictionary<string, JsonElement>();
    public string? Zone { get; init; }
    public string? Host { get; init; }
    public IReadOnlyList<string> Tried { get; init; } = [];
    public string? GroupPolicy { get; init; }
    public IReadOnlyList<string> VnicTypes { get; init; } = [];
    public IReadOnlyList<IReadOnlyList<string>> Segments { get; init; } = [];
    public int? FromCell { get; init; }

    public PlacementRequest ToPlacement(IReadOnlyDictionary<string, Guid> ids, PciOptions pci)
    {
        // Servers have names in the examples, and ids in hints.
        var hints = ids.Aggregate(JsonSerializer.Serialize(Hints), (json, id) => json.Replace($"\"{id.Key}\"", $"\"{id.Value}\"", StringComparison.Ordinal));
        var flavor = new ServerFlavor { Id = "1", Name = Flavor, Vcpus = Vcpus, MemoryMb = MemoryMb, RootGb = 10, ExtraSpecs = ExtraSpecs };
        var image = new ImageInfo { Id = Image, Name = "image", Status = "active", DiskFormat = DiskFormat, Size = 1, Properties = ImageProperties };
        var needs = new NeedsReader(pci).Of(flavor, image, hints, false);
        return new()
        {
            Id = Guid.NewGuid(), Servers = [Guid.CreateVersion7()], ProjectId = Project, Alternates = 100, Resources = needs.Resources, ResourceGroups = needs.Groups,
            IsolatesGroups = needs.IsolatesGroups, RequiredTraits = needs.RequiredTraits, ForbiddenTraits = needs.ForbiddenTraits, Hardware = needs.Hardware, Hints = needs.Hints,
            Flavor = new(Flavor, ExtraSpecs), Image = new(Image, DiskFormat), ImageProperties = ImageProperties, Zone = Zone, Host = Host, FromCell = FromCell,
            TriedHosts = [.. Tried.Select(t => ids[t])],
            Group = GroupPolicy is null ? null : new() { Id = ids["the group"], Policy = GroupPolicy, MaxPerHost = 1 },
            Ports = VnicTypes.Count + Segments.Count == 0 ? null : new() { VnicTypes = VnicTypes, SegmentAggregates = [.. Segments.Select(s => s.Select(a => ids[a]).ToList())] },
        };
    }
}
