using System.Data.Common;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;
using Db = Nova.Modules.Shared.Database.Database;

namespace Nova.Drivers.Identity.Embedded;

/// <summary>A change that may meet a name that is taken.</summary>
internal static class Uniquely
{
    /// <exception cref="Fault">The given one, when a unique constraint refuses.</exception>
    public static async Task Write(Db database, Action<Tx> change, Func<Fault> duplicate, CancellationToken ct)
    {
        try
        {
            await database.Write(change, ct);
        }
        catch (DbException e) when (database.Dialect.IsUniqueViolation(e))
        {
            throw duplicate();
        }
    }
}
