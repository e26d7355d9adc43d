using Nova.Modules.Shared.Http;
using Nova.Modules.Shared.Http.Validation;

namespace Nova.Modules.Servers.Metadata;

/// <summary>POST and PUT /servers/{id}/metadata.</summary>
public sealed record MetadataRequest
{
    /// <summary>Key and value pairs.</summary>
    [Required, Keys(MetadataRules.Names), Length(0, 255)]
    public IReadOnlyDictionary<string, string> Metadata { get; set; } = null!;
}

/// <summary>PUT /servers/{id}/metadata/{key}: exactly one pair, named like the address.</summary>
public sealed record MetadataItemRequest
{
    /// <summary>The pair.</summary>
    [Required, Keys(MetadataRules.Names), Length(0, 255), Items(1, 1)]
    public IReadOnlyDictionary<string, string> Meta { get; set; } = null!;
}

/// <summary>All pairs.</summary>
public sealed record MetadataResponse(IReadOnlyDictionary<string, string> Metadata);

/// <summary>One pair.</summary>
public sealed record MetadataItemResponse(IReadOnlyDictionary<string, string> Meta);
