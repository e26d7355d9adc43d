using System.Text;
using Nova.Modules.Compute;
using Nova.Modules.Compute.Consoles;
using Nova.Modules.Shared;
using Nova.Tests.Support;

namespace Nova.Tests.Cluster;

/// <summary>Consoles between a conductor and a host, within the process and over the network.</summary>
public class ConsoleLinkTests
{
    public static TheoryData<string> Ways => ["local", "http"];

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_console_is_found_and_opened_through_the_stream_of_its_host(string way)
    {
        await using var lab = await HostLinkLab.Start(way);
        var (link, guest) = await Spawned(lab);

        Assert.Equal(new("host-00001", 10_000), await link.FindConsole(guest.ServerId, ConsoleKind.Serial, default));
        Assert.Equal(6101, (await link.FindConsole(guest.ServerId, ConsoleKind.Spice, default)).TlsPort);
        await using (var console = await link.OpenConsole(new(guest.ServerId, ConsoleKind.Serial, 1), default))
        {
            await console.Write("root\r"u8.ToArray(), default);
            await Until(console, "# ");
            Assert.Equal(FaultKind.TooManyRequests, (await Assert.ThrowsAsync<Fault>(() => link.OpenConsole(new(guest.ServerId, ConsoleKind.Vnc, 1), default))).Kind);
        }

        // What this end closed is closed at the host.
        IConsoleStream? again = null;
        await Eventually.Is(async () =>
        {
            try
            {
                again = await link.OpenConsole(new(guest.ServerId, ConsoleKind.Vnc, 1), default);
                return true;
            }
            catch (Fault fault) when (fault.Kind == FaultKind.TooManyRequests)
            {
                return false;
            }
        });

        // What the guest ends is ended here, after all that it said.
        await link.Send(new DestroyGuest { ServerId = guest.ServerId, Epoch = 2, OperationId = lab.Ids.Next(), Step = "destroy" }, default);
        Assert.Equal("RFB 003.008\n", await Rest(again!));
        await again!.DisposeAsync();
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task What_a_host_refuses_is_said_in_its_words(string way)
    {
        await using var lab = await HostLinkLab.Start(way);
        var (link, guest) = await Spawned(lab);

        var missing = lab.Ids.Next();
        Assert.Equal($"Instance {missing} could not be found.", (await Assert.ThrowsAsync<Fault>(() => link.FindConsole(missing, ConsoleKind.Vnc, default))).Message);
        Assert.Equal(FaultKind.NotFound, (await Assert.ThrowsAsync<Fault>(() => link.OpenConsole(new(missing, ConsoleKind.Vnc, 4), default))).Kind);
        Assert.Equal(FaultKind.NotImplemented, (await Assert.ThrowsAsync<Fault>(() => link.OpenConsole(new(guest.ServerId, ConsoleKind.Mks, 4), default))).Kind);
        await link.Send(new SetGuestPower(new(Power.Off, TimeSpan.Zero)) { ServerId = guest.ServerId, Epoch = 2, OperationId = lab.Ids.Next(), Step = "off" }, default);
        Assert.Equal(FaultKind.Conflict, (await Assert.ThrowsAsync<Fault>(() => link.OpenConsole(new(guest.ServerId, ConsoleKind.Serial, 4), default))).Kind);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_reader_that_stands_still_holds_up_its_own_console_and_nothing_else(string way)
    {
        await using var lab = await HostLinkLab.Start(way);
        var (link, guest) = await Spawned(lab);
        var floods = new List<Flood>();
        lab.Gate.Console = () =>
        {
            floods.Add(new());
            return floods[^1];
        };

        // Far more of them than the connection's own windows would hold.
        var consoles = new List<IConsoleStream>();
        for (var i = 0; i < 32; i++)
            consoles.Add(await link.OpenConsole(new(guest.ServerId, ConsoleKind.Serial, 64), default));
        await Eventually.Is(() => Task.FromResult(floods.TrueForAll(flood => flood.Said >= WiredConsole.Window)));

        Assert.Null((await link.Send(Spawn(await lab.NewGuest(), lab), default)).Fault);
        Assert.NotEmpty(await link.ReadConsoleLog(guest.ServerId, 1, default));
        var read = 0L;
        while (read < 4 << 20)
            read += (await consoles[0].Read(default)).Length;
        Assert.All(floods.Skip(1), flood => Assert.InRange(flood.Said, WiredConsole.Window, WiredConsole.Window + 2 * Flood.Piece));
        Assert.InRange(floods[0].Said, read, read + WiredConsole.Window + 2 * Flood.Piece);

        // The other way: a guest that does not read.
        var writing = consoles[1].Write(new byte[WiredConsole.Window + 1], default).AsTask();
        Assert.False(writing.IsCompleted);
        foreach (var console in consoles)
            await console.DisposeAsync();
        await Assert.ThrowsAsync<IOException>(() => writing);
        await Eventually.Is(() => Task.FromResult(floods.TrueForAll(flood => flood.IsClosed)));
    }

    private static async Task<(IHostLink Link, GuestSpec Guest)> Spawned(HostLinkLab lab)
    {
        var link = await lab.Connected();
        var guest = await lab.NewGuest();
        Assert.Null((await link.Send(Spawn(guest, lab), default)).Fault);
        return (link, guest);
    }

    private static SpawnGuest Spawn(GuestSpec guest, HostLinkLab lab) => new(guest) { ServerId = guest.ServerId, Epoch = 1, OperationId = lab.Ids.Next(), Step = "spawn" };

    private static async Task Until(IConsoleStream console, string text)
    {
        var seen = "";
        while (!seen.Contains(text, StringComparison.Ordinal))
            seen += Encoding.Latin1.GetString((await console.Read(default)).Span) is { Length: > 0 } more ? more : throw new InvalidOperationException("closed after: " + seen);
    }

    private static async Task<string> Rest(IConsoleStream console)
    {
        var seen = "";
        while (await console.Read(default) is { Length: > 0 } bytes)
            seen += Encoding.Latin1.GetString(bytes.Span);
        return seen;
    }

    /// <summary>A guest that says more than anybody reads, and reads nothing.</summary>
    private sealed class Flood : IConsoleStream
    {
        public const int Piece = 16 * 1024;

        private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private long _said;

        public long Said => Interlocked.Read(ref _said);

        public bool IsClosed => _closed.Task.IsCompleted;

        public ValueTask<ReadOnlyMemory<byte>> Read(CancellationToken ct)
        {
            ct.ThrowIfCancellationRequested();
            Interlocked.Add(ref _said, Piece);
            return new(new byte[Piece]);
        }

        public async ValueTask Write(ReadOnlyMemory<byte> bytes, CancellationToken ct) => await _closed.Task.WaitAsync(ct);

        public ValueTask DisposeAsync()
        {
            _closed.TrySetResult();
            return default;
        }
    }
}
