using System.Text.Json;
using System.Text.Json.Nodes;
using Nova.Drivers.Embedded;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;

namespace Nova.Drivers.Identity.Embedded;

/// <summary>The options of a domain, project, user or role: a JSON object of known names.</summary>
internal static class ResourceOptions
{
    /// <summary>What refuses changes until it is false again.</summary>
    public const string Immutable = "immutable";

    /// <summary>A user who may not change the own password.</summary>
    public const string LockPassword = "lock_password";

    /// <summary>A user for whom <see cref="MultiFactorRules"/> count.</summary>
    public const string MultiFactor = "multi_factor_auth_enabled";

    /// <summary>Lists of authentication methods; a login needs all of one of them.</summary>
    public const string MultiFactorRules = "multi_factor_auth_rules";

    private static readonly string[] OfUsers =
    [
        "ignore_change_password_upon_first_use", "ignore_password_expiry", "ignore_lockout_failure_attempts", "ignore_user_inactivity",
        LockPassword, MultiFactor,
    ];

    /// <summary>The options after a request, for what has <see cref="Immutable"/> alone.</summary>
    /// <exception cref="Fault">400: an unknown option, or one of the wrong type.</exception>
    public static string Merge(string old, JsonBody body, ApiSurface surface) => Merge(old, body, surface, [Immutable], hasRules: false);

    /// <summary>The options of a user after a request.</summary>
    /// <exception cref="Fault">400: an unknown option, or one of the wrong type.</exception>
    public static string MergeUser(string old, JsonBody body, ApiSurface surface) => Merge(old, body, surface, OfUsers, hasRules: true);

    /// <summary>True when the option is set.</summary>
    public static bool Has(string options, string name) => Parse(options)[name] is JsonValue value && value.GetValueKind() == JsonValueKind.True;

    /// <summary>The options as they are written in answers.</summary>
    public static JsonObject Parse(string options) => JsonNode.Parse(options)!.AsObject();

    /// <summary>True when the methods of a login suffice for the user.</summary>
    public static bool SufficesFor(string options, IReadOnlyCollection<string> methods) =>
        !Has(options, MultiFactor) || Parse(options)[MultiFactorRules] is not JsonArray { Count: > 0 } rules
        || rules.OfType<JsonArray>().Any(rule => rule.Count > 0 && rule.All(method => methods.Contains(method!.GetValue<string>())));

    /// <summary>Refuses a change of what is immutable, but for the change that ends that.</summary>
    /// <exception cref="Fault">403.</exception>
    public static void RefuseUpdate(string kind, string id, string old, string now)
    {
        if (Has(old, Immutable) && Has(now, Immutable))
            throw Fault.Forbidden($"Unable to update immutable {kind} resource: `{id}. Set resource option \"immutable\" to false first.");
    }

    /// <summary>Refuses the removal of what is immutable.</summary>
    /// <exception cref="Fault">403.</exception>
    public static void RefuseDelete(string kind, string id, string options)
    {
        if (Has(options, Immutable))
            throw Fault.Forbidden($"Unable to delete immutable {kind} resource: `{id}. Set resource option \"immutable\" to false first.");
    }

    private static string Merge(string old, JsonBody body, ApiSurface surface, string[] flags, bool hasRules)
    {
        if (body.Find("options") is not { } sent)
            return old;

        var options = Parse(old);
        foreach (var member in sent.Element.EnumerateObject())
        {
            if (hasRules && member.Name == MultiFactorRules)
                Set(options, member.Name, sent.IsNull(member.Name) ? null : Rules(member.Value, surface));
            else if (flags.Contains(member.Name))
                Set(options, member.Name, sent.Bool(member.Name) is { } flag ? JsonValue.Create(flag) : null);
            else
                throw surface.BadBody($"Invalid input for field 'options': Additional properties are not allowed ('{IdentityWire.Short(member.Name)}' was unexpected)");
        }

        return options.ToJsonString();
    }

    private static void Set(JsonObject options, string name, JsonNode? value)
    {
        if (value is null)
            options.Remove(name);
        else
            options[name] = value;
    }

    private static JsonArray Rules(JsonElement value, ApiSurface surface)
    {
        var isRight = value.ValueKind == JsonValueKind.Array && value.GetArrayLength() <= 32 && value.EnumerateArray().All(rule =>
            rule.ValueKind == JsonValueKind.Array && rule.GetArrayLength() is > 0 and <= 8
            && rule.EnumerateArray().All(method => method.ValueKind == JsonValueKind.String && method.GetRawText().Length <= 64));
        return isRight ? JsonNode.Parse(value.GetRawText())!.AsArray() : throw surface.BadBody($"Invalid input for field 'options/{MultiFactorRules}': it must be a list of lists of methods.");
    }
}
