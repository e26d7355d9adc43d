using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;
using Nova.Modules.Shared.Http;

namespace Nova.Modules.Events;

/// <summary>
/// <c>GET /nova-host/v1/events?since=POSITION</c>: what happened after a position, as server-sent events (Accept:
/// text/event-stream) that go on for ever, or as one JSON page that waits up to <c>wait</c> seconds. A project sees its own
/// events, an admin all. A reader goes on after the last position that it saw; nothing is lost while events are kept.
/// </summary>
public sealed class EventEndpoints(Database database, TimeProvider time) : IEndpoints
{
    private const int PageRows = 1000;
    private const int LongestWaitSeconds = 60;

    /// <summary>How often a reader looks without being woken: events of other processes.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    /// <inheritdoc />
    public void Map(Routes routes) => routes.Get("/events", Read).AnyCaller();

    private async Task<Answer> Read(RequestContext caller, CancellationToken ct)
    {
        var since = await Position(caller.Query("since") ?? "0", ct);
        var project = caller.Caller.HasRole("admin") ? null : caller.ProjectId;
        if (caller.Header("Accept")?.Contains("text/event-stream", StringComparison.OrdinalIgnoreCase) == true)
            return new(200) { ContentType = "text/event-stream", Stream = (response, token) => Stream(response, since, project, token) };

        var (events, next) = await Wait(since, project, WaitTime(caller), ct);
        return Answer.Json(new EventPage([.. events.Select(Json)], next.ToString()));
    }

    private async Task Stream(HttpResponse response, EventPosition position, string? project, CancellationToken ct)
    {
        response.Headers.CacheControl = "no-store";
        await response.StartAsync(ct);
        while (true)
        {
            var (events, next) = await Wait(position, project, LongestWait, ct);
            var text = new StringBuilder();
            foreach (var stored in events)
                text.Append("id: ").Append(stored.Position).Append("\nevent: ").Append(stored.Row.Kind).Append("\ndata: ").Append(Json(stored).ToJsonString()).Append("\n\n");

            // A comment keeps proxies and clients sure that the stream lives.
            await response.WriteAsync(text.Length > 0 ? text.ToString() : ": nothing new\n\n", ct);
            await response.Body.FlushAsync(ct);
            position = next;
        }
    }

    private async Task<(IReadOnlyList<StoredEvent> Events, EventPosition Next)> Wait(EventPosition position, string? project, TimeSpan longest, CancellationToken ct)
    {
        for (var began = time.GetTimestamp(); ;)
        {
            var woken = database.EventsWritten.Next;
            var page = await database.Read(rows => Outbox.ReadAfter(rows, position, PageRows), ct);
            if (page.Count > 0)
                position = page[^1].Position;
            var seen = page.FindAll(e => project is null || e.Row.ProjectId == project);
            if (seen.Count > 0 || (page.Count < PageRows && time.GetElapsedTime(began) >= longest))
                return (seen, position);
            if (page.Count < PageRows)
                await Task.WhenAny(woken, Task.Delay(LookEvery, time, ct));
            ct.ThrowIfCancellationRequested();
        }
    }

    private async ValueTask<EventPosition> Position(string text, CancellationToken ct)
    {
        if (text == "0")
            return EventPosition.Beginning;
        if (text == "now")
            return await database.Read(Outbox.End, ct);

        return EventPosition.TryParse(text, out var position)
            ? position
            : throw Fault.BadRequest($"The position {text} is not one that an answer gave, nor 0 (all that is kept), nor now.");
    }

    private static TimeSpan LongestWait => TimeSpan.FromSeconds(LongestWaitSeconds);

    private static TimeSpan WaitTime(RequestContext caller)
    {
        if (caller.Query("wait") is not { } text)
            return TimeSpan.Zero;

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds <= LongestWaitSeconds
            ? TimeSpan.FromSeconds(seconds)
            : throw Fault.BadRequest($"wait is a number of seconds from 0 to {LongestWaitSeconds}.");
    }

    private static JsonObject Json(StoredEvent stored) => new()
    {
        ["id"] = stored.Position.ToString(),
        ["kind"] = stored.Row.Kind,
        ["subject"] = stored.Row.Subject,
        ["project_id"] = stored.Row.ProjectId,
        ["at"] = DateTimeOffset.FromUnixTimeMilliseconds(stored.CreatedAt).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture),
        ["body"] = JsonNode.Parse(stored.Row.Body),
    };

    private sealed record EventPage(IReadOnlyList<JsonObject> Events, string Next);
}
