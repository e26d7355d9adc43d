using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;
using Nova.Modules.Shared.Http.Validation;
using Rules = Nova.Modules.Shared.Http.Validation.Checks;

namespace Nova.Modules.Flavors;

/// <summary>The action addTenantAccess.</summary>
public sealed record AddAccessRequest
{
    /// <summary>Who.</summary>
    [Required, WireName("addTenantAccess")]
    public Tenant Access { get; set; } = null!;
}

/// <summary>The action removeTenantAccess.</summary>
public sealed record RemoveAccessRequest
{
    /// <summary>Who.</summary>
    [Required, WireName("removeTenantAccess")]
    public Tenant Access { get; set; } = null!;
}

/// <summary>A project.</summary>
public sealed record Tenant
{
    /// <summary>Its id.</summary>
    [Required, Length(1, 255), WireName("tenant")]
    public string ProjectId { get; set; } = "";
}

/// <summary>The access list of a private flavor.</summary>
public sealed record FlavorAccessResponse(IReadOnlyList<FlavorAccessView> FlavorAccess);

/// <summary>One project that may use a private flavor.</summary>
public sealed record FlavorAccessView(string FlavorId, [property: WireName("tenant_id")] string ProjectId);

/// <summary>POST /flavors/{id}/os-extra_specs.</summary>
public sealed record CreateExtraSpecsRequest
{
    /// <summary>Added to those that are there.</summary>
    [Required, Keys(ExtraSpec.Names), Length(0, 255)]
    public IReadOnlyDictionary<string, Loose<string>> ExtraSpecs { get; set; } = null!;
}

/// <summary>The answer with extra specs.</summary>
public sealed record ExtraSpecsResponse(IReadOnlyDictionary<string, string> ExtraSpecs);

/// <summary>PUT /flavors/{id}/os-extra_specs/{key}: an object with exactly one member, named like the address.</summary>
public sealed class ExtraSpec : Dictionary<string, Loose<string>>, IWireType
{
    /// <summary>What a name may look like.</summary>
    public const string Names = "^[a-zA-Z0-9-_:. ]{1,255}$";

    /// <inheritdoc />
    public static IReadOnlyList<Check> Checks(Microversion version) =>
    [
        Rules.Type("object"),
        Rules.Values(Names, [Rules.Type("string", "number"), Rules.Length(0, 255)]),
        Rules.Members(1, 1),
    ];
}
