using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;

namespace Nova.Drivers.Network.Embedded;

/// <summary>The rows of security groups and their rules.</summary>
internal static class SecurityGroupStore
{
    /// <summary>False when the project already has a default group and this would be a second.</summary>
    public static bool TryInsert(Tx tx, SecurityGroupRow group) =>
        tx.Execute(
            """
            INSERT INTO security_groups (id, project_id, name, description, is_default, stateful, tags, revision, created_at, updated_at)
            VALUES (@Id, @ProjectId, @Name, @Description, @IsDefault, @Stateful, @Tags, @Revision, @CreatedAt, @UpdatedAt)
            ON CONFLICT DO NOTHING
            """,
            group) == 1;

    public static void Insert(Tx tx, SecurityGroupRuleRow rule) =>
        tx.Execute(
            """
            INSERT INTO security_group_rules (id, group_id, project_id, ingress, v6, protocol, port_min, port_max, remote_group_id, remote_prefix, description, created_at)
            VALUES (@Id, @GroupId, @ProjectId, @Ingress, @V6, @Protocol, @PortMin, @PortMax, @RemoteGroupId, @RemotePrefix, @Description, @CreatedAt)
            """,
            rule);

    public static void Update(Tx tx, SecurityGroupRow group) =>
        tx.Execute(
            """
            UPDATE security_groups SET name = @Name, description = @Description, stateful = @Stateful, tags = @Tags, revision = @Revision, updated_at = @UpdatedAt
            WHERE id = @Id
            """,
            group);

    /// <summary>The groups whose rules name a group.</summary>
    public static IReadOnlyList<Guid> Naming(Tx tx, Guid group) =>
        tx.Query<Guid>("SELECT DISTINCT group_id FROM security_group_rules WHERE remote_group_id = @group AND group_id <> @group", new { group });

    /// <summary>The group with its rules, and the rules of others that name it.</summary>
    public static void Delete(Tx tx, Guid id) => tx.Execute("DELETE FROM security_groups WHERE id = @id", new { id });

    public static void DeleteRule(Tx tx, Guid id) => tx.Execute("DELETE FROM security_group_rules WHERE id = @id", new { id });

    /// <summary>Everything out; and for a default group everything in from its own members.</summary>
    public static IEnumerable<SecurityGroupRuleRow> DefaultRules(SecurityGroupRow group, Ids ids, bool withIngress)
    {
        foreach (var v6 in (IEnumerable<bool>)[false, true])
        {
            yield return new() { Id = ids.Next(), GroupId = group.Id, ProjectId = group.ProjectId, V6 = v6, CreatedAt = group.CreatedAt };
            if (withIngress)
                yield return new() { Id = ids.Next(), GroupId = group.Id, ProjectId = group.ProjectId, Ingress = true, V6 = v6, RemoteGroupId = group.Id, CreatedAt = group.CreatedAt };
        }
    }
}
