using Nova.Modules.Shared;

namespace Nova.Modules.Scheduling;

/// <summary>Takes out the hosts that a request cannot use. Chosen and ordered by name in the settings.</summary>
public interface IHostFilter
{
    /// <summary>The name in the settings and in refusals; the original's where it has one.</summary>
    string Name { get; }

    /// <summary>True when it also looks at requests that skip the filters (the zone:host form).</summary>
    bool IsAlwaysAsked => false;

    /// <summary>Takes out of <paramref name="alive"/> what the request cannot use.</summary>
    void Narrow(Picture picture, PlacementRequest request, BitSet alive);

    /// <summary>What the refused hosts lacked, of those that lacked the least; only asked when no host was left.</summary>
    Message NearestMiss(Picture picture, PlacementRequest request, BitSet refused);
}

/// <summary>
/// A filter that must look into a host's hardware. <see cref="IHostFilter.Narrow"/> goes by summary columns; what is left is
/// looked at in the order of the scores, until enough hosts are found.
/// </summary>
public interface IFittingFilter : IHostFilter
{
    /// <summary>Whether the request wants anything that has to be fitted.</summary>
    bool Concerns(Picture picture, PlacementRequest request);

    /// <summary>Whether one more server fits the host.</summary>
    bool Fits(Picture picture, PlacementRequest request, int slot);
}
