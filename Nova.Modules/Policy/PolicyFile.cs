using YamlDotNet.Core;
using YamlDotNet.Serialization;

namespace Nova.Modules.Policy;

/// <summary>Reads policy.yaml: a flat map from the name of a rule to a check. JSON is YAML, so policy.json works too.</summary>
public static class PolicyFile
{
    /// <summary>The rules of a file.</summary>
    /// <param name="path">Its full path.</param>
    /// <param name="mustExist">False when a file that is not there holds no rules.</param>
    /// <param name="enforceNewDefaults">See <see cref="PolicyOptions.EnforceNewDefaults"/>.</param>
    /// <param name="enforceScope">See <see cref="PolicyOptions.EnforceScope"/>.</param>
    /// <exception cref="PolicyException">The file cannot be read or is not such a map; says where.</exception>
    public static PolicyRules Load(string path, bool mustExist = false, bool enforceNewDefaults = true, bool enforceScope = true)
    {
        if (mustExist && !File.Exists(path))
            throw new PolicyException($"there is no file {path}; policy.file = null uses policy.yaml of the data directory, where it exists.");

        try
        {
            return new(File.Exists(path) ? Parse(File.ReadAllText(path)) : [], enforceNewDefaults, enforceScope);
        }
        catch (YamlException e)
        {
            throw new PolicyException($"{path}, line {e.Start.Line}: not a map of rule names to checks ({e.Message})");
        }
        catch (PolicyException e)
        {
            throw new PolicyException($"{path}: {e.Message}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new PolicyException($"{path} cannot be read: {e.Message}");
        }
    }

    private static Dictionary<string, string> Parse(string text)
    {
        var rules = new DeserializerBuilder().WithDuplicateKeyChecking().Build().Deserialize<Dictionary<string, string?>?>(text) ?? [];
        var unknown = rules.Keys.Where(name => name.Contains(':', StringComparison.Ordinal) && !PolicyRules.IsCurrent(name) && !FormerRules.IsFormerName(name)).ToList();
        if (unknown.Count > 0)
            throw new PolicyException($"there is no rule named {string.Join(", ", unknown)}; docs/policy.md says where the names stand");

        return rules.ToDictionary(r => r.Key, r => r.Value ?? "", StringComparer.Ordinal);
    }
}
