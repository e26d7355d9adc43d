using System.Reflection;
using System.Text.RegularExpressions;

namespace Nova.Drivers.Database.Migrations;

/// <summary>One numbered SQL file of the schema's history: <c>0001_core.expand.sql</c>, or <c>….expand.sqlite.sql</c> where the databases differ.</summary>
/// <param name="Version">Its number; applied in this order.</param>
/// <param name="Name">The words after the number.</param>
/// <param name="Phase">expand, backfill or contract.</param>
/// <param name="Dialect">sqlite or postgres for a file of one database, else null.</param>
/// <param name="Sql">The text with <c>{{type}}</c> placeholders.</param>
public sealed partial record Migration(int Version, string Name, string Phase, string? Dialect, string Sql)
{
    /// <summary>The line <c>-- description: …</c>.</summary>
    public string Description => Header("description") ?? Name;

    /// <summary>
    /// False with the line <c>-- transaction: none</c> (PostgreSQL's concurrent indexes): the statements run one by one, and
    /// each must bear being repeated, because the process may die between a statement and the note that it was done.
    /// </summary>
    public bool HasTransaction => Header("transaction") != "none";

    /// <summary>
    /// The table of the line <c>-- rebuild: table</c>, or null. The file creates and fills <c>new_table</c>; the runner does
    /// the rest of SQLite's twelve steps; statements that begin with CREATE INDEX or CREATE UNIQUE INDEX run after the swap.
    /// </summary>
    public string? Rebuild => Header("rebuild");

    /// <summary>
    /// The line <c>-- slice: table.key type</c> (uuid, text or bigint) of a backfill, as three words. The file is one or more
    /// statements over the rows with <c>key &gt; @from AND key &lt;= @to</c>, at most 200 of them at a time.
    /// </summary>
    public (string Table, string Key, string Type)? Slice =>
        Header("slice")?.Split('.', ' ') is [var table, var key, var type] && type is ("uuid" or "text" or "bigint") ? (table, key, type) : null;

    /// <summary>SHA-256 of the text; a file that was applied must not change.</summary>
    public string Checksum => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(Sql)));

    /// <summary>Its statements as a database spells them.</summary>
    internal IReadOnlyList<string> Statements(string dialect) => SqlScript.Statements(Sql, dialect);

    /// <summary>The files embedded in an assembly under <c>migrations/</c>, in order.</summary>
    public static IReadOnlyList<Migration> In(Assembly assembly) =>
    [
        .. assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith("migrations/", StringComparison.Ordinal))
            .Select(name => Parse(name["migrations/".Length..], Text(assembly, name)))
            .OrderBy(m => m.Version),
    ];

    /// <summary>Reads the parts of a file's name.</summary>
    /// <exception cref="FormatException">The name does not follow the pattern.</exception>
    public static Migration Parse(string fileName, string sql)
    {
        var match = FileName().Match(fileName);
        if (!match.Success)
            throw new FormatException($"The migration file '{fileName}' is not named NNNN_words.(expand|backfill|contract)[.sqlite|.postgres].sql.");

        var dialect = match.Groups["dialect"];
        var migration = new Migration(
            int.Parse(match.Groups["version"].ValueSpan, System.Globalization.CultureInfo.InvariantCulture),
            match.Groups["name"].Value,
            match.Groups["phase"].Value,
            dialect.Success ? dialect.Value : null,
            sql);
        return migration.Fault() is { } fault ? throw new FormatException($"The migration file '{fileName}' {fault}.") : migration;
    }

    private string? Fault() => this switch
    {
        { Phase: "backfill", Slice: null } => "is a backfill without a line '-- slice: table.key uuid|text|bigint'",
        { Rebuild: not null, Dialect: not "sqlite" } => "rebuilds a table, which only SQLite needs; name it ….sqlite.sql",
        { Rebuild: not null, HasTransaction: false } => "cannot rebuild a table without a transaction",
        _ => null,
    };

    private string? Header(string name)
    {
        var match = Regex.Match(Sql, $@"^-- {name}: (?<value>.+?)\s*$", RegexOptions.Multiline);
        return match.Success ? match.Groups["value"].Value : null;
    }

    private static string Text(Assembly assembly, string name)
    {
        using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }

    [GeneratedRegex(@"^(?<version>\d{4})_(?<name>[a-z0-9_]+)\.(?<phase>expand|backfill|contract)(\.(?<dialect>sqlite|postgres))?\.sql$")]
    private static partial Regex FileName();
}
