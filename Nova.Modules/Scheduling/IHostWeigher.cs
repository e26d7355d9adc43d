namespace Nova.Modules.Scheduling;

/// <summary>
/// Says how good a host is by a number that the scan normalises (smallest of the fitting hosts 0, largest 1) and multiplies by the
/// setting. A weigher names a column, so the scan can also value one host again after it took a server.
/// </summary>
public interface IHostWeigher
{
    /// <summary>The name in the documentation; the original's where it has one.</summary>
    string Name { get; }

    /// <summary>How much it counts; negative prefers the small values, 0 does not ask.</summary>
    double Multiplier { get; }

    /// <summary>The key of aggregates' metadata whose number replaces the multiplier for their hosts; null where none does.</summary>
    string? AggregateKey => null;

    /// <summary>A value per slot, the larger the better; empty when all are alike.</summary>
    ReadOnlySpan<int> Values(Picture picture, PlacementRequest request);
}
