using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using Nova.Host.Logging;
using Nova.Modules.Shared;
using Nova.Tests.Support;

namespace Nova.Tests.Host;

/// <summary>What a line of the log says.</summary>
public class LogTests
{
    private static readonly Guid Server = Guid.Parse("01990000-0000-7000-8000-000000000001");
    private static readonly Guid Operation = Guid.Parse("01990000-0000-7000-8000-000000000002");

    [Fact]
    public void A_json_line_has_the_ids_of_the_work_and_the_values_of_the_message()
    {
        using var request = LogScope.Enter(new() { RequestId = "req-1", ProjectId = "blue", ServerId = Guid.Empty });
        using var operation = LogScope.Enter(new() { ServerId = Server, OperationId = Operation });

        var line = JsonNode.Parse(Line(new JsonLogFormatter(new ManualTime()), "bad \"name\"\n", new InvalidOperationException("why")))!;

        Assert.Equal("""{"time":"2026-01-01T00:00:00Z","level":"warning","category":"Nova.Test","event":"Strange","message":"Saw bad \"name\"\n 1.5","request_id":"req-1","project_id":"blue","server_id":"01990000-0000-7000-8000-000000000001","operation_id":"01990000-0000-7000-8000-000000000002","values":{"what":"bad \"name\"\n","ratio":"1.5"},"exception":"System.InvalidOperationException: why"}""",
            line.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }));
    }

    [Fact]
    public void A_json_line_that_is_about_nobody_has_the_same_members()
    {
        var line = JsonNode.Parse(Line(new JsonLogFormatter(new ManualTime()), "it", null))!.AsObject();

        Assert.Equal(["time", "level", "category", "event", "message", "request_id", "project_id", "server_id", "operation_id", "values"], line.Select(member => member.Key));
        Assert.Null(line["server_id"]);
    }

    [Fact]
    public void A_text_line_is_one_line_and_names_the_ids_that_its_message_does_not()
    {
        using var request = LogScope.Enter(new() { RequestId = "req-1", ProjectId = "blue\nfake", OperationId = Operation });

        Assert.Equal(
            $"2026-01-01T00:00:00.000Z warning Nova.Test: Saw a  line 1.5 [req-1, project blue fake, operation {Operation}]\n    System.InvalidOperationException: why\n",
            Line(new TextLogFormatter(new ManualTime()), "a\r\nline", new InvalidOperationException("why")));
        Assert.Equal($"2026-01-01T00:00:00.000Z warning Nova.Test: Saw {Operation} 1.5 [req-1, project blue fake]\n", Line(new TextLogFormatter(new ManualTime()), $"{Operation}", null));
    }

    [Fact]
    public void A_scope_ends_where_it_was_entered()
    {
        using (LogScope.Enter(new() { RequestId = "req-1" }))
        {
            LogScope.Add(new() { ProjectId = "blue" });
            Assert.Equal(("req-1", "blue"), (LogScope.Current!.RequestId, LogScope.Current.ProjectId));
        }

        Assert.Null(LogScope.Current);
    }

    private static string Line(ConsoleFormatter formatter, string what, Exception? exception)
    {
        var entry = new OneEntry(formatter);
        entry.Strange(what, 1.5, exception);
        return entry.Text.ReplaceLineEndings("\n");
    }

    private sealed class OneEntry(ConsoleFormatter formatter) : ILogger
    {
        public string Text { get; private set; } = "";

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> write)
        {
            using var text = new StringWriter();
            formatter.Write(new LogEntry<TState>(logLevel, "Nova.Test", eventId, state, exception, write), null, text);
            Text = text.ToString();
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;
    }
}

internal static partial class LogTestsLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "Saw {What} {Ratio}")]
    public static partial void Strange(this ILogger logger, string what, double ratio, Exception? exception);
}
