using System.Diagnostics.Metrics;

namespace Nova.Modules.Shared;

/// <summary>What operators and benchmarks watch beside the database's own counters; read at /metrics of the admin listener.</summary>
public static class Measures
{
    private static readonly Meter Meter = new("Nova");

    /// <summary>Calls between roles, in one process or over the wire: nudges, choices, commands, results.</summary>
    public static readonly Counter<long> RoleCalls = Meter.CreateCounter<long>("nova_role_calls_total");

    /// <summary>Claims that did not fit any more when they reached the database: another scheduler or server was first.</summary>
    public static readonly Counter<long> RefusedClaims = Meter.CreateCounter<long>("nova_claims_refused_total");

    /// <summary>Consoles that users opened, by their type.</summary>
    public static readonly Counter<long> ConsolesOpened = Meter.CreateCounter<long>("nova_consoles_opened_total");

    /// <summary>Consoles that users did not get, by the status that they got instead.</summary>
    public static readonly Counter<long> ConsolesRefused = Meter.CreateCounter<long>("nova_consoles_refused_total");

    /// <summary>From the acceptance of a create to the call of the hypervisor's driver, in seconds.</summary>
    public static readonly Histogram<double> AcceptToDriver = Meter.CreateHistogram<double>("nova_accept_to_driver_seconds");
}
