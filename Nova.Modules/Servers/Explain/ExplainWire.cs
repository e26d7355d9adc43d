using System.Text.Json.Serialization;
using Nova.Modules.Scheduling.Explain;
using Nova.Modules.Shared.Http;
using Nova.Modules.Shared.Http.Validation;

namespace Nova.Modules.Servers.Explain;

/// <summary>How many hosts a filter refused.</summary>
public sealed record RefusalView(string Filter, int Hosts, string? NearestMiss, int NotExamined)
{
    /// <summary>Of what a scheduler says.</summary>
    public static IReadOnlyList<RefusalView> Of(IReadOnlyList<Scheduling.Refusal> refusals) =>
        [.. refusals.Select(KeptRefusal.Of).Select(Of)];

    /// <summary>Of what was kept.</summary>
    public static RefusalView Of(KeptRefusal kept) => new(kept.Filter, kept.Hosts, kept.NearestMiss, kept.NotExamined);
}

/// <summary>GET /servers/{server_id}/placement.</summary>
public sealed record PlacementResponse(PlacementView Placement);

/// <summary>The last decision about a server. Hosts are named to administrators alone.</summary>
public sealed record PlacementView
{
    /// <summary>The server.</summary>
    public required Guid ServerId { get; init; }

    /// <summary>The operation that asked.</summary>
    public required Guid OperationId { get; init; }

    /// <summary>placed, refused, or pending while the operation is under way.</summary>
    public required string Outcome { get; init; }

    /// <summary>The same in a sentence.</summary>
    public required string Message { get; init; }

    /// <summary>When hosts were chosen the last time.</summary>
    public required string DecidedAt { get; init; }

    /// <summary>How often hosts were chosen.</summary>
    public required int Attempts { get; init; }

    /// <summary>How many hosts there were.</summary>
    public required int HostsSeen { get; init; }

    /// <summary>How many were left after the filters.</summary>
    public required int HostsFit { get; init; }

    /// <summary>How many each filter refused.</summary>
    public required IReadOnlyList<RefusalView> Refusals { get; init; }

    /// <summary>Chosen hosts that had no room any more when they were claimed.</summary>
    public required int ClaimsWithoutRoom { get; init; }

    /// <summary>Chosen hosts that the policy of the server's group ruled out by then.</summary>
    public required int ClaimsAgainstGroup { get; init; }

    /// <summary>Where it is now; absent for members.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Host { get; init; }

    /// <summary>The chosen host and its alternates; absent for members.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<KeptHost>? Ranked { get; init; }

    /// <summary>The fault in full; absent for members.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Details { get; init; }
}

/// <summary>POST /dry-run/servers.</summary>
public sealed record DryRunResponse(DryRunView DryRun);

/// <summary>What a create would come to now.</summary>
public sealed record DryRunView
{
    /// <summary>True when every server would have a host.</summary>
    public required bool Fits { get; init; }

    /// <summary>How many servers were looked for: max_count, or what quota leaves of it.</summary>
    public required int Servers { get; init; }

    /// <summary>How many hosts there are.</summary>
    public required int HostsSeen { get; init; }

    /// <summary>How many could take one of the servers.</summary>
    public required int HostsFit { get; init; }

    /// <summary>Why the others could not.</summary>
    public required IReadOnlyList<RefusalView> Refusals { get; init; }

    /// <summary>The hosts that the first would be given, best first, with what each weigher made of them; absent for members.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ScoredHost>? Best { get; init; }
}

/// <summary>GET /capacity.</summary>
[StrictQuery]
public sealed record CapacityQuery
{
    /// <summary>The flavor's id.</summary>
    [Once]
    public string? Flavor { get; init; }

    /// <summary>Only hosts of this zone.</summary>
    [Once]
    public string? Zone { get; init; }
}

/// <summary>GET /capacity.</summary>
public sealed record CapacityResponse(CapacityView Capacity);

/// <summary>How many more servers fit.</summary>
public sealed record CapacityView
{
    /// <summary>How many more.</summary>
    public required long Servers { get; init; }

    /// <summary>True when there is room for at least so many.</summary>
    public required bool IsAtLeast { get; init; }

    /// <summary>How many hosts there are.</summary>
    public required int HostsSeen { get; init; }

    /// <summary>How many have room for one or more.</summary>
    public required int HostsFit { get; init; }

    /// <summary>What runs out first on most hosts; null when there is no room at all.</summary>
    public required string? RunsOutFirst { get; init; }

    /// <summary>What runs out first, by the number of hosts on which it does.</summary>
    public required IReadOnlyDictionary<string, int> RunsOut { get; init; }

    /// <summary>Why the other hosts have no room for one.</summary>
    public required IReadOnlyList<RefusalView> Refusals { get; init; }

    /// <summary>Of a scheduler's answer.</summary>
    public static CapacityView Of(Capacity capacity) => new()
    {
        Servers = capacity.Servers,
        IsAtLeast = capacity.IsAtLeast,
        HostsSeen = capacity.HostsSeen,
        HostsFit = capacity.HostsFit,
        RunsOutFirst = capacity.RunsOut.Count > 0 ? capacity.RunsOut[0].What : null,
        RunsOut = capacity.RunsOut.ToDictionary(s => s.What, s => s.Hosts),
        Refusals = RefusalView.Of(capacity.Refusals),
    };
}

/// <summary>POST /what-if.</summary>
public sealed record WhatIfRequest
{
    /// <summary>The change.</summary>
    [Required]
    public WhatIfChange WhatIf { get; set; } = null!;
}

/// <summary>What is to be tried.</summary>
public sealed record WhatIfChange
{
    /// <summary>Hosts that are emptied.</summary>
    [NotNull, Items(1, 1000), UniqueItems]
    public IReadOnlyList<string>? Drain { get; set; }

    /// <summary>A zone whose hosts are lost.</summary>
    [NotNull, Length(1, 255)]
    public string? LoseZone { get; set; }

    /// <summary>Hosts that are added.</summary>
    [NotNull, Items(1, 100)]
    public IReadOnlyList<WhatIfHosts>? Add { get; set; }

    /// <summary>A flavor whose room is counted before and after.</summary>
    [NotNull, Length(1, 255)]
    public string? Flavor { get; set; }
}

/// <summary>Hosts to add.</summary>
public sealed record WhatIfHosts
{
    /// <summary>How many.</summary>
    [Required, Range(1, 10_000)]
    public int Count { get; set; }

    /// <summary>The host that they are like.</summary>
    [Required, Length(1, 255)]
    public string Like { get; set; } = "";

    /// <summary>Their zone; that host's when absent.</summary>
    [NotNull, Length(1, 255)]
    public string? Zone { get; set; }
}

/// <summary>POST /what-if.</summary>
public sealed record WhatIfResponse(WhatIfView WhatIf);

/// <summary>What became of it.</summary>
public sealed record WhatIfView
{
    /// <summary>Hosts that could be chosen before.</summary>
    public required int HostsBefore { get; init; }

    /// <summary>Hosts that could be chosen after.</summary>
    public required int HostsAfter { get; init; }

    /// <summary>Servers that lost their hosts.</summary>
    public required int Displaced { get; init; }

    /// <summary>How many of them found another.</summary>
    public required int Placed { get; init; }

    /// <summary>Where the first thousand went.</summary>
    public required IReadOnlyList<Move> Moves { get; init; }

    /// <summary>The first hundred that found none.</summary>
    public required IReadOnlyList<HomelessView> Homeless { get; init; }

    /// <summary>Room for the flavor before; null when none was asked for.</summary>
    public CapacityView? CapacityBefore { get; init; }

    /// <summary>Room after.</summary>
    public CapacityView? CapacityAfter { get; init; }

    /// <summary>Of a scheduler's answer.</summary>
    public static WhatIfView Of(Outcome outcome) => new()
    {
        HostsBefore = outcome.HostsBefore,
        HostsAfter = outcome.HostsAfter,
        Displaced = outcome.Displaced,
        Placed = outcome.Placed,
        Moves = outcome.Moves,
        Homeless = [.. outcome.Homeless.Select(h => new HomelessView(h.Server, RefusalView.Of(h.Refusals)))],
        CapacityBefore = outcome.Before is { } before ? CapacityView.Of(before) : null,
        CapacityAfter = outcome.After is { } after ? CapacityView.Of(after) : null,
    };
}

/// <summary>A server that found no other host.</summary>
public sealed record HomelessView(Guid Server, IReadOnlyList<RefusalView> Refusals);
