using System.Net;
using System.Net.Sockets;
using Nova.Host.Configuration;
using Nova.Modules.Consoles;
using Nova.Modules.Shared.Startup;

namespace Nova.Host;

/// <summary>Finds out before anything is opened whether the addresses can be listened on, so that the answer is one sentence.</summary>
internal static class ListenProbe
{
    /// <summary>Tries every address of the process for a moment.</summary>
    /// <exception cref="StartupFailure">One of them is taken or not ours.</exception>
    public static void Check(ServerSettings server, ConsoleOptions consoles)
    {
        if (server.Plays(HostRole.Api))
            Try(new(server.Address, server.Port), "--port or --listen");
        if (server.Plays(HostRole.Api) && consoles.Listen is { } console)
            Try(ServerSettings.Endpoint(console), "console.listen");
        Try(server.AdminEndpoint, "--admin-listen");
        if (server.OpensRpc)
            Try(server.RpcEndpoint, "--rpc-listen");
    }

    private static void Try(IPEndPoint endpoint, string option)
    {
        using var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(endpoint);
            socket.Listen();
        }
        catch (SocketException e)
        {
            throw Refusal(endpoint, option, e);
        }
    }

    private static StartupFailure Refusal(IPEndPoint endpoint, string option, SocketException e) => new(
        ExitCode.Address,
        e.SocketErrorCode switch
        {
            SocketError.AddressAlreadyInUse => $"cannot listen on {endpoint}: another program does. Choose another with {option}, or end that program.",
            SocketError.AddressNotAvailable => $"cannot listen on {endpoint}: this machine does not have the address. Choose another with {option}.",
            SocketError.AccessDenied => $"cannot listen on {endpoint}: ports below 1024 need root. Choose another with {option}.",
            _ => $"cannot listen on {endpoint}: {e.Message}. Choose another with {option}.",
        },
        e);
}
