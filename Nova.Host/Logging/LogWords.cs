using System.Globalization;

namespace Nova.Host.Logging;

/// <summary>How parts of a log line are written.</summary>
internal static class LogWords
{
    /// <summary>One word per level, the same in both formats.</summary>
    public static string Level(LogLevel level) => level switch
    {
        LogLevel.Trace => "trace",
        LogLevel.Debug => "debug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warning",
        LogLevel.Error => "error",
        _ => "critical",
    };

    /// <summary>A value of a message, the same whatever the machine's language is.</summary>
    public static string? Value(object? value) => value is IFormattable formattable ? formattable.ToString(null, CultureInfo.InvariantCulture) : value?.ToString();

    /// <summary>Without what ends a line or moves a terminal's cursor: names of users come into messages, and must not look like lines of their own.</summary>
    public static string OneLine(string text) => text.AsSpan().ContainsAnyInRange('\0', '\u001f') || text.AsSpan().ContainsAnyInRange('\u007f', '\u009f')
        ? string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c))
        : text;
}
