using Nova.Modules.Placement.Usages;
using Nova.Modules.Quotas;
using Nova.Modules.Shared.Database;

namespace Nova.Modules.Servers;

/// <summary>Sums the allocations of a project: one statement, a row for each class.</summary>
public sealed class ClassCount : IClassCount
{
    /// <inheritdoc />
    public IReadOnlyDictionary<string, long> Of(Tx tx, string projectId) => UsageRows.ByClass(tx, projectId).ToDictionary(r => r.Class, r => r.Amount);

    /// <inheritdoc />
    public async Task<IReadOnlyDictionary<string, long>> Of(Rows rows, string projectId) =>
        (await UsageRows.OfProject(rows, projectId, null)).Used.GroupBy(u => u.Class).ToDictionary(g => g.Key, g => g.Sum(u => u.Amount));
}
