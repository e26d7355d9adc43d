using System.Text;
using Nova.Drivers.Hypervisor.Libvirt;
using Nova.Modules.Compute;
using Nova.Modules.Compute.Consoles;
using Nova.Modules.Shared;
using Nova.Tests.Support;

namespace Nova.Tests.Drivers.Libvirt;

/// <summary>Consoles of real guests.</summary>
[Collection(LibvirtCollection.Name)]
public sealed class LibvirtConsoleTests(IsolatedLibvirt libvirt) : IAsyncLifetime
{
    private readonly LibvirtBench _bench = new(libvirt);
    private LibvirtHypervisor? _hypervisor;

    private LibvirtHypervisor Hypervisor => _hypervisor!;

    public async Task InitializeAsync() => _hypervisor = await LibvirtBench.Start(_bench.Options with { Vnc = true });

    public async Task DisposeAsync() => await Hypervisor.DisposeAsync();

    [NeedsFact(Need.Libvirt, Need.Root)]
    public async Task A_real_guest_is_typed_to_seen_and_logged()
    {
        var guest = LibvirtBench.SmallGuestOf(await SmallGuest.Image);
        await Hypervisor.Ensure(guest, default);
        try
        {
            Assert.Equal(new("127.0.0.1", 0), await Hypervisor.FindConsole(guest.ServerId, ConsoleKind.Serial, default));
            await using var first = await Hypervisor.OpenConsole(guest.ServerId, ConsoleKind.Serial, default);
            await Until(first, "GUEST-READY");
            await first.Write("\r"u8.ToArray(), default);
            await Until(first, "login: ");

            // The next one takes it over, and the one before ends.
            await using var second = await Hypervisor.OpenConsole(guest.ServerId, ConsoleKind.Serial, default);
            await Ended(first);
            await second.Write("nobody-of-this-name\r"u8.ToArray(), default);
            await Until(second, "assword");
            await Eventually.Is(async () => (await Hypervisor.ReadConsoleLog(guest.ServerId, null, default)).Contains("nobody-of-this-name", StringComparison.Ordinal));

            // libvirt hands the screen out; no port is open for it.
            Assert.Equal(new("127.0.0.1", 0), await Hypervisor.FindConsole(guest.ServerId, ConsoleKind.Vnc, default));
            await using (var screen = await Hypervisor.OpenConsole(guest.ServerId, ConsoleKind.Vnc, default))
            {
                await Until(screen, "RFB 003.008\n");
                await screen.Write("RFB 003.008\n"u8.ToArray(), default);
                await Until(screen, "\u0001\u0001");
            }

            Assert.Equal(FaultKind.BadRequest, (await Assert.ThrowsAsync<Fault>(() => Hypervisor.FindConsole(guest.ServerId, ConsoleKind.Spice, default))).Kind);
            Assert.Equal(FaultKind.NotImplemented, (await Assert.ThrowsAsync<Fault>(() => Hypervisor.FindConsole(guest.ServerId, ConsoleKind.Mks, default))).Kind);

            await Hypervisor.SetPower(guest, new(Power.Off, TimeSpan.Zero), default);
            await Ended(second);
            Assert.Equal(FaultKind.Conflict, (await Assert.ThrowsAsync<Fault>(() => Hypervisor.OpenConsole(guest.ServerId, ConsoleKind.Serial, default))).Kind);
        }
        finally
        {
            await Hypervisor.Destroy(guest.ServerId, default);
        }

        Assert.Empty(Directory.GetFiles(Path.Combine(libvirt.Data, "serial"), guest.ServerId.ToString("n")));
        Assert.Equal(FaultKind.NotFound, (await Assert.ThrowsAsync<Fault>(() => Hypervisor.FindConsole(guest.ServerId, ConsoleKind.Serial, default))).Kind);
    }

    [NeedsFact(Need.Libvirt, Need.Root)]
    public async Task A_foreign_guest_has_no_console_here()
    {
        var foreign = await _bench.MakeForeignGuest();
        Assert.Equal(FaultKind.Conflict, (await Assert.ThrowsAsync<Fault>(() => Hypervisor.OpenConsole(foreign, ConsoleKind.Serial, default))).Kind);
    }

    private static async Task Until(IConsoleStream console, string text)
    {
        using var limit = new CancellationTokenSource(Eventually.Limit);
        var seen = new StringBuilder();
        while (!seen.ToString().Contains(text, StringComparison.Ordinal))
        {
            var bytes = await console.Read(limit.Token);
            Assert.True(bytes.Length > 0, $"closed after: {seen}");
            seen.Append(Encoding.Latin1.GetString(bytes.Span));
        }
    }

    private static async Task Ended(IConsoleStream console)
    {
        using var limit = new CancellationTokenSource(Eventually.Limit);
        while ((await console.Read(limit.Token)).Length > 0)
        {
        }
    }
}
