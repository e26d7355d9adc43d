using Nova.Modules.Identity;
using Nova.Modules.Shared.Database;

namespace Nova.Drivers.Identity.Embedded.ApplicationCredentials;

/// <summary>The tables <c>identity_application_credentials</c> and <c>identity_access_rules</c>.</summary>
internal static class ApplicationCredentialStore
{
    private const string Columns = "id, user_id, project_id, name, description, secret_hash, roles, rules, unrestricted, expires_at, created_at";
    private const string Select = $"SELECT {Columns} FROM identity_application_credentials";
    private const string SelectRules = "SELECT id, service, method, path FROM identity_access_rules";

    public static Task<ApplicationCredential?> Find(Rows rows, string id) => rows.Find<ApplicationCredential>($"{Select} WHERE id = @id", new { id });

    public static Task<ApplicationCredential?> Named(Rows rows, string userId, string name) =>
        rows.Find<ApplicationCredential>($"{Select} WHERE user_id = @userId AND name = @name", new { userId, name });

    public static Task<IReadOnlyList<ApplicationCredential>> OfUser(Rows rows, string userId) =>
        rows.Query<ApplicationCredential>($"{Select} WHERE user_id = @userId ORDER BY name, id", new { userId });

    /// <summary>False when the user has one of that name.</summary>
    public static bool TryInsert(Tx tx, ApplicationCredential credential) => tx.Execute(
        $"""
        INSERT INTO identity_application_credentials ({Columns})
        VALUES (@Id, @UserId, @ProjectId, @Name, @Description, @SecretHash, @Roles, @Rules, @Unrestricted, @ExpiresAt, @CreatedAt)
        ON CONFLICT DO NOTHING
        """,
        credential) == 1;

    public static bool Delete(Tx tx, string id) => tx.Execute("DELETE FROM identity_application_credentials WHERE id = @id", new { id }) == 1;

    /// <summary>Those of a user in a project, because the user lost a role there.</summary>
    public static void DeleteOf(Tx tx, string userId, string projectId) =>
        tx.Execute("DELETE FROM identity_application_credentials WHERE user_id = @userId AND project_id = @projectId", new { userId, projectId });

    public static async Task<IReadOnlyList<AccessRule>> RulesOf(Rows rows, string userId) =>
        await rows.Query<AccessRule>($"{SelectRules} WHERE user_id = @userId ORDER BY service, path, method, id", new { userId });

    /// <summary>The rule with its id: a new one, or the same that the user had before.</summary>
    public static AccessRule Keep(Tx tx, string userId, AccessRule rule)
    {
        tx.Execute(
            "INSERT INTO identity_access_rules (id, user_id, service, method, path) VALUES (@Id, @userId, @Service, @Method, @Path) ON CONFLICT DO NOTHING",
            new { rule.Id, userId, rule.Service, rule.Method, rule.Path });
        return tx.Find<AccessRule>(
            $"{SelectRules} WHERE user_id = @userId AND service = @Service AND method = @Method AND path = @Path", new { userId, rule.Service, rule.Method, rule.Path })!;
    }

    public static void DeleteRule(Tx tx, string id) => tx.Execute("DELETE FROM identity_access_rules WHERE id = @id", new { id });
}
