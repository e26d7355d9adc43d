using Nova.Modules.Identity;

namespace Nova.Modules.Shared.Http;

/// <summary>Who may do what: the defaults of <c>policy-defaults</c> under the operator's policy.yaml.</summary>
public interface IPolicy
{
    /// <summary>True when the rule allows the caller to act on the target.</summary>
    bool Allows(Caller caller, string rule, PolicyTarget target);

    /// <summary>True for a rule that exists; a route whose rule does not is a bug that a test finds.</summary>
    bool Knows(string rule);
}

/// <summary>What a rule compares the caller with.</summary>
/// <param name="ProjectId">The project that owns the object, or null.</param>
/// <param name="UserId">The user that owns the object, or null.</param>
/// <param name="DomainId">The domain that owns the object, or null.</param>
public sealed record PolicyTarget(string? ProjectId, string? UserId = null, string? DomainId = null)
{
    /// <summary>What else rules may name of the target, such as <c>target.user.domain_id</c>; null when there is nothing more.</summary>
    public IReadOnlyDictionary<string, string?>? Further { get; init; }

    /// <summary>The caller's own project and user.</summary>
    public static PolicyTarget Of(Caller caller) => new(caller.ProjectId, caller.UserId, caller.DomainId);
}
