using System.Data.Common;
using Nova.Modules.Shared.Database;

namespace Nova.Modules.Health;

/// <summary>The database can be read and written.</summary>
public sealed class DatabaseReadiness(Database database) : IReadiness
{
    /// <inheritdoc />
    public string Name => "database";

    /// <inheritdoc />
    public async ValueTask<string?> Problem(CancellationToken ct)
    {
        if (database.Problem is { } problem)
            return problem;

        try
        {
            await database.Read(rows => rows.Value<long>("SELECT COUNT(*) FROM numbers"), ct);
            return null;
        }
        catch (DbException e)
        {
            return $"The database cannot be read: {e.Message}";
        }
    }
}
