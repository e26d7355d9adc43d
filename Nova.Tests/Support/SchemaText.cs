using Nova.Modules.Shared.Database;

namespace Nova.Tests.Support;

/// <summary>The whole schema of a database as text, in an order that does not depend on its history.</summary>
public static class SchemaText
{
    /// <summary>Reads it from the database's own catalogue.</summary>
    public static Task<string> Of(Nova.Modules.Shared.Database.Database database) =>
        database.Read(rows => database.Dialect.Name == "sqlite" ? Sqlite(rows) : Postgres(rows), CancellationToken.None);

    private static async Task<string> Sqlite(Rows rows) => string.Concat(
        (await rows.Query<string>("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY tbl_name, type DESC, name"))
        .Select(sql => $"\n{sql};\n"));

    private static async Task<string> Postgres(Rows rows) => string.Concat(await rows.Query<string>(
        """
        SELECT E'\nCREATE TABLE ' || t.relname || E' (\n' || string_agg(line, E',\n' ORDER BY kind, place, line) || E'\n);\n'
            || COALESCE((
                SELECT string_agg(pg_get_indexdef(i.indexrelid) || E';\n', '' ORDER BY i.indexrelid::regclass::text COLLATE "C")
                FROM pg_index i
                WHERE i.indrelid = t.oid AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.indexrelid AND c.conrelid = t.oid)), '')
        FROM pg_class t
        JOIN (
            SELECT a.attrelid AS relation, 0 AS kind, a.attnum AS place,
                '    ' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
                || CASE WHEN l.collname = 'C' THEN ' COLLATE "C"' ELSE '' END
                || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END
                || COALESCE(' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid), '') AS line
            FROM pg_attribute a
            LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
            LEFT JOIN pg_collation l ON l.oid = a.attcollation
            WHERE a.attnum > 0 AND NOT a.attisdropped
            UNION ALL
            SELECT c.conrelid, 1, 0, '    CONSTRAINT ' || c.conname || ' ' || pg_get_constraintdef(c.oid) FROM pg_constraint c
        ) AS parts ON parts.relation = t.oid
        WHERE t.relkind = 'r' AND t.relnamespace = 'public'::regnamespace
        GROUP BY t.oid, t.relname
        ORDER BY t.relname COLLATE "C"
        """));
}
