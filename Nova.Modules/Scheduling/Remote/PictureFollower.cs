using System.Text.Json;
using Microsoft.Extensions.Logging;
using Nova.Modules.Hardware;
using Nova.Modules.Placement;
using Nova.Modules.Shared.Database;

namespace Nova.Modules.Scheduling.Remote;

/// <summary>
/// Feeds pictures from the outbox, for what other processes committed. Values are absolute, so that what this process has
/// heard directly does no harm.
/// </summary>
public sealed class PictureFollower(Database database, IEnumerable<IPictureFeed> pictures, TimeProvider time, ILogger<PictureFollower> logger)
    : OutboxFollower(database, time, logger)
{
    private readonly IPictureFeed[] _pictures = [.. pictures];

    /// <inheritdoc />
    protected override void Take(EventRow row)
    {
        switch (row.Kind)
        {
            case "host.changed" when JsonSerializer.Deserialize<HostState>(row.Body) is { } host:
                Tell(picture => picture.HostChanged(host));
                break;
            case "host.deleted" when Guid.TryParse(row.Subject, out var gone):
                Tell(picture => picture.HostRemoved(gone));
                break;
            case "aggregate.changed" when JsonSerializer.Deserialize<AggregateState>(row.Body) is { } aggregate:
                Tell(picture => picture.AggregateChanged(aggregate));
                break;
            case "aggregate.deleted" when Guid.TryParse(row.Subject, out var gone):
                Tell(picture => picture.AggregateRemoved(gone));
                break;
            case "hardware.given" when JsonSerializer.Deserialize<HardwareChange>(row.Body) is { } change:
                Tell(picture => picture.HardwareChanged(change));
                break;
            case "host.build_failed" when Guid.TryParse(row.Subject, out var failed):
                Tell(picture => picture.BuildFailed(failed));
                break;
            case "server.changed" when Guid.TryParse(row.Subject, out var server):
                Tell(picture => picture.ServerBusy(server, false));
                break;
            case "group.member" when JsonSerializer.Deserialize<GroupMember>(row.Body) is { } member:
                Tell(picture => picture.MemberChanged(member));
                break;
            case "group.deleted" when Guid.TryParse(row.Subject, out var gone):
                Tell(picture => picture.GroupRemoved(gone));
                break;
            case "placement.provider" when JsonSerializer.Deserialize(row.Body, FeedJson.Default.ProviderState) is { } provider:
                Tell(picture => picture.ProviderChanged(provider));
                break;
            case "placement.usage" when JsonSerializer.Deserialize(row.Body, FeedJson.Default.ProviderUsage) is { } usage:
                Tell(picture => picture.UsageChanged(usage));
                break;
        }
    }

    private void Tell(Action<IPictureFeed> what)
    {
        foreach (var picture in _pictures)
            what(picture);
    }
}
