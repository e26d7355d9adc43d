using System.Text.Json;
using System.Text.Json.Serialization;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;
using Nova.Modules.Shared.Http.Validation;
using Rules = Nova.Modules.Shared.Http.Validation.Checks;

namespace Nova.Modules.NetworkProxy;

/// <summary>POST /os-floating-ips; the body may be null.</summary>
[JsonConverter(typeof(FloatingRequestConverter))]
public sealed record FloatingRequest(string? Pool) : IWireType
{
    /// <inheritdoc />
    public static IReadOnlyList<Check> Checks(Microversion version) => [Rules.Type("object", "null"), Rules.Properties([new("pool", [Rules.Type("string", "null")])])];
}

/// <summary>Reads a body that may be null.</summary>
public sealed class FloatingRequestConverter : JsonConverter<FloatingRequest>
{
    /// <inheritdoc />
    public override bool HandleNull => true;

    /// <inheritdoc />
    public override FloatingRequest Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var body = JsonDocument.ParseValue(ref reader);
        return new(body.RootElement.ValueKind == JsonValueKind.Object && body.RootElement.TryGetProperty("pool", out var pool) ? pool.GetString() : null);
    }

    /// <inheritdoc />
    public override void Write(Utf8JsonWriter writer, FloatingRequest value, JsonSerializerOptions options) => throw new NotSupportedException("Requests are only read.");
}

/// <summary>The query of the list of security groups.</summary>
public sealed record GroupQuery
{
    /// <summary>The most items.</summary>
    [Pattern("^[0-9]*$"), Range(0), Length(1)]
    public Loose<int>? Limit { get; set; }

    /// <summary>How many to leave out.</summary>
    [Pattern("^[0-9]*$"), Range(0), Length(1)]
    public Loose<int>? Offset { get; set; }

    /// <summary>Those of all projects, for administrators.</summary>
    public string? AllTenants { get; set; }
}

/// <summary>POST and PUT of a security group.</summary>
[Open]
public sealed record GroupRequest
{
    /// <summary>The group.</summary>
    [Required]
    public GroupMembers SecurityGroup { get; set; } = null!;
}

/// <summary>What of a group may be said.</summary>
[Open]
public sealed record GroupMembers
{
    /// <summary>Its name.</summary>
    [Required, Length(0, 255)]
    public string Name { get; set; } = "";

    /// <summary>Words for people.</summary>
    [Required, Length(0, 255)]
    public string Description { get; set; } = "";
}

/// <summary>POST /os-security-group-rules.</summary>
[Open]
public sealed record GroupRuleRequest
{
    /// <summary>The rule.</summary>
    [Required]
    public NewGroupRule SecurityGroupRule { get; set; } = null!;
}

/// <summary>A rule to be made; ports and protocol may be numbers or texts.</summary>
[Open]
public sealed record NewGroupRule
{
    /// <summary>Peers are the ports of this group.</summary>
    [Format("uuid")]
    public string? GroupId { get; set; }

    /// <summary>The rule's group.</summary>
    [Required, Format("uuid")]
    public string ParentGroupId { get; set; } = "";

    /// <summary>The last port, or the ICMP code.</summary>
    public JsonElement ToPort { get; set; }

    /// <summary>The first port, or the ICMP type.</summary>
    public JsonElement FromPort { get; set; }

    /// <summary>tcp, udp or icmp.</summary>
    public JsonElement IpProtocol { get; set; }

    /// <summary>Peers are in this prefix.</summary>
    public JsonElement Cidr { get; set; }
}

/// <summary>GET /os-security-groups.</summary>
public sealed record GroupListResponse(IReadOnlyList<GroupView> SecurityGroups);

/// <summary>One security group.</summary>
public sealed record GroupResponse(GroupView SecurityGroup);

/// <summary>One rule.</summary>
public sealed record GroupRuleResponse(GroupRuleView SecurityGroupRule);

/// <summary>A security group.</summary>
public sealed record GroupView(Guid Id, string Name, string Description, string TenantId, IReadOnlyList<GroupRuleView> Rules);

/// <summary>A rule.</summary>
public sealed record GroupRuleView
{
    /// <summary>Its id.</summary>
    public required Guid Id { get; init; }

    /// <summary>Its group.</summary>
    public required Guid ParentGroupId { get; init; }

    /// <summary>Upper case; null for any.</summary>
    public required string? IpProtocol { get; init; }

    /// <summary>The first port; -1 for any.</summary>
    public required int? FromPort { get; init; }

    /// <summary>The last port; -1 for any.</summary>
    public required int? ToPort { get; init; }

    /// <summary>The group of the peers, or an empty object.</summary>
    public required IReadOnlyDictionary<string, string> Group { get; init; }

    /// <summary>The prefix of the peers, or an empty object.</summary>
    public required IReadOnlyDictionary<string, string> IpRange { get; init; }
}
