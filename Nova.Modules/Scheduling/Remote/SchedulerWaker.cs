using Google.Protobuf.Reflection;
using Nova.Modules.Placement;
using Nova.Modules.Rpc;
using Nova.Modules.Scheduling.Wire;

namespace Nova.Modules.Scheduling.Remote;

/// <summary>
/// Tells schedulers of other processes that this one has written what changes their picture: at most one call at a time, for
/// all that was committed since the last. A call that is lost costs a second.
/// </summary>
/// <param name="addresses">HOST:PORT of each.</param>
/// <param name="channels">The ways to them.</param>
public sealed class SchedulerWaker(Func<IReadOnlyList<string>> addresses, RpcPeers channels) : IPictureFeed
{
    private const int Idle = 0, Calling = 1, CallingAndAsked = 2;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private static readonly MethodDescriptor WakeMethod = SchedulerReflection.Descriptor.Services[0].FindMethodByName("Wake");

    private int _state;

    /// <inheritdoc />
    public void HostChanged(HostState host) => Ask();

    /// <inheritdoc />
    public void HostRemoved(Guid hostId) => Ask();

    /// <inheritdoc />
    public void AggregateChanged(AggregateState aggregate) => Ask();

    /// <inheritdoc />
    public void AggregateRemoved(Guid aggregateId) => Ask();

    /// <inheritdoc />
    public void MemberChanged(GroupMember member) => Ask();

    /// <inheritdoc />
    public void GroupRemoved(Guid groupId) => Ask();

    /// <inheritdoc />
    public void ProviderChanged(ProviderState provider) => Ask();

    /// <inheritdoc />
    public void UsageChanged(ProviderUsage usage) => Ask();

    private void Ask()
    {
        while (true)
        {
            var state = Volatile.Read(ref _state);
            if (state == CallingAndAsked)
                return;
            if (Interlocked.CompareExchange(ref _state, state + 1, state) != state)
                continue;
            if (state == Idle)
                _ = Task.Run(Call);
            return;
        }
    }

    private async Task Call()
    {
        do
        {
            Interlocked.Exchange(ref _state, Calling);
            await Task.WhenAll(addresses().Select(Wake));
        }
        while (Interlocked.CompareExchange(ref _state, Idle, Calling) != Calling);
    }

    private async Task Wake(string address)
    {
        try
        {
            await channels.To(address).Unary<WakeRequest, WakeReply>(WakeMethod, new(), new() { Timeout = Patience }, CancellationToken.None);
        }
        catch (RpcException)
        {
            // It looks by itself within a second.
        }
    }
}
