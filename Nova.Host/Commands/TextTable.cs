namespace Nova.Host.Commands;

/// <summary>Rows in columns that are as wide as their widest cell.</summary>
internal static class TextTable
{
    public static void Write(TextWriter output, string[] columns, IEnumerable<string[]> rows)
    {
        string[][] cells = [columns, .. rows];
        var widths = columns.Select((_, column) => cells.Max(row => row[column].Length)).ToArray();
        foreach (var row in cells)
            output.WriteLine(string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
    }
}
