using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using Nova.Modules.Shared;

namespace Nova.Host.Logging;

/// <summary>
/// One JSON object per line: time, level, category, event, message, the four ids of <see cref="LogScope"/> (null where the
/// line is about none), the message's own values under <c>values</c>, and the exception with its stack.
/// </summary>
public sealed class JsonLogFormatter(TimeProvider time) : ConsoleFormatter(FormatterName)
{
    /// <summary>The name under which the console finds it.</summary>
    public const string FormatterName = "nova-json";

    private static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <inheritdoc />
    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer, Writing))
        {
            json.WriteStartObject();
            json.WriteString("time", time.GetUtcNow().UtcDateTime);
            json.WriteString("level", LogWords.Level(logEntry.LogLevel));
            json.WriteString("category", logEntry.Category);
            if (logEntry.EventId.Name is { } name)
                json.WriteString("event", name);
            json.WriteString("message", logEntry.Formatter(logEntry.State, logEntry.Exception));
            WriteIds(json, LogScope.Current);
            if (logEntry.State is IReadOnlyList<KeyValuePair<string, object?>> values)
                WriteValues(json, values);
            if (logEntry.Exception is { } exception)
                json.WriteString("exception", exception.ToString());
            json.WriteEndObject();
        }

        textWriter.WriteLine(System.Text.Encoding.UTF8.GetString(buffer.WrittenSpan));
    }

    private static void WriteIds(Utf8JsonWriter json, LogScope? scope)
    {
        json.WriteString("request_id", scope?.RequestId);
        json.WriteString("project_id", scope?.ProjectId);
        json.WriteString("server_id", scope?.ServerId?.ToString());
        json.WriteString("operation_id", scope?.OperationId?.ToString());
    }

    private static void WriteValues(Utf8JsonWriter json, IReadOnlyList<KeyValuePair<string, object?>> values)
    {
        var begun = false;
        foreach (var (name, value) in values)
        {
            if (name == "{OriginalFormat}")
                continue;
            if (!begun)
                json.WriteStartObject("values");
            begun = true;
            json.WriteString(JsonNamingPolicy.SnakeCaseLower.ConvertName(name), LogWords.Value(value));
        }

        if (begun)
            json.WriteEndObject();
    }
}
