using System.Collections.Frozen;
using Nova.Modules.Identity;
using Nova.Modules.Shared.Http;

namespace Nova.Modules.Policy;

/// <summary>The defaults under the operator's policy.yaml, compiled.</summary>
public sealed class PolicyRules : IPolicy
{
    private static readonly PolicyDefault[] All = 
    [
        .. PolicyDefaults.Base, .. PolicyDefaults.Compute, .. PlacementPolicyDefaults.All, .. IdentityPolicyDefaults.All, .. NovaHostPolicyDefaults.All,
    ];

    private static readonly FrozenDictionary<string, PolicyScopes> Scopes = All.ToFrozenDictionary(d => d.Name, d => d.Scopes, StringComparer.Ordinal);

    private readonly FrozenDictionary<string, PolicyCheck> _rules;
    private readonly bool _enforceScope;

    /// <summary>The defaults alone.</summary>
    public PolicyRules()
        : this(new Dictionary<string, string>())
    {
    }

    /// <summary>The defaults, changed by overrides.</summary>
    /// <param name="overrides">Checks by the name of the rule, which may be a former one.</param>
    /// <param name="enforceNewDefaults">False lets pass whom a rule's former default let pass, where the rule is not overridden.</param>
    /// <param name="enforceScope">False looks at the checks alone, whatever the token is scoped to.</param>
    /// <exception cref="PolicyException">Names every override that cannot be used.</exception>
    public PolicyRules(IReadOnlyDictionary<string, string> overrides, bool enforceNewDefaults = true, bool enforceScope = true)
    {
        _enforceScope = enforceScope;
        var rules = All.ToDictionary(d => d.Name, d => DefaultOf(d, overrides, enforceNewDefaults), StringComparer.Ordinal);
        foreach (var (name, check) in overrides)
            rules[name] = check;
        _rules = Compile(rules);
        Remarks = [.. overrides.Keys.Where(name => !IsCurrent(name)).Order(StringComparer.Ordinal).Select(name => Remark(name, rules)).OfType<string>()];
    }

    /// <summary>Every rule with its default.</summary>
    public static IEnumerable<PolicyDefault> Defaults => All;

    /// <summary>What works and should be written otherwise, a sentence each.</summary>
    public IReadOnlyList<string> Remarks { get; }

    /// <inheritdoc />
    public bool Allows(Caller caller, string rule, PolicyTarget target)
    {
        // A token of a project, or of nothing, is in the scope of every rule.
        if (_enforceScope && (caller.SystemScope || caller.DomainId is not null) && !IsInScope(caller, rule))
            return false;

        return new PolicyQuestion(caller, target, _rules).Ask(rule);
    }

    /// <inheritdoc />
    public bool Knows(string rule) => _rules.ContainsKey(rule);

    // Rules of the operator's own are for everybody.
    private static bool IsInScope(Caller caller, string rule) =>
        !Scopes.TryGetValue(rule, out var scopes) || scopes.HasFlag(caller.SystemScope ? PolicyScopes.System : PolicyScopes.Domain);

    /// <summary>True for the name of a rule of today.</summary>
    internal static bool IsCurrent(string name) => Array.Exists(All, d => d.Name == name);

    private static string? Remark(string name, Dictionary<string, string> rules)
    {
        if (FormerRules.IsFormerName(name))
            return $"{name} is a former name, and stands for {string.Join(", ", FormerRules.Successors(name))}; write those instead";

        return rules.Keys.Any(other => References(rules, other).Contains(name)) ? null : $"{name} changes nothing: no rule refers to it";
    }

    // As oslo.policy: an override of the former name goes for the rule, unless it only points to the rule itself.
    private static string DefaultOf(PolicyDefault rule, IReadOnlyDictionary<string, string> overrides, bool enforceNewDefaults)
    {
        if (overrides.ContainsKey(rule.Name) || FormerRules.Of(rule.Name) is not { } former)
            return rule.Check;
        if (former.Name is not null && overrides.TryGetValue(former.Name, out var check) && check.Trim() != $"rule:{rule.Name}")
            return check;

        return enforceNewDefaults || former.Check == rule.Check ? rule.Check : $"({rule.Check}) or ({former.Check})";
    }

    private static FrozenDictionary<string, PolicyCheck> Compile(Dictionary<string, string> rules)
    {
        var compiled = new Dictionary<string, PolicyCheck>(StringComparer.Ordinal);
        var problems = new List<string>();
        foreach (var (name, check) in rules)
        {
            try
            {
                compiled[name] = PolicyParser.Compile(check.Trim());
            }
            catch (FormatException e)
            {
                problems.Add($"{name}: {e.Message}");
            }
        }

        problems.AddRange(Loops(rules));
        return problems.Count == 0 ? compiled.ToFrozenDictionary(StringComparer.Ordinal) : throw new PolicyException(string.Join(Environment.NewLine, problems));
    }

    // A rule that reaches itself would never be answered.
    private static IEnumerable<string> Loops(Dictionary<string, string> rules)
    {
        foreach (var name in rules.Keys)
        {
            var seen = new HashSet<string>(StringComparer.Ordinal);
            var open = new Queue<string>(References(rules, name));
            while (open.TryDequeue(out var next))
                if (seen.Add(next))
                    foreach (var further in References(rules, next))
                        open.Enqueue(further);

            if (seen.Contains(name))
                yield return $"{name}: the rule refers to itself.";
        }
    }

    private static IEnumerable<string> References(Dictionary<string, string> rules, string name)
    {
        if (!rules.TryGetValue(name, out var check))
            yield break;

        foreach (var word in check.Split([' ', '(', ')'], StringSplitOptions.RemoveEmptyEntries))
        {
            if (word.StartsWith("rule:", StringComparison.Ordinal))
                yield return word["rule:".Length..];
            else if (word.StartsWith("is_admin:", StringComparison.Ordinal))
                yield return "context_is_admin";
        }
    }
}

/// <summary>policy.yaml cannot be used; the message says every reason.</summary>
public sealed class PolicyException(string message) : Exception(message);
