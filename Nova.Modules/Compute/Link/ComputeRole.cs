using Microsoft.Extensions.Logging;
using Nova.Modules.Rpc;
using Nova.Modules.Shared;

namespace Nova.Modules.Compute.Link;

/// <summary>
/// The compute role apart from its conductors: every host of the process keeps one stream to each conductor, dials again
/// with growing, jittered waits, and follows the list of conductors that live. It has no database.
/// </summary>
public sealed class ComputeRole
{
    private const int MostConductors = 5;

    private readonly ConductorChannels _channels;
    private readonly IReadOnlyList<string> _configured;
    private readonly IReadOnlyList<ComputeHost> _hosts;
    private readonly GuestConfirmation _confirmation;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, CancellationTokenSource> _dialled = [];
    private readonly List<Task> _dialling = [];
    private readonly TaskCompletionSource _attached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<Fault> _refused = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CancellationTokenSource? _running;
    private int _attachedHosts, _liveSessions;

    /// <param name="hypervisors">The hosts of the process.</param>
    /// <param name="network">Their network.</param>
    /// <param name="journal">Their memory.</param>
    /// <param name="channels">Opens the way to a conductor.</param>
    /// <param name="conductors">HOST:PORT of conductors to begin with; they are dialled whatever others say.</param>
    /// <param name="boot">What happens to guests that ought to run.</param>
    /// <param name="ids">Names this process.</param>
    /// <param name="time">Measures waits.</param>
    /// <param name="loggers">For the hosts.</param>
    /// <param name="copies">How copies of disks are brought away; null for not at all.</param>
    /// <param name="passwords">Learns here how a conductor is asked; null when no guest asks.</param>
    public ComputeRole(
        ILocalHypervisors hypervisors, IHostNetwork network, HostJournal journal, ConductorChannels channels, IReadOnlyList<string> conductors,
        HostBoot boot, Ids ids, TimeProvider time, ILoggerFactory loggers, HostCopies? copies = null, LinkedGuestPasswords? passwords = null)
    {
        (_channels, _configured, _time, _logger) = (channels, conductors, time, loggers.CreateLogger<ComputeRole>());
        var process = ids.Next();
        _hosts = [.. hypervisors.All.Select(h => new ComputeHost(
            h, new(h.HostId, h.Hypervisor, network, journal, time, loggers.CreateLogger<HostAgent>(), copies), network, boot, process, time, _logger))];
        if (network is IGroupNetwork groups)
            groups.WantedGroupsChanged += () => Array.ForEach([.. _hosts], host => host.Want());
        _confirmation = new(network, journal, _hosts.Count);
        passwords?.AskBy((server, text, ct) =>
            (_hosts.FirstOrDefault(host => host.Agent.WantedOf(server) is not null) ?? throw Fault.NotFound($"Instance {server} could not be found.")).AskPassword(server, text, ct));
    }

    /// <summary>Completes when each host of the process is attached to a conductor for the first time.</summary>
    public Task Attached => _attached.Task;

    /// <summary>Completes with the reason when a conductor refuses a host for good.</summary>
    public Task<Fault> Refused => _refused.Task;

    /// <summary>Dials, watches and carries out commands until cancelled or refused.</summary>
    public async Task Run(CancellationToken ct)
    {
        using var running = _running = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var watching = _hosts.SelectMany(host => new[] { Until(host.WatchGuests, running.Token), Until(host.WatchMachine, running.Token) }).ToArray();
        Follow([]);
        await Task.WhenAny(_refused.Task, Task.Delay(Timeout.InfiniteTimeSpan, _time, running.Token));
        await running.CancelAsync();
        Task[] dialling;
        lock (_gate)
            dialling = [.. _dialling];
        await Task.WhenAll([.. watching, .. dialling]);
    }

    /// <summary>The conductors that live now: those of the settings stay, others come and go.</summary>
    private void Follow(IReadOnlyList<string> alive)
    {
        var wanted = _configured.Concat(alive).Distinct().Take(Math.Max(MostConductors, _configured.Count)).ToArray();
        lock (_gate)
        {
            if (_running is not { IsCancellationRequested: false } running)
                return;

            foreach (var (address, gone) in _dialled.Where(d => alive.Count > 0 && !wanted.Contains(d.Key)).ToArray())
            {
                _dialled.Remove(address);
                gone.Cancel();
            }

            foreach (var address in wanted.Where(address => !_dialled.ContainsKey(address)))
            {
                var dial = _dialled[address] = CancellationTokenSource.CreateLinkedTokenSource(running.Token);
                _dialling.AddRange(_hosts.Select(host => Until(token => Dial(host, address, token), dial.Token)));
            }
        }
    }

    private async Task Dial(ComputeHost host, string address, CancellationToken ct)
    {
        var wait = new BackOff();
        while (!ct.IsCancellationRequested)
        {
            try
            {
                await Attach(host, address, wait, ct);
            }
            catch (HostRefusedException e)
            {
                Refuse(e, address);
            }
            catch (Exception e) when (e is Fault or RpcException or IOException || (e is OperationCanceledException && !ct.IsCancellationRequested))
            {
                _logger.LinkLost(address, e.Message);
            }

            await Task.Delay(wait.Next(), _time, ct);
        }
    }

    private async Task Attach(ComputeHost host, string address, BackOff wait, CancellationToken ct)
    {
        var session = new HostSession(host, _confirmation, _running!.Token);
        var isLive = false;
        session.ConductorsChanged += Follow;
        session.Attached += () =>
        {
            isLive = true;
            wait.Reset();
            Interlocked.Increment(ref _liveSessions);
            if (Interlocked.Increment(ref _attachedHosts) == _hosts.Count)
                _attached.TrySetResult();
            _logger.Attached(host.Agent.HostId, address);
        };
        try
        {
            await session.Run(_channels.To(address), ct);
        }
        finally
        {
            if (isLive)
                Interlocked.Decrement(ref _liveSessions);
        }
    }

    // A host that another conductor has taken stays: the quarrel is then between conductors, and is in their logs.
    private void Refuse(HostRefusedException refusal, string address)
    {
        _logger.Refused(address, refusal.Message);
        if (refusal.IsFinal && Volatile.Read(ref _liveSessions) == 0)
            _refused.TrySetResult(refusal.Fault);
    }

    private static async Task Until(Func<CancellationToken, Task> work, CancellationToken ct)
    {
        try
        {
            await work(ct);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The process ends, or the conductor is no longer in the list.
        }
    }

    /// <summary>Doubles from a quarter of a second to 15 s, each wait between half and the whole of it, so that thousands of hosts do not come at once.</summary>
    private sealed class BackOff
    {
        private const double First = 0.25, Longest = 15;
        private double _seconds = First;

        public void Reset() => _seconds = First;

        public TimeSpan Next()
        {
            var wait = TimeSpan.FromSeconds(_seconds * (0.5 + Random.Shared.NextDouble() / 2));
            _seconds = Math.Min(Longest, _seconds * 2);
            return wait;
        }
    }
}

internal static partial class ComputeRoleLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Host {HostId} is attached to the conductor at {Address}")]
    public static partial void Attached(this ILogger logger, Guid hostId, string address);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The conductor at {Address} is not reached now: {Reason}")]
    public static partial void LinkLost(this ILogger logger, string address, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "The conductor at {Address} refused this host: {Reason}")]
    public static partial void Refused(this ILogger logger, string address, string reason);
}
