using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using Nova.Modules.Shared;

namespace Nova.Host.Logging;

/// <summary>
/// One line for people: time, level, category, message, and in brackets the ids that the message does not name itself. A
/// stack follows indented, so that a line that begins with a time always begins an entry.
/// </summary>
public sealed class TextLogFormatter(TimeProvider time) : ConsoleFormatter(FormatterName)
{
    /// <summary>The name under which the console finds it.</summary>
    public const string FormatterName = "nova-text";

    /// <inheritdoc />
    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var message = LogWords.OneLine(logEntry.Formatter(logEntry.State, logEntry.Exception));
        textWriter.Write(time.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ss.fffZ ", System.Globalization.CultureInfo.InvariantCulture));
        textWriter.Write(LogWords.Level(logEntry.LogLevel));
        textWriter.Write(' ');
        textWriter.Write(logEntry.Category);
        textWriter.Write(": ");
        textWriter.Write(message);
        textWriter.WriteLine(Ids(message));
        if (logEntry.Exception is { } exception)
            foreach (var line in exception.ToString().Split('\n'))
                textWriter.WriteLine("    " + line.TrimEnd('\r'));
    }

    private static string Ids(string message)
    {
        if (LogScope.Current is not { } scope)
            return "";

        (string Word, string? Id)[] ids = [("", scope.RequestId), ("project ", scope.ProjectId), ("server ", scope.ServerId?.ToString()), ("operation ", scope.OperationId?.ToString())];
        var shown = ids.Where(id => id.Id is not null && !message.Contains(id.Id, StringComparison.Ordinal)).Select(id => LogWords.OneLine(id.Word + id.Id)).ToList();
        return shown.Count == 0 ? "" : $" [{string.Join(", ", shown)}]";
    }
}
