using Nova.Drivers.Identity.Embedded.ApplicationCredentials;
using Nova.Drivers.Identity.Embedded.Roles;

namespace Nova.Drivers.Identity.Embedded.Tokens;

/// <summary>What services and clients are told of a token.</summary>
internal static class TokenDocument
{
    public static Dictionary<string, object?> Of(
        TokenClaims claims, IReadOnlyList<Role> roles, IReadOnlyDictionary<string, string> domains, ApplicationCredential? credential)
    {
        var token = new Dictionary<string, object?>
        {
            ["methods"] = claims.M,
            ["user"] = new { id = claims.U, name = claims.N, domain = Domain(claims.UD), password_expires_at = (string?)null },
            ["audit_ids"] = claims.A,
            ["expires_at"] = IdentityWire.Time(claims.E),
            ["issued_at"] = IdentityWire.Time(claims.F),
        };
        if (claims.S == "project")
        {
            token["project"] = new { id = claims.I, name = claims.P, domain = Domain(claims.PD ?? Domains.Domain.Default) };
            token["is_domain"] = false;
        }
        else if (claims.S == "domain")
        {
            token["domain"] = Domain(claims.I);
        }
        else if (claims.S == "system")
        {
            token["system"] = new { all = true };
        }

        if (claims.S.Length > 0)
            token["roles"] = roles.Where(r => r.DomainId is null && claims.R.Contains(r.Name)).Select(r => new { id = r.Id, name = r.Name });
        if (credential is not null)
            token["application_credential"] = Of(credential);
        return token;

        object Domain(string id) => new { id, name = domains.GetValueOrDefault(id) ?? "" };
    }

    private static Dictionary<string, object> Of(ApplicationCredential credential)
    {
        var view = new Dictionary<string, object> { ["id"] = credential.Id, ["name"] = credential.Name, ["restricted"] = !credential.Unrestricted };
        if (credential.AccessRules is { } rules)
            view["access_rules"] = rules.Select(r => new { id = r.Id, service = r.Service, method = r.Method, path = r.Path });
        return view;
    }
}
