using Nova.Drivers.Embedded;
using Nova.Modules.Identity;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;
using Db = Nova.Modules.Shared.Database.Database;

namespace Nova.Drivers.Identity.Embedded;

/// <summary>Projects and users: who may change them, and what else then has to happen.</summary>
public sealed class IdentityService(Db database, Revocations revocations, Passwords passwords, IdentitySettings settings, TimeProvider time, Ids ids)
{
    /// <summary>A project that the caller may see.</summary>
    public async Task<ProjectRow> Project(Caller caller, string id, CancellationToken ct)
    {
        var project = await database.Read(rows => IdentityStore.Project(rows, id), ct);
        if (!caller.HasRole("admin") && caller.ProjectId != id && !await HasRoleIn(caller, id, ct))
            throw IdentitySurface.NotAllowed("identity:get_project");
        return project ?? throw Fault.NotFound($"Could not find project: {id}.");
    }

    /// <summary>A new project.</summary>
    public async Task<ProjectRow> CreateProject(Caller caller, JsonBody body, CancellationToken ct)
    {
        RequireAdmin(caller, "identity:create_project");
        var project = new ProjectRow
        {
            Id = ids.Next().ToString("N"),
            Name = body.Required("name", 64),
            Description = body.Text("description", 65_535) ?? "",
            Enabled = body.Bool("enabled") ?? true,
            Tags = Json(body.Texts("tags") ?? []),
            CreatedAt = Now(),
        };
        return await database.Write(tx => IdentityStore.TryInsert(tx, project), ct) ? project : throw Duplicate("project", project.Name);
    }

    /// <summary>Changes what the body names.</summary>
    public async Task<ProjectRow> UpdateProject(Caller caller, string id, JsonBody body, CancellationToken ct)
    {
        RequireAdmin(caller, "identity:update_project");
        var old = await Project(caller, id, ct);
        var project = old with
        {
            Name = body.Text("name", 64) ?? old.Name,
            Description = body.Text("description", 65_535) ?? old.Description,
            Enabled = body.Bool("enabled") ?? old.Enabled,
            Tags = body.Texts("tags") is { } tags ? Json(tags) : old.Tags,
        };
        await Change(
            tx =>
            {
                IdentityStore.Update(tx, project);
                if (!project.Enabled)
                    revocations.Project(tx, id, TokensEnd());
            },
            "project", project.Name, ct);
        return project;
    }

    /// <summary>The project and its assignments are gone, its tokens end.</summary>
    public async Task DeleteProject(Caller caller, string id, CancellationToken ct)
    {
        RequireAdmin(caller, "identity:delete_project");
        var deleted = await database.Write(
            tx =>
            {
                revocations.Project(tx, id, TokensEnd());
                return IdentityStore.DeleteProject(tx, id);
            },
            ct);
        if (!deleted)
            throw Fault.NotFound($"Could not find project: {id}.");
    }

    /// <summary>A user that the caller may see.</summary>
    public async Task<UserRow> User(Caller caller, string id, CancellationToken ct)
    {
        if (caller.UserId != id)
            RequireAdmin(caller, "identity:get_user");
        return await database.Read(rows => IdentityStore.User(rows, id), ct) ?? throw Fault.NotFound($"Could not find user: {id}.");
    }

    /// <summary>A new user.</summary>
    public async Task<UserRow> CreateUser(Caller caller, JsonBody body, CancellationToken ct)
    {
        RequireAdmin(caller, "identity:create_user");
        var user = new UserRow
        {
            Id = ids.Next().ToString("N"),
            Name = body.Required("name"),
            Description = body.Text("description", 65_535),
            Email = body.Text("email"),
            Enabled = body.Bool("enabled") ?? true,
            DefaultProjectId = body.Text("default_project_id"),
            PasswordHash = body.Text("password", 4096) is { } password ? passwords.Hash(password) : null,
            CreatedAt = Now(),
        };
        return await database.Write(tx => IdentityStore.TryInsert(tx, user), ct) ? user : throw Duplicate("user", user.Name);
    }

    /// <summary>Changes what the body names; a new password or a disabled user ends all tokens.</summary>
    public async Task<UserRow> UpdateUser(Caller caller, string id, JsonBody body, CancellationToken ct)
    {
        RequireAdmin(caller, "identity:update_user");
        var old = await User(caller, id, ct);
        var user = old with
        {
            Name = body.Text("name") ?? old.Name,
            Description = body.Has("description") ? body.Text("description", 65_535) : old.Description,
            Email = body.Has("email") ? body.Text("email") : old.Email,
            Enabled = body.Bool("enabled") ?? old.Enabled,
            DefaultProjectId = body.Has("default_project_id") ? body.Text("default_project_id") : old.DefaultProjectId,
            PasswordHash = body.Text("password", 4096) is { } password ? passwords.Hash(password) : old.PasswordHash,
        };
        await Change(
            tx =>
            {
                IdentityStore.Update(tx, user);
                if (!user.Enabled || user.PasswordHash != old.PasswordHash)
                    revocations.User(tx, id, TokensEnd());
            },
            "user", user.Name, ct);
        return user;
    }

    /// <summary>The user with all assignments is gone, its tokens end.</summary>
    public async Task DeleteUser(Caller caller, string id, CancellationToken ct)
    {
        RequireAdmin(caller, "identity:delete_user");
        var deleted = await database.Write(
            tx =>
            {
                revocations.User(tx, id, TokensEnd());
                return IdentityStore.DeleteUser(tx, id);
            },
            ct);
        if (!deleted)
            throw Fault.NotFound($"Could not find user: {id}.");
    }

    /// <summary>A user changes the own password by telling the old one; all tokens of the user end.</summary>
    public async Task ChangePassword(string id, string address, JsonBody body, CancellationToken ct)
    {
        var original = body.Required("original_password", 4096);
        var password = body.Required("password", 4096);
        var user = await database.Read(rows => IdentityStore.User(rows, id), ct);
        if (!await passwords.Check(id, address, user?.PasswordHash, original, ct) || user is not { Enabled: true })
            throw IdentitySurface.LoginFailed();

        var changed = user with { PasswordHash = passwords.Hash(password) };
        await database.Write(
            tx =>
            {
                IdentityStore.Update(tx, changed);
                revocations.User(tx, id, TokensEnd());
            },
            ct);
    }

    /// <summary>Throws the 403 of a caller who is no admin.</summary>
    public static void RequireAdmin(Caller caller, string action)
    {
        if (!caller.HasRole("admin"))
            throw IdentitySurface.NotAllowed(action);
    }

    private async Task Change(Action<Tx> change, string what, string name, CancellationToken ct)
    {
        try
        {
            await database.Write(change, ct);
        }
        catch (System.Data.Common.DbException e) when (database.Dialect.IsUniqueViolation(e))
        {
            throw Duplicate(what, name);
        }
    }

    private async Task<bool> HasRoleIn(Caller caller, string projectId, CancellationToken ct) =>
        (await database.Read(rows => IdentityStore.AssignmentsOf(rows, caller.UserId), ct)).Any(a => a.ScopeKind == "project" && a.ScopeId == projectId);

    private static Fault Duplicate(string what, string name) =>
        Fault.Conflict($"Conflict occurred attempting to store {what} - it is not permitted to have two {what}s with the same name in the same domain: {name}.");

    private static string Json(IReadOnlyList<string> tags) => System.Text.Json.JsonSerializer.Serialize(tags);

    // No token that is valid now lives longer than this.
    private long TokensEnd() => Now() + settings.TokenSeconds * 1000L;

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();
}
