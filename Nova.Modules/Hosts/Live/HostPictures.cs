using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Nova.Modules.Compute;
using Nova.Modules.Compute.Live;
using Nova.Modules.Networks;
using Nova.Modules.Servers;
using Nova.Modules.Shared;

namespace Nova.Modules.Hosts.Live;

/// <summary>
/// Tells connected hosts what changes for guests that run: members and rules of their security groups, names, metadata and
/// interfaces. What is told is read after the change, so that the last word is always the present state; changes that come
/// close together are told together.
/// </summary>
public sealed class HostPictures
{
    /// <summary>The least time between two rounds: what a busy cloud changes in it costs a host one message.</summary>
    public static readonly TimeSpan Together = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(1);

    private const int GuestsAtOnce = 50;

    private readonly ServerStore _servers;
    private readonly GuestSpecs _guests;
    private readonly ISecurityGroups? _groups;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ConcurrentDictionary<PictureSubscription, bool> _subscriptions = new(ReferenceEqualityComparer.Instance);
    private readonly ConcurrentDictionary<Guid, bool> _changedGroups = new(), _changedGuests = new();
    private readonly SemaphoreSlim _wake = new(0, 1);

    /// <summary>Hears of changes from now on; they are told by <see cref="Run"/>.</summary>
    public HostPictures(
        ServerStore servers, GuestSpecs guests, LiveChanges changes, TimeProvider time, ILogger<HostPictures> logger, ISecurityGroups? groups = null)
    {
        (_servers, _guests, _time, _logger, _groups) = (servers, guests, time, logger, groups);
        changes.PortChanged += change => Changed(_changedGroups, change.GroupsBefore.Concat(change.Groups));
        changes.GroupChanged += group => Changed(_changedGroups, [group]);
        changes.GuestChanged += guest => Changed(_changedGuests, [guest]);
    }

    /// <summary>A host wants to be told. It is told its groups first, and its guests when <see cref="TellGuests"/> is called.</summary>
    /// <param name="hostId">The host.</param>
    /// <param name="wanted">The groups of its ports.</param>
    /// <param name="post">Hands a picture over, in order; does not wait.</param>
    /// <param name="ct">Cancels.</param>
    public async Task<PictureSubscription> Subscribe(Guid hostId, IEnumerable<GroupKey> wanted, Action<HostPicture> post, CancellationToken ct)
    {
        var subscription = new PictureSubscription(hostId, post) { Wanted = wanted.ToHashSet() };

        // Known before it is told, or a change in between would be lost.
        _subscriptions[subscription] = true;
        if (_groups is not null)
            await subscription.Tell(_groups, isFirst: true, ct);
        return subscription;
    }

    /// <summary>The groups of the host's ports are these now.</summary>
    public void Want(PictureSubscription subscription, IEnumerable<GroupKey> wanted)
    {
        var before = subscription.Wanted;
        subscription.Wanted = wanted.ToHashSet();
        Changed(_changedGroups, before.Concat(subscription.Wanted).Select(key => key.GroupId));
    }

    /// <summary>The host is gone.</summary>
    public void Unsubscribe(PictureSubscription subscription) => _subscriptions.TryRemove(subscription, out _);

    /// <summary>Tells a host how all its guests are: to be called when it has just been connected.</summary>
    public async Task TellGuests(PictureSubscription subscription, CancellationToken ct)
    {
        subscription.TellsGuests = true;
        foreach (var some in (await _servers.OfHost(subscription.HostId, ct)).Chunk(GuestsAtOnce))
            subscription.Post(new() { Guests = await Facts(some, ct) });
    }

    /// <summary>Tells what changes, until cancelled.</summary>
    public async Task Run(CancellationToken ct)
    {
        while (true)
        {
            await _wake.WaitAsync(ct);
            try
            {
                await Round(ct);
            }
            catch (Fault fault)
            {
                _logger.NotTold(fault.Message);
                await Task.Delay(AfterFailure, _time, ct);
            }

            await Task.Delay(Together, _time, ct);
        }
    }

    // Keys would copy them all under every lock of the dictionary, ten times a second.
    private IEnumerable<PictureSubscription> Subscriptions => _subscriptions.Select(pair => pair.Key);

    private async Task Round(CancellationToken ct)
    {
        var (groups, guests) = (Drain(_changedGroups), Drain(_changedGuests));
        try
        {
            if (_groups is not null && groups.Count > 0)
                foreach (var subscription in Subscriptions.Where(s => s.Concerns(groups)))
                    await subscription.Tell(_groups, isFirst: false, ct);
            foreach (var some in guests.Chunk(GuestsAtOnce))
                await TellOf(some, ct);
        }
        catch (Fault)
        {
            Changed(_changedGroups, groups);
            Changed(_changedGuests, guests);
            throw;
        }
    }

    private async Task TellOf(Guid[] guests, CancellationToken ct)
    {
        var servers = (await _servers.Find(guests, ct)).ToLookup(server => server.HostId);
        foreach (var subscription in Subscriptions.Where(s => s.TellsGuests && servers.Contains(s.HostId)))
            subscription.Post(new() { Guests = await Facts(servers[subscription.HostId], ct) });
    }

    private async Task<IReadOnlyList<GuestFacts>> Facts(IEnumerable<Server> servers, CancellationToken ct)
    {
        var facts = new List<GuestFacts>();
        foreach (var server in servers)
            try
            {
                facts.Add(await _guests.Facts(server, ct));
            }
            catch (Fault fault) when (!fault.IsTransient)
            {
                _logger.NotDescribed(server.Id, fault.Message);
            }

        return facts;
    }

    // Where nobody listens nothing is kept: a process with thousands of fake hosts has nothing to tell of groups.
    private void Changed(ConcurrentDictionary<Guid, bool> set, IEnumerable<Guid> ids)
    {
        if (_subscriptions.IsEmpty)
            return;

        foreach (var id in ids)
            set[id] = true;
        if (_wake.CurrentCount > 0)
            return;   // a round is about to begin

        try
        {
            _wake.Release();
        }
        catch (SemaphoreFullException)
        {
            // Another one asked for it just now.
        }
    }

    private static HashSet<Guid> Drain(ConcurrentDictionary<Guid, bool> set)
    {
        HashSet<Guid> drained = [.. set.Keys];
        foreach (var id in drained)
            set.TryRemove(id, out _);
        return drained;
    }
}

internal static partial class HostPicturesLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "Hosts could not be told yet what changed for their guests: {Reason}")]
    public static partial void NotTold(this ILogger logger, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The host of server {ServerId} could not be told how it is: {Reason}")]
    public static partial void NotDescribed(this ILogger logger, Guid serverId, string reason);
}
