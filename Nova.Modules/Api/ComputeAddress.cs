using Microsoft.AspNetCore.Http;

namespace Nova.Modules.Api;

/// <summary>How the client spelled the address of a Compute request: routes know only <c>/v2.1/…</c>, links repeat the client's form.</summary>
/// <param name="Tree"><c>v2.1</c>, or <c>v2</c> for the tree without microversions.</param>
/// <param name="ProjectId">The project in the address, or null.</param>
public sealed record ComputeAddress(string Tree, string? ProjectId)
{
    /// <summary>True for the tree without microversions, which drops unknown members.</summary>
    public bool IsLegacy => Tree == "v2";

    /// <summary>The address of a request that <see cref="ComputePaths"/> has seen.</summary>
    public static ComputeAddress Of(HttpContext http) => http.Features.Get<ComputeAddress>() ?? Plain;

    private static readonly ComputeAddress Plain = new("v2.1", null);
}
