using Nova.Modules.Identity;
using Nova.Modules.Shared.Http;

namespace Nova.Modules.Policy;

/// <summary>Whom a compiled check is asked about.</summary>
/// <param name="Caller">Who asks.</param>
/// <param name="Target">What the caller wants to act on.</param>
/// <param name="Rules">The other rules, for <c>rule:NAME</c>.</param>
internal readonly record struct PolicyQuestion(Caller Caller, PolicyTarget Target, IReadOnlyDictionary<string, PolicyCheck> Rules)
{
    /// <summary>True when the rule says so; a rule that does not exist refuses.</summary>
    public bool Ask(string rule) => Rules.TryGetValue(rule, out var check) && check(this);
}

/// <summary>A compiled rule.</summary>
internal delegate bool PolicyCheck(in PolicyQuestion question);
