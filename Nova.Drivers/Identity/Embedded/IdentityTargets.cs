using Nova.Modules.Shared.Http;

namespace Nova.Drivers.Identity.Embedded;

/// <summary>What the rules of identity compare a caller with.</summary>
internal static class IdentityTargets
{
    /// <summary>Something of a domain; null when it does not exist, so that only those pass who may do it everywhere.</summary>
    public static PolicyTarget OfDomain(string? domainId) => new(null, null, domainId);

    /// <summary>A project.</summary>
    public static PolicyTarget OfProject(string? projectId, string? domainId) => new(projectId, null, domainId);

    /// <summary>What belongs to a user.</summary>
    public static PolicyTarget OfUser(string? userId, string? domainId = null) => new(null, userId, domainId);

    /// <summary>A list, of which a token of a domain sees that domain's part.</summary>
    public static PolicyTarget OfList(RequestContext caller) => new(null, null, caller.Caller.DomainId);

    /// <summary>A target with more to name.</summary>
    public static PolicyTarget With(this PolicyTarget target, params ReadOnlySpan<(string Name, string? Value)> further)
    {
        var named = new Dictionary<string, string?>();
        foreach (var (name, value) in further)
            named[name] = value;
        return target with { Further = named };
    }

    /// <summary>True for what a list may show to the caller: all of it, or what belongs to the domain of the token.</summary>
    public static bool Sees(this RequestContext caller, string domainId) => caller.Caller.DomainId is not { } own || own == domainId;
}
