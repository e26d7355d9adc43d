using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Nova.Modules.Compute.Consoles;
using Nova.Modules.Compute.Wire;
using Nova.Modules.Hosts;
using Nova.Modules.Hosts.Live;
using Nova.Modules.Operations;
using Nova.Modules.Rpc;
using Nova.Modules.Shared;

namespace Nova.Modules.Compute.Link;

/// <summary>The conductor's end of the streams that hosts open: admits a host or says why not, and makes it commandable.</summary>
public sealed class HostLinkService(
    ConductorIdentity identity, ConductorPeers peers, HostRegistry registry, HostReconciler reconciler, HostDirectory directory, HostPictures pictures, TimeProvider time,
    ILogger<HostLinkService> logger)
{
    private static readonly TimeSpan PulseWithin = TimeSpan.FromSeconds(3);

    private readonly ConcurrentDictionary<Guid, RemoteHostLink> _links = new();
    private readonly ConsoleMeetings _meetings = new(time);

    /// <summary>What the channel or the listener serves.</summary>
    public RpcService Service => new RpcService(HostLinkReflection.Descriptor.Services[0])
        .Duplex<FromHost, ToHost>("Attach", Attach)
        .Duplex<ConsoleBytes, ConsoleBytes>("Console", _meetings.Bring);

    /// <summary>Tells every host which conductors live now.</summary>
    public void TellConductors()
    {
        var message = new ToHost { Conductors = Addresses() };
        foreach (var link in _links.Values)
            link.Post(message);
    }

    private async IAsyncEnumerable<ToHost> Attach(IAsyncEnumerable<FromHost> messages, RpcContext context)
    {
        var ct = context.Cancellation;
        await using var incoming = messages.GetAsyncEnumerator(ct);
        var hello = await incoming.MoveNextAsync() && incoming.Current.KindCase == FromHost.KindOneofCase.Hello
            ? incoming.Current.Hello
            : throw Fault.BadRequest($"The first message of a host is its hello.");
        var (link, refused) = await Admit(hello, ct);
        if (refused is not null)
        {
            yield return new() { Refused = refused };
            yield break;
        }

        var reading = Read(incoming, link!, ct);
        var settling = Task.CompletedTask;
        try
        {
            yield return new() { Welcome = new() { ConductorId = identity.Id.ToString(), Conductors = Addresses() } };
            // Groups first: the host makes its network when the guests are confirmed.
            if (hello.Wanted is { } wanted)
                await Subscribe(link!, wanted, ct);
            link!.Post(new() { Confirmed = await Confirm(link.HostId, hello, ct) });
            settling = Settle(link, hello, ct);
            await foreach (var message in link.Outgoing(ct))
                yield return message;
        }
        finally
        {
            _links.TryRemove(new(link!.HostId, link));
            directory.Disconnect(link);
            link.Break();
            await Task.WhenAll(reading, settling);
            if (link.Pictures is { } subscription)
                pictures.Unsubscribe(subscription);
        }
    }

    private async Task<(RemoteHostLink? Link, Refused? Refused)> Admit(HostHello hello, CancellationToken ct)
    {
        var link = new RemoteHostLink(Guid.Parse(hello.HostId), Guid.Parse(hello.ProcessId), time) { Meetings = _meetings };
        try
        {
            CheckLevel(hello.Facts);
            await Reserve(link, hello.Facts.Name, ct);
        }
        catch (Fault fault)
        {
            return (null, Refuse(hello, fault, isFinal: fault.Details != SameProcess));
        }

        try
        {
            await registry.Register([Report(link.HostId, hello.Facts)], ct);
            return (link, null);
        }
        catch (Exception e)
        {
            _links.TryRemove(new(link.HostId, link));
            if (e is not Fault fault)
                throw;
            return (null, Refuse(hello, fault, isFinal: fault.Kind == FaultKind.Conflict));
        }
    }

    private const string SameProcess = "the same process has another stream to this conductor";

    // One stream per host. The former one may have died without a word, so it is asked.
    private async Task Reserve(RemoteHostLink link, string name, CancellationToken ct)
    {
        while (!_links.TryAdd(link.HostId, link))
        {
            if (!_links.TryGetValue(link.HostId, out var former))
                continue;
            if (!await former.Answers(PulseWithin, ct))
            {
                former.Break();
                _links.TryRemove(new(link.HostId, former));
                continue;
            }

            throw new Fault(
                FaultKind.Conflict,
                Message.Of($"The host '{name}' with identity {link.HostId} is connected already by another process. Two processes must not share a host's data directory or a copy of it: stop the other one, or give this one a data directory of its own."),
                former.ProcessId == link.ProcessId ? SameProcess : null);
        }
    }

    // Two neighbouring releases work together; older ones would not understand what they are told.
    private static void CheckLevel(HostFacts facts)
    {
        if (facts.WireLevel < Release.WireLevel - 1)
            throw Fault.Conflict($"The host runs release {facts.Release}, which is too old for conductors of release {Release.Version}. Upgrade the host.");
    }

    private Refused Refuse(HostHello hello, Fault fault, bool isFinal)
    {
        logger.Refused(hello.Facts.Name, hello.HostId, fault.Message);
        return new() { Fault = LinkJson.WriteFault(fault), Final = isFinal };
    }

    private async Task<ConfirmedGuests> Confirm(Guid hostId, HostHello hello, CancellationToken ct)
    {
        var confirmed = new ConfirmedGuests();
        foreach (var (server, epoch, runs) in await reconciler.Owned(hostId, ct))
            confirmed.Guests.Add(new ConfirmedGuests.Types.Guest { ServerId = server.ToString(), Epoch = epoch, Runs = runs });
        logger.Confirmed(hello.Facts.Name, confirmed.Guests.Count);
        return confirmed;
    }

    private async Task Settle(RemoteHostLink link, HostHello hello, CancellationToken ct)
    {
        try
        {
            await reconciler.Reconcile(link, [.. hello.Guests.Select(LinkJson.Read)], ct);
            if (_links.TryGetValue(link.HostId, out var current) && current == link)
                directory.Connect(link);
            if (link.Pictures is { } subscription)
                await pictures.TellGuests(subscription, ct);
        }
        catch (Exception e) when (e is OperationCanceledException or Fault)
        {
            // The stream is over, or the database does not answer: the host comes again.
            logger.NotSettled(hello.Facts.Name, e.Message);
            link.Break();
        }
    }

    private async Task Read(IAsyncEnumerator<FromHost> incoming, RemoteHostLink link, CancellationToken ct)
    {
        try
        {
            while (await incoming.MoveNextAsync())
                if (!link.TryTake(incoming.Current))
                    await Learn(incoming.Current, link, ct);
        }
        catch (Exception e) when (e is OperationCanceledException or RpcException or Fault)
        {
            logger.StreamEnded(link.HostId, e.Message);
        }
        finally
        {
            link.Break();
        }
    }

    private async Task Subscribe(RemoteHostLink link, WantedGroups wanted, CancellationToken ct) =>
        link.Pictures = await pictures.Subscribe(link.HostId, LinkJson.Read(wanted), picture => link.Post(new() { Picture = LinkJson.Write(picture) }), ct);

    private async Task Want(RemoteHostLink link, WantedGroups wanted, CancellationToken ct)
    {
        if (link.Pictures is { } subscription)
        {
            pictures.Want(subscription, LinkJson.Read(wanted));
            return;
        }

        await Subscribe(link, wanted, ct);
        await pictures.TellGuests(link.Pictures!, ct);
    }

    private Task Learn(FromHost message, RemoteHostLink link, CancellationToken ct) => message.KindCase switch
    {
        FromHost.KindOneofCase.Power => reconciler.Observe(link.HostId, LinkJson.Read(message.Power), ct),
        FromHost.KindOneofCase.Facts => registry.Register([Report(link.HostId, message.Facts)], ct),
        FromHost.KindOneofCase.Wanted => Want(link, message.Wanted, ct),
        _ => Task.CompletedTask, // A newer host says something that this release need not know.
    };

    private static HostReport Report(Guid hostId, HostFacts facts) =>
        new(hostId, facts.Name, LinkJson.ReadInventory(facts), [.. facts.Abilities], facts.Release) { Level = new(facts.WireLevel, facts.SchemaLevel) };

    private ConductorAddresses Addresses()
    {
        var addresses = new ConductorAddresses();
        addresses.Addresses.AddRange(peers.Alive.Select(peer => peer.Address).Where(address => address.Length > 0));
        return addresses;
    }
}

internal static partial class HostLinkServiceLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "Host '{Name}' with identity {HostId} was refused: {Reason}")]
    public static partial void Refused(this ILogger logger, string name, string hostId, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Host '{Name}' is attached; {Count} servers are its own")]
    public static partial void Confirmed(this ILogger logger, string name, int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Host '{Name}' could not be taken in and has to come again: {Reason}")]
    public static partial void NotSettled(this ILogger logger, string name, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "The stream of host {HostId} ended: {Reason}")]
    public static partial void StreamEnded(this ILogger logger, Guid hostId, string reason);
}
