using System.Text;

namespace Nova.Drivers.Database.Migrations;

/// <summary>A file of SQL, cut into its statements without comments; quoted text and PostgreSQL's <c>$$</c> bodies stay whole.</summary>
internal static class SqlScript
{
    private static readonly Dictionary<string, (string Sqlite, string Postgres)> Types = new()
    {
        ["{{uuid}}"] = ("TEXT", "uuid"),
        ["{{text}}"] = ("TEXT", "text COLLATE \"C\""),
        ["{{serial}}"] = ("INTEGER PRIMARY KEY AUTOINCREMENT", "bigserial PRIMARY KEY"),
        ["{{events_xid}}"] = ("", ",\n    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),\n    UNIQUE (xid, id)"),
    };

    /// <summary>The statements, with the types spelled for a dialect (<c>sqlite</c> or <c>postgres</c>).</summary>
    public static IReadOnlyList<string> Statements(string sql, string dialect)
    {
        var statements = new List<string>();
        var text = new StringBuilder();
        for (var i = 0; i < sql.Length;)
        {
            var length = TokenLength(sql, i);
            if (sql[i] == ';')
                Flush();
            else if (!IsComment(sql, i))
                text.Append(sql, i, length);
            i += length;
        }

        Flush();
        return statements;

        void Flush()
        {
            if (text.ToString().Trim() is { Length: > 0 } statement)
                statements.Add(Spell(statement, dialect));
            text.Clear();
        }
    }

    private static int TokenLength(string sql, int at)
    {
        var end = sql[at] switch
        {
            '\'' or '"' => sql.IndexOf(sql[at], at + 1),
            '-' when IsComment(sql, at) => sql.IndexOf('\n', at) - 1,
            '/' when IsComment(sql, at) => sql.IndexOf("*/", at, StringComparison.Ordinal) + 1,
            '$' when at + 1 < sql.Length && sql[at + 1] == '$' => sql.IndexOf("$$", at + 2, StringComparison.Ordinal) + 1,
            _ => at,
        };
        return end < at ? sql.Length - at : end - at + 1;
    }

    private static bool IsComment(string sql, int at) =>
        string.CompareOrdinal(sql, at, "--", 0, 2) == 0 || string.CompareOrdinal(sql, at, "/*", 0, 2) == 0;

    private static string Spell(string sql, string dialect)
    {
        foreach (var (placeholder, (sqlite, postgres)) in Types)
            sql = sql.Replace(placeholder, dialect == "sqlite" ? sqlite : postgres, StringComparison.Ordinal);
        return sql;
    }
}
