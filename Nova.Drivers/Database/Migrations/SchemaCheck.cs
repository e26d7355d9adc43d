using Nova.Modules.Shared;

namespace Nova.Drivers.Database.Migrations;

/// <summary>Whether this release can work with the schema that it finds.</summary>
internal static class SchemaCheck
{
    /// <summary>
    /// Refuses a schema that a later release has made unusable for this one, and a history that was changed. Expand and
    /// backfill files of the next release are no hindrance: two neighbouring releases share one schema during an upgrade.
    /// </summary>
    public static void Refuse(IReadOnlyList<Migration> files, IReadOnlyList<AppliedMigration> applied)
    {
        foreach (var row in applied)
        {
            var file = files.FirstOrDefault(f => f.Version == row.Version);
            if (row.Level > Level.Own.Schema + 1 || file is null && row.Phase == "contract")
                throw DatabaseProblem.NewerSchema(row);
            if (file is not null && file.Checksum != row.Checksum)
                throw DatabaseProblem.ChangedHistory(row);
        }
    }

    /// <summary>Refuses a schema that lacks an expand file of this release.</summary>
    public static void RefuseOlder(IReadOnlyList<Migration> files, IReadOnlyList<AppliedMigration> applied)
    {
        var missing = files.Where(f => f.Phase == "expand" && !applied.Any(r => r.Version == f.Version && r.FinishedAt is not null)).ToList();
        if (missing.Count > 0)
            throw DatabaseProblem.OlderSchema(missing);
    }
}
