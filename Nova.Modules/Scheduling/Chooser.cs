using System.Runtime.InteropServices;
using Nova.Modules.Hardware;
using Nova.Modules.Placement;

namespace Nova.Modules.Scheduling;

/// <summary>
/// The picture with what is assumed, and the choice on it. Belongs to one thread; a function of what it was told and of the
/// time.
/// </summary>
internal sealed partial class Chooser
{
    private readonly IReadOnlyList<IHostFilter> _filters;
    private readonly Assumptions _assumptions;
    private readonly Scan _scan;
    private readonly TimeProvider _time;
    private readonly long _life;
    private readonly ScanOptions _options;
    private readonly IReadOnlyDictionary<string, double> _weighedProperties;
    private PlacementRequest? _scanned;

    public Chooser(SchedulerOptions options, TimeProvider time)
    {
        (_filters, _time) = (SchedulerParts.CreateFilters(options), time);
        _options = ScanOptions.Of(options);
        _weighedProperties = options.ImagePropsWeightSetting;
        _life = (long)(options.ReservationSeconds * time.TimestampFrequency);
        _assumptions = new(Picture);
        _scan = new(_filters, SchedulerParts.CreateWeighers(options), _options);
    }

    public Picture Picture { get; } = new();

    /// <summary>How many choices wait for their claims.</summary>
    public int Assumed => _assumptions.Count;

    public void HostChanged(HostState host)
    {
        _scanned = null;
        Picture.Apply(host);
    }

    public void HostRemoved(Guid hostId)
    {
        _scanned = null;
        if (Picture.SlotOf(hostId) is var slot and >= 0)
            _assumptions.DropHost(slot);
        Picture.Remove(hostId);
    }

    public void AggregateChanged(AggregateState aggregate)
    {
        _scanned = null;
        Picture.Apply(aggregate);
    }

    public void AggregateRemoved(Guid aggregateId)
    {
        _scanned = null;
        Picture.RemoveAggregate(aggregateId);
    }

    public void MemberChanged(GroupMember member)
    {
        _scanned = null;
        Picture.Apply(member);
    }

    public void GroupRemoved(Guid groupId)
    {
        _scanned = null;
        Picture.RemoveGroup(groupId);
    }

    public void ProviderChanged(ProviderState provider)
    {
        _scanned = null;
        Picture.Apply(provider);
    }

    public void UsageChanged(ProviderUsage usage)
    {
        _scanned = null;
        _assumptions.Drop(usage.ConsumerId);
        Picture.ApplyUsage(usage with { ImageProperties = Weighed(usage.ImageProperties) });
    }

    public void HardwareChanged(HardwareChange change)
    {
        _scanned = null;
        _assumptions.Drop(change.ConsumerId);
        Picture.Apply(change);
    }

    public void ServerLoaded(ServerState server) => Picture.PlaceLoaded(server with { ImageProperties = Weighed(server.ImageProperties) });

    public void ServerBusy(Guid server, bool isBusy)
    {
        _scanned = null;
        Picture.SetBusy(server, isBusy);
    }

    public void BuildFailed(Guid hostId)
    {
        _scanned = null;
        Picture.BuildFailed(hostId);
    }

    /// <summary>Begins a pass: what changed since the last one is looked at.</summary>
    public void Begin()
    {
        _scanned = null;
        _assumptions.Expire(_time.GetTimestamp());
    }

    /// <summary>Chooses for one request; requests of the same shape in one pass share a scan.</summary>
    public Selection Choose(PlacementRequest request)
    {
        Forget(request);
        if (_scanned is null || !SameShape(_scanned, request))
            _scan.Run(Picture, request);
        _scanned = request;

        var ranked = new List<IReadOnlyList<HostChoice>>(request.Servers.Count);
        foreach (var server in request.Servers)
        {
            var hosts = _scan.Rank(1 + request.Alternates, SeedOf(request, ranked.Count));
            if (hosts.Count == 0)
                return Refuse(request);

            if (TreeFit.Concerns(Picture, request))
                hosts = hosts.ConvertAll(host => host with { Parts = TreeFit.Find(Picture, request, Picture.SlotOf(host.HostId)) });
            Reserve(request, server, hosts[0]);
            ranked.Add(hosts);

            // The first of the group says where the others have to go.
            if (request.Group?.Policy == GroupPolicies.Affinity && ranked.Count == 1)
                _scan.Run(Picture, request);
        }

        return new(ranked, _scan.Refusals, _scan.HostsSeen);
    }

    /// <summary>Whether one scan serves both: everything that filters and weighers look at is equal, and no group changes meanwhile.</summary>
    public static bool SameShape(PlacementRequest a, PlacementRequest b) =>
        a.Group is null && b.Group is null && a.SkipFilters == b.SkipFilters && a.IncludeAbsent == b.IncludeAbsent
        && a.Zone == b.Zone && a.Host == b.Host && a.Node == b.Node
        && a.Resources.SequenceEqual(b.Resources)
        && a.RequiredTraits.SequenceEqual(b.RequiredTraits)
        && a.ForbiddenTraits.SequenceEqual(b.ForbiddenTraits)
        && a.TriedHosts.SequenceEqual(b.TriedHosts)
        && a.ProjectId == b.ProjectId && RequestFacts.HaveSameShape(a, b)
        && (ReferenceEquals(a.ImageProperties, b.ImageProperties)
            || (a.ImageProperties.Count == b.ImageProperties.Count && a.ImageProperties.All(b.ImageProperties.Contains)));

    private void Reserve(PlacementRequest request, Guid server, HostChoice choice)
    {
        var slot = Picture.SlotOf(choice.HostId);
        _assumptions.Add(server, slot, request, choice, _time.GetTimestamp() + _life);
        _scan.Revalue(slot);
    }

    // Of the properties of images only those are kept that are weighed.
    private IReadOnlyDictionary<string, string>? Weighed(IReadOnlyDictionary<string, string>? properties) =>
        properties is null || _weighedProperties.Count == 0
            ? null
            : properties.Where(p => _weighedProperties.ContainsKey(p.Key)).ToDictionary();

    // Chosen again, so what was chosen before did not come to a claim.
    private void Forget(PlacementRequest request)
    {
        foreach (var server in request.Servers)
            if (_assumptions.Holds(server))
            {
                _assumptions.Drop(server);
                _scanned = null;
            }
    }

    // All servers or none: the reasons are those of the server that found no host, seen beside the others of the request.
    private Selection Refuse(PlacementRequest request)
    {
        var reasons = Explanation.Of(_filters, Picture, request, _options.MaxMisfits);
        Forget(request);
        return new([], reasons, _scan.HostsSeen);
    }

    private static ulong SeedOf(PlacementRequest request, int server)
    {
        var id = request.Id;
        var halves = MemoryMarshal.Cast<Guid, ulong>(new ReadOnlySpan<Guid>(in id));
        return Scan.Mix(halves[0] ^ Scan.Mix(halves[1] + (ulong)server));
    }
}
