namespace Nova.Modules.Scheduling;

/// <summary>How a scan chooses among the hosts that it has scored.</summary>
/// <param name="Tolerance">How far below the best score a host counts as equally good.</param>
/// <param name="Subset">The choice is among at least so many of the best.</param>
/// <param name="IsShuffled">False takes the first of equals.</param>
/// <param name="MaxMisfits">How many hosts that do not fit are looked at one by one.</param>
internal sealed record ScanOptions(float Tolerance, int Subset, bool IsShuffled, int MaxMisfits)
{
    /// <summary>As the settings say.</summary>
    public static ScanOptions Of(SchedulerOptions options) =>
        new((float)options.ScoreTolerance, options.HostSubsetSize, options.ShuffleBestSameWeighedHosts, options.MaxFittedHosts);
}
