using Nova.Modules.Shared.Database;

namespace Nova.Drivers.Network.Embedded.Qos;

/// <summary>A row of <c>qos_policies</c>.</summary>
public sealed record QosPolicyRow
{
    /// <summary>The id.</summary>
    public Guid Id { get; init; }

    /// <summary>The owner.</summary>
    public string ProjectId { get; init; } = "";

    /// <summary>Not unique.</summary>
    public string Name { get; init; } = "";

    /// <summary>Free text.</summary>
    public string Description { get; init; } = "";

    /// <summary>Every project may use it.</summary>
    public bool Shared { get; init; }

    /// <summary>Rises with each change.</summary>
    public long Revision { get; init; }

    /// <summary>Milliseconds since 1970 UTC.</summary>
    public long CreatedAt { get; init; }

    /// <summary>Milliseconds since 1970 UTC.</summary>
    public long UpdatedAt { get; init; }
}

/// <summary>A row of <c>qos_rules</c>.</summary>
public sealed record QosRuleRow
{
    /// <summary>The id.</summary>
    public Guid Id { get; init; }

    /// <summary>The policy.</summary>
    public Guid PolicyId { get; init; }

    /// <summary>One of <see cref="QosKind.All"/>.</summary>
    public string Kind { get; init; } = "";

    /// <summary>egress, ingress; or any, for packets alone.</summary>
    public string Direction { get; init; } = "";

    /// <summary>Kilobits or kilopackets per second.</summary>
    public long Amount { get; init; }
}

/// <summary>A kind of rule.</summary>
/// <param name="Name">As stored and listed.</param>
/// <param name="Member">What the amount is called on the wire.</param>
/// <param name="Directions">Which it may have.</param>
internal sealed record QosKind(string Name, string Member, IReadOnlyList<string> Directions)
{
    public static readonly QosKind Bandwidth = new("minimum_bandwidth", "min_kbps", ["egress", "ingress"]);

    public static readonly QosKind Packets = new("minimum_packet_rate", "min_kpps", ["egress", "ingress", "any"]);

    public static IReadOnlyList<QosKind> All => [Bandwidth, Packets];
}

/// <summary>The rows of policies and rules.</summary>
internal static class QosStore
{
    private const string Rules = "SELECT id, policy_id, kind, direction, amount FROM qos_rules WHERE policy_id = @policy ORDER BY id";

    public static Task<IReadOnlyList<QosRuleRow>> RulesOf(Rows rows, Guid policy) => rows.Query<QosRuleRow>(Rules, new { policy });

    public static IReadOnlyList<QosRuleRow> RulesOf(Tx tx, Guid policy) => [.. tx.Query<QosRuleRow>(Rules, new { policy })];

    public static bool IsBound(Tx tx, Guid policy) =>
        tx.Find<long>("SELECT count(*) FROM ports WHERE qos_policy_id = @policy AND device_id <> ''", new { policy }) > 0;
}
