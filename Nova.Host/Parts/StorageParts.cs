using Nova.Drivers.Database.Migrations;
using Nova.Drivers.Database.Postgres;
using Nova.Drivers.Database.Sqlite;
using Nova.Host.Configuration;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;

namespace Nova.Host.Parts;

/// <summary>The database that the settings name, and its migrations.</summary>
internal static class StorageParts
{
    public static void AddStorage(this IServiceCollection services, DatabaseSettings settings, string dataDirectory)
    {
        services.AddSingleton<Database>(provider => settings.Kind == DatabaseKind.Sqlite
            ? new SqliteDatabase(
                Path.Combine(dataDirectory, "nova.db"), logger: provider.GetRequiredService<ILogger<SqliteDatabase>>(), time: provider.GetRequiredService<TimeProvider>())
            : new PostgresDatabase(
                settings.Connection!.Value.Reveal, logger: provider.GetRequiredService<ILogger<PostgresDatabase>>(), time: provider.GetRequiredService<TimeProvider>(),
                readers: settings.ReadConnections));
        services.AddSingleton(new Levels());
        services.AddSingleton(provider => new MigrationRunner(
            provider.GetRequiredService<Database>(), Migration.In(typeof(NovaApp).Assembly), provider.GetRequiredService<TimeProvider>()));
    }
}
