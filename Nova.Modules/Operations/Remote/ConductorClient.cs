using Google.Protobuf.Reflection;
using Nova.Modules.Compute.Consoles;
using Nova.Modules.Compute.Wire;
using Nova.Modules.Operations.Wire;
using Nova.Modules.Rpc;
using Nova.Modules.Shared;

namespace Nova.Modules.Operations.Remote;

/// <summary>Calls another conductor.</summary>
public sealed class ConductorClient(RpcPeers channels, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly ServiceDescriptor Descriptor = ConductorReflection.Descriptor.Services[0];
    private static readonly MethodDescriptor NudgeMethod = Descriptor.FindMethodByName("Nudge");
    private static readonly MethodDescriptor SeesMethod = Descriptor.FindMethodByName("Sees");
    private static readonly MethodDescriptor ConsoleMethod = Descriptor.FindMethodByName("ReadConsoleLog");
    private static readonly MethodDescriptor FindConsoleMethod = Descriptor.FindMethodByName("FindConsole");
    private static readonly MethodDescriptor OpenConsoleMethod = Descriptor.FindMethodByName("OpenConsole");

    /// <summary>Says that it is worth looking at these operations.</summary>
    public Task Nudge(ConductorPeer conductor, IEnumerable<Guid> started, IEnumerable<Guid> cancelled, CancellationToken ct)
    {
        var request = new NudgeRequest();
        request.Started.AddRange(started.Select(id => id.ToString()));
        request.Cancelled.AddRange(cancelled.Select(id => id.ToString()));
        return Call<NudgeRequest, NudgeReply>(conductor, NudgeMethod, request, ct);
    }

    /// <summary>Those of the hosts that are connected to the conductor.</summary>
    public async Task<IReadOnlyList<Guid>> Sees(ConductorPeer conductor, IEnumerable<Guid> hosts, CancellationToken ct)
    {
        var request = new SeesRequest();
        request.Hosts.AddRange(hosts.Select(id => id.ToString()));
        return [.. (await Call<SeesRequest, SeesReply>(conductor, SeesMethod, request, ct)).Hosts.Select(Guid.Parse)];
    }

    /// <summary>The tail of a guest's console log.</summary>
    public async Task<string> ReadConsoleLog(ConductorPeer conductor, Guid hostId, Guid serverId, int? lines, CancellationToken ct)
    {
        var request = new ConsoleLogRequest { HostId = hostId.ToString(), ServerId = serverId.ToString() };
        if (lines is { } count)
            request.Lines = count;
        return (await Call<ConsoleLogRequest, ConsoleLogReply>(conductor, ConsoleMethod, request, ct)).Text;
    }

    /// <summary>Where a guest has its console.</summary>
    public async Task<ConsolePlace> FindConsole(ConductorPeer conductor, Guid hostId, Guid serverId, ConsoleKind kind, CancellationToken ct) => ConsoleWire.Read(
        await Call<FindConsoleRequest, ConsoleLocation>(
            conductor, FindConsoleMethod, new() { HostId = hostId.ToString(), ServerId = serverId.ToString(), Kind = ConsoleWire.Write(kind) }, ct));

    /// <summary>A console of a guest, through the conductor.</summary>
    public async Task<IConsoleStream> OpenConsole(ConductorPeer conductor, Guid hostId, ConsoleRequest request, CancellationToken ct)
    {
        try
        {
            var call = channels.To(conductor.Address).Duplex<ConsoleBytes, ConsoleBytes>(OpenConsoleMethod, default, CancellationToken.None);
            return await CallingConsole.Open(call, new() { Order = ConsoleWire.Write(hostId, request) }, time, ct);
        }
        catch (RpcException e)
        {
            throw e.ToFault();
        }
    }

    private async Task<TRes> Call<TReq, TRes>(ConductorPeer conductor, MethodDescriptor method, TReq request, CancellationToken ct)
        where TReq : class, Google.Protobuf.IMessage<TReq>, new() where TRes : class, Google.Protobuf.IMessage<TRes>, new()
    {
        try
        {
            return await channels.To(conductor.Address).Unary<TReq, TRes>(method, request, new() { Timeout = Patience }, ct);
        }
        catch (RpcException e)
        {
            throw e.ToFault();
        }
    }
}
