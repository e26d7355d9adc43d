using Nova.Modules.Hardware;

namespace Nova.Modules.Scheduling;

/// <summary>What requests say, by the names that clients use.</summary>
internal static class RequestFacts
{
    private static readonly IReadOnlyDictionary<string, string> Nothing = new Dictionary<string, string>();

    /// <summary>The flavor's extra specs.</summary>
    public static IReadOnlyDictionary<string, string> Specs(this PlacementRequest request) => request.Flavor?.ExtraSpecs ?? Nothing;

    /// <summary>An extra spec, or null.</summary>
    public static string? Spec(this PlacementRequest request, string name) => request.Flavor?.ExtraSpecs.GetValueOrDefault(name);

    /// <summary>The extra spec, or else the image property.</summary>
    public static string? SpecOrProperty(this PlacementRequest request, string spec, string property) =>
        request.Spec(spec) ?? (request.ImageProperties.Count == 0 ? null : request.ImageProperties.GetValueOrDefault(property));

    /// <summary>Whether what filters and weighers look at is equal, beside what <see cref="Chooser"/> compares itself.</summary>
    public static bool HaveSameShape(PlacementRequest a, PlacementRequest b) =>
        a.FromCell == b.FromCell && Equals(a.Image, b.Image)
        && a.Flavor?.Name == b.Flavor?.Name && AreEqual(a.Specs(), b.Specs())
        && a.IsolatesGroups == b.IsolatesGroups && HardwareDemand.AreEqual(a.Hardware, b.Hardware) && AreEqual(a.ResourceGroups, b.ResourceGroups)
        && AreEqual(a.Hints, b.Hints) && AreEqual(a.Ports, b.Ports);

    /// <summary>Whether both hold the same.</summary>
    public static bool AreEqual(IReadOnlyDictionary<string, string> a, IReadOnlyDictionary<string, string> b) =>
        ReferenceEquals(a, b) || (a.Count == b.Count && a.All(pair => b.TryGetValue(pair.Key, out var value) && value == pair.Value));

    private static bool AreEqual(PlacementHints? a, PlacementHints? b) =>
        ReferenceEquals(a, b)
        || (a is not null && b is not null && a.Query == b.Query && a.NearHostIp == b.NearHostIp && a.Cidr == b.Cidr
            && AreEqual(a.SameHost, b.SameHost) && AreEqual(a.DifferentHost, b.DifferentHost));

    private static bool AreEqual(PortNeeds? a, PortNeeds? b) =>
        ReferenceEquals(a, b)
        || (a is not null && b is not null && a.VnicTypes.SequenceEqual(b.VnicTypes) && a.SegmentAggregates.Count == b.SegmentAggregates.Count
            && a.SegmentAggregates.Zip(b.SegmentAggregates).All(pair => pair.First.SequenceEqual(pair.Second)));

    private static bool AreEqual(IReadOnlyList<ResourceGroup> a, IReadOnlyList<ResourceGroup> b) =>
        a.Count == b.Count && a.Zip(b).All(pair =>
            pair.First.Name == pair.Second.Name && pair.First.IsNumbered == pair.Second.IsNumbered && pair.First.Resources.SequenceEqual(pair.Second.Resources)
            && pair.First.RequiredTraits.SequenceEqual(pair.Second.RequiredTraits) && pair.First.ForbiddenTraits.SequenceEqual(pair.Second.ForbiddenTraits));

    private static bool AreEqual(IReadOnlyList<Guid>? a, IReadOnlyList<Guid>? b) =>
        ReferenceEquals(a, b) || (a is not null && b is not null && a.SequenceEqual(b));
}
