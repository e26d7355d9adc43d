using System.Runtime.CompilerServices;
using Google.Protobuf.Reflection;
using Nova.Modules.Rpc;
using Nova.Modules.Shared;
using Nova.Tests.Rpc.Wire;

namespace Nova.Tests.Rpc;

/// <summary>
/// Answers what it hears. Some texts are orders: "fault", "bug", "refuse", "wait" (until cancelled), "metadata", "huge".
/// </summary>
internal sealed class EchoService
{
    public static ServiceDescriptor Descriptor => EchoReflection.Descriptor.Services[0];
    public static MethodDescriptor Say => Descriptor.FindMethodByName("Say");
    public static MethodDescriptor Repeat => Descriptor.FindMethodByName("Repeat");
    public static MethodDescriptor Join => Descriptor.FindMethodByName("Join");
    public static MethodDescriptor Chat => Descriptor.FindMethodByName("Chat");

    /// <summary>Set when a handler that was told to wait is waiting.</summary>
    public TaskCompletionSource Waiting { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Set when a handler saw its token fire.</summary>
    public TaskCompletionSource Cancelled { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>How many messages of streams the handlers produced.</summary>
    public int Produced;

    /// <summary>How many messages of streams the handlers took.</summary>
    public int Consumed;

    public string? LastPeer { get; private set; }

    public RpcContext? LastContext { get; private set; }

    public RpcService Service => new RpcService(Descriptor)
        .Unary<Said, Said>("Say", OnSay)
        .ServerStream<Said, Said>("Repeat", OnRepeat)
        .ClientStream<Said, Said>("Join", OnJoin)
        .Duplex<Said, Said>("Chat", OnChat);

    public static Fault AFault(string serverId) =>
        new(FaultKind.Conflict, Message.Of($"Cannot 'stop' instance {serverId} – it is 100% locked: {{}}"), "host compute-7: lock held") { RetryAfterSeconds = 7 };

    private async Task<Said> OnSay(Said request, RpcContext context)
    {
        (LastContext, LastPeer) = (context, context.PeerCertificate?.Subject);
        await Obey(request, context);
        return request.Text == "huge" ? new() { Payload = Google.Protobuf.ByteString.CopyFrom(new byte[request.Count]) } : request;
    }

    private async IAsyncEnumerable<Said> OnRepeat(Said request, RpcContext context)
    {
        for (var i = 0; i < request.Count; i++)
        {
            Interlocked.Increment(ref Produced);
            yield return new() { Text = request.Text, Count = i, Payload = request.Payload };
        }

        await Obey(request, context);
    }

    private async Task<Said> OnJoin(IAsyncEnumerable<Said> requests, RpcContext context)
    {
        var joined = new Said();
        await foreach (var request in requests)
        {
            Interlocked.Increment(ref Consumed);
            await Obey(request, context);
            joined.Text += request.Text;
            joined.Count += request.Payload.Length;
        }

        return joined;
    }

    private async IAsyncEnumerable<Said> OnChat(IAsyncEnumerable<Said> requests, RpcContext context, [EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var request in requests.WithCancellation(ct))
        {
            await Obey(request, context);
            yield return request;
        }
    }

    private IAsyncEnumerable<Said> OnChat(IAsyncEnumerable<Said> requests, RpcContext context) => OnChat(requests, context, default);

    private async Task Obey(Said request, RpcContext context)
    {
        switch (request.Text)
        {
            case "fault":
                throw AFault("4711");
            case "bug":
                throw new InvalidOperationException("a secret of the implementation");
            case "refuse":
                throw new RpcException(RpcCode.OutOfRange, "line one\nline two: 100 % Größe");
            case "metadata":
                context.ResponseHeaders.Add("seen", context.Headers.Get("asked") ?? "nothing");
                context.Trailers.Add("seen-bin", context.Headers.GetBytes("asked-bin") ?? []);
                break;
            case "wait":
                await UntilCancelled(context);
                break;
        }
    }

    private async Task UntilCancelled(RpcContext context)
    {
        Waiting.TrySetResult();
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.Cancellation);
        }
        finally
        {
            Cancelled.TrySetResult();
        }
    }
}
