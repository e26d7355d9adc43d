using Nova.Modules.Shared.Database;

namespace Nova.Modules.Quotas;

/// <summary>What servers of one unit take of a project's quota, or (below 0) give back.</summary>
/// <param name="ProjectId">The project.</param>
/// <param name="Usage">How much.</param>
/// <param name="Limits">What the project may use; null for who gives back.</param>
internal sealed record QuotaChange(string ProjectId, ServerUsage Usage, ServerUsage? Limits);

/// <summary>
/// The quota that the units of a batch take and give back: one row per project and resource, whatever their number. A project
/// that has no usage yet, or would be over its quota, is not for this: its units run alone.
/// </summary>
internal sealed class SharedQuota : SharedWork<QuotaChange>
{
    public static readonly SharedQuota Instance = new();

    private static readonly RowsStatement Change = new(
        """
        UPDATE quota_usages SET used = quota_usages.used + v.column3 FROM {rows}
        WHERE quota_usages.project_id = v.column1 AND quota_usages.user_id = '' AND quota_usages.resource = v.column2
            AND (v.column3 <= 0 OR quota_usages.used + v.column3 <= v.column4)
        """, 4);

    public override int Place => SharedPlaces.Quota;

    public override IReadOnlyList<string> Tables { get; } = ["quota_usages"];

    public override bool TryRun(Tx tx, IReadOnlyList<QuotaChange> items) => Change.Changes(
        tx, [.. items.GroupBy(item => item.ProjectId, StringComparer.Ordinal).OrderBy(project => project.Key, StringComparer.Ordinal).SelectMany(Rows)]);

    private static IEnumerable<SqlValue[]> Rows(IGrouping<string, QuotaChange> project)
    {
        yield return Row("cores", usage => usage.Cores);
        yield return Row("instances", usage => usage.Instances);
        yield return Row("ram", usage => usage.RamMb);

        SqlValue[] Row(string resource, Func<ServerUsage, long> part) =>
            [project.Key, resource, project.Sum(item => part(item.Usage)), project.Min(item => item.Limits is { } limits ? part(limits) : long.MaxValue)];
    }
}
