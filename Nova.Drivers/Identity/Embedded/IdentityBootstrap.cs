using System.Buffers.Text;
using System.Security.Cryptography;
using Nova.Drivers.Identity.Embedded.Catalog;
using Nova.Drivers.Identity.Embedded.Domains;
using Nova.Drivers.Identity.Embedded.Projects;
using Nova.Drivers.Identity.Embedded.Roles;
using Nova.Drivers.Identity.Embedded.Tokens;
using Nova.Drivers.Identity.Embedded.Users;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;
using Db = Nova.Modules.Shared.Database.Database;

namespace Nova.Drivers.Identity.Embedded;

/// <summary>What the first start made; the host program writes it into openrc files that only the owner reads.</summary>
/// <param name="AdminPassword">Of user admin, project admin.</param>
/// <param name="DemoPassword">Of user demo, project demo.</param>
public sealed record FirstPasswords(Secret AdminPassword, Secret DemoPassword);

/// <summary>Makes the key, the default domain, the catalog, the roles, and the first users and projects.</summary>
public sealed class IdentityBootstrap(Db database, TokenKeys keys, Passwords passwords, ServiceCatalog catalog, TimeProvider time, Ids ids)
{
    private const int PasswordBytes = 18;

    /// <summary>There is a key and an admin. Returns the passwords when this call made the users, else null.</summary>
    public async Task<FirstPasswords?> Run(CancellationToken ct)
    {
        await keys.Ensure(ct);
        await database.Write(
            tx =>
            {
                DomainStore.TryInsert(tx, new() { Id = Domain.Default, Name = "Default", Description = "The default domain", CreatedAt = Now() });
                catalog.AddOwn(tx, Now());
                tx.AfterCommit(catalog.Forget);
            },
            ct);
        if (await database.Read(rows => rows.Value<long>("SELECT count(*) FROM identity_users"), ct) > 0)
            return null;

        var made = new FirstPasswords(RandomPassword(), RandomPassword());
        var hashes = await Task.WhenAll(
            passwords.Hash(made.AdminPassword.Reveal, ct), passwords.Hash(made.DemoPassword.Reveal, ct));
        return await database.Write(tx => Make(tx, hashes[0], hashes[1]), ct) ? made : null;
    }

    // False when another process was first.
    private bool Make(Tx tx, string adminHash, string demoHash)
    {
        if (tx.Find<long>("SELECT count(*) FROM identity_users") > 0)
            return false;

        var roles = new[] { "reader", "member", "manager", "admin", "service" }.ToDictionary(name => name, name => NewRole(tx, name));
        RoleStore.Imply(tx, roles["member"], roles["reader"]);
        RoleStore.Imply(tx, roles["manager"], roles["member"]);
        RoleStore.Imply(tx, roles["admin"], roles["manager"]);

        var (adminProject, demoProject) = (NewProject(tx, "admin", "Operators of this cloud"), NewProject(tx, "demo", "An ordinary project"));
        var (admin, demo) = (NewUser(tx, "admin", adminHash, adminProject), NewUser(tx, "demo", demoHash, demoProject));
        foreach (var (kind, id) in (ReadOnlySpan<(string, string)>)[("project", adminProject), ("project", demoProject), ("domain", Domain.Default), ("system", "all")])
            AssignmentStore.Assign(tx, new() { UserId = admin, ScopeKind = kind, ScopeId = id, RoleId = roles["admin"] });
        AssignmentStore.Assign(tx, new() { UserId = demo, ScopeKind = "project", ScopeId = demoProject, RoleId = roles["member"] });
        return true;
    }

    private string NewRole(Tx tx, string name)
    {
        var role = new Role { Id = ids.Next().ToString("N"), Name = name };
        RoleStore.TryInsert(tx, role);
        return role.Id;
    }

    private string NewProject(Tx tx, string name, string description)
    {
        var project = new Project { Id = ids.Next().ToString("N"), Name = name, Description = description, CreatedAt = Now() };
        ProjectStore.TryInsert(tx, project);
        return project.Id;
    }

    private string NewUser(Tx tx, string name, string hash, string projectId)
    {
        var user = new User { Id = ids.Next().ToString("N"), Name = name, PasswordHash = hash, DefaultProjectId = projectId, CreatedAt = Now() };
        UserStore.TryInsert(tx, user);
        return user.Id;
    }

    private static Secret RandomPassword() => new(Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(PasswordBytes)));

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();
}
