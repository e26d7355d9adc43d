using System.Net.WebSockets;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Nova.Modules.Compute.Consoles;
using Nova.Modules.Hosts;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;

namespace Nova.Modules.Consoles;

/// <summary>
/// Opens consoles for whoever brings a token: a websocket to the user, and the guest's bytes from its host. A request that is
/// refused is never upgraded, and told why in a header alone: some clients take whatever else comes for the guest's.
/// </summary>
public sealed class ConsoleProxy(
    ConsoleTokens tokens, ConsoleOrigins origins, IHostConsoles hosts, ConsoleOptions options, IHostApplicationLifetime lifetime, Ids ids,
    TimeProvider time, ILogger<ConsoleProxy> logger)
{
    private const string Protocol = "binary";
    private int _open;

    /// <summary>How many are open.</summary>
    public int Open => Volatile.Read(ref _open);

    /// <summary>Serves one websocket until it ends.</summary>
    public async Task Serve(HttpContext http)
    {
        var request = RequestIds.Of(http, ids);
        http.Response.Headers["x-openstack-request-id"] = request;
        using var about = LogScope.Enter(new() { RequestId = request });
        Interlocked.Increment(ref _open);
        try
        {
            await Connect(http);
        }
        catch (Fault fault)
        {
            logger.Refused(http.Connection.RemoteIpAddress, fault.Message, fault.Details);
            Refuse(http, fault);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested || lifetime.ApplicationStopping.IsCancellationRequested)
        {
            // Nobody is there to be told.
        }
#pragma warning disable CA1031 // The edge: whatever was not expected is a bug, logged and answered without detail.
        catch (Exception e)
#pragma warning restore CA1031
        {
            logger.Failed(e);
            Refuse(http, new(FaultKind.Internal, Message.Of($"Unexpected API Error. Please report it to the operator of this cloud, with the request id.")));
        }
        finally
        {
            Interlocked.Decrement(ref _open);
        }
    }

    private async Task Connect(HttpContext http)
    {
        if (Open > options.Sessions)
            throw Fault.Unavailable($"Too many consoles are open. Please try again later.", 30);

        var ct = http.RequestAborted;
        var token = await tokens.Find(http.Request.Query["token"].ToString(), ct) ?? throw Fault.Forbidden($"The token is unknown or has expired.");
        LogScope.Add(new() { ServerId = token.ServerId, ProjectId = token.ProjectId });
        origins.Check(http.Request, token.Type);
        var offered = http.WebSockets.WebSocketRequestedProtocols;
        if (offered.Count > 0 && !offered.Contains(Protocol))
            throw Fault.BadRequest($"Of the websocket's subprotocols only binary is spoken.");

        await using var guest = await hosts.Open(token.HostId, new(token.ServerId, ConsoleTypes.KindOf(token.Type), options.SessionsPerServer), ct);
        using var socket = await http.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext { SubProtocol = offered.Count > 0 ? Protocol : null });
        var opened = time.GetTimestamp();
        Measures.ConsolesOpened.Add(1, new KeyValuePair<string, object?>("type", token.Type));
        logger.Opened(token.Type, token.ServerId, http.Connection.RemoteIpAddress);
        var session = new ConsoleSession(socket, guest, options, time);
        var end = await session.Run(lifetime.ApplicationStopping);
        logger.Closed(token.Type, token.ServerId, end, (long)time.GetElapsedTime(opened).TotalSeconds, session.FromUser, session.FromGuest);
    }

    private static void Refuse(HttpContext http, Fault fault)
    {
        Measures.ConsolesRefused.Add(1, new KeyValuePair<string, object?>("status", (int)fault.Kind));
        if (http.Response.HasStarted)
        {
            http.Abort();
            return;
        }

        http.Response.StatusCode = (int)fault.Kind;
        http.Response.Headers["x-console-refusal"] = string.Concat(fault.Message.Select(c => c is >= ' ' and <= '~' ? c : '?'));
        if (fault.RetryAfterSeconds is { } seconds)
            http.Response.Headers.RetryAfter = $"{seconds}";
        http.Response.ContentLength = 0;
        // Who asked for a websocket reads until the connection ends.
        http.Response.Headers.Connection = "close";
    }
}

internal static partial class ConsoleProxyLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "A console was refused to {Address}: {Reason} {Details}")]
    public static partial void Refused(this ILogger logger, System.Net.IPAddress? address, string reason, string? details);

    [LoggerMessage(Level = LogLevel.Information, Message = "A console {Type} of {ServerId} was opened for {Address}")]
    public static partial void Opened(this ILogger logger, string type, Guid serverId, System.Net.IPAddress? address);

    [LoggerMessage(Level = LogLevel.Information, Message = "A console {Type} of {ServerId} was closed: {Reason}; {Seconds} s, {FromUser} bytes from the user, {FromGuest} from the guest")]
    public static partial void Closed(this ILogger logger, string type, Guid serverId, string reason, long seconds, long fromUser, long fromGuest);

    [LoggerMessage(Level = LogLevel.Error, Message = "A console failed for a reason that is a bug")]
    public static partial void Failed(this ILogger logger, Exception exception);
}
