using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;
using Db = Nova.Modules.Shared.Database.Database;

namespace Nova.Drivers.Network.Embedded;

/// <summary>The default security group of each project, made at its first use.</summary>
public sealed class DefaultGroups(Db database, PictureCache pictures, TimeProvider time, Ids ids)
{
    /// <summary>The project's default group; from memory once it exists.</summary>
    public async ValueTask<Guid> Ensure(string projectId, CancellationToken ct) =>
        (await pictures.Get(ct)).DefaultGroup(projectId) ?? await database.Write(tx => Ensure(tx, projectId), ct);

    /// <summary>The project's default group, inside a transaction.</summary>
    public Guid Ensure(Tx tx, string projectId)
    {
        if (Find(tx, projectId) is { } known)
            return known;

        var group = new SecurityGroupRow
        {
            Id = ids.Next(),
            ProjectId = projectId,
            Name = "default",
            Description = "Default security group",
            IsDefault = true,
            Revision = 1,
            CreatedAt = Now(),
            UpdatedAt = Now(),
        };
        if (!SecurityGroupStore.TryInsert(tx, group))
            return Find(tx, projectId)!.Value;

        foreach (var rule in SecurityGroupStore.DefaultRules(group, ids, withIngress: true))
            SecurityGroupStore.Insert(tx, rule);
        pictures.Changed(tx);
        return group.Id;
    }

    private static Guid? Find(Tx tx, string projectId) =>
        tx.One<Guid?>("SELECT id FROM security_groups WHERE project_id = $1 AND is_default", row => row.Uuid(0), projectId);

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();
}
