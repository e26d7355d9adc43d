using System.Diagnostics;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using Nova.Drivers.Hypervisor.Libvirt;
using Nova.Drivers.Hypervisor.Libvirt.Disks;
using Nova.Modules.Compute;
using Nova.Modules.Shared;
using Nova.Tests.Operations;
using Nova.Tests.Support;

namespace Nova.Tests.Drivers.Libvirt;

/// <summary>What only libvirt can show: real guests, and a daemon that dies.</summary>
[Collection(LibvirtCollection.Name)]
public sealed class LibvirtHypervisorTests(IsolatedLibvirt libvirt) : IAsyncLifetime
{
    private readonly LibvirtBench _bench = new(libvirt);
    private readonly List<GuestSpec> _made = [];
    private LibvirtHypervisor? _hypervisor;

    private LibvirtHypervisor Hypervisor => _hypervisor!;

    public async Task InitializeAsync() => _hypervisor = await LibvirtBench.Start(_bench.Options);

    public async Task DisposeAsync()
    {
        foreach (var guest in _made)
            await Hypervisor.Destroy(guest.ServerId, default);
        await Hypervisor.DisposeAsync();
    }

    [NeedsFact(Need.Libvirt, Need.Root)]
    public async Task A_guest_boots_reads_its_config_drive_hears_the_power_button_and_keeps_its_disk()
    {
        var image = await SmallGuest.Image;
        var guest = await Made(LibvirtBench.SmallGuestOf(image));
        await SeesOnConsole(guest, $"GUEST-READY host=vm1 uuid={guest.ServerId} ip= ds=configdrive boot=1");
        await SeesOnConsole(guest, "GUEST-USERDATA");

        await Hypervisor.SetPower(guest, new(Power.On, Eventually.Limit, Restart: true), default);

        await SeesOnConsole(guest, "GUEST-POWERBTN");
        await SeesOnConsole(guest, "boot=2");
        var cached = Directory.GetFiles(Path.Combine(libvirt.Data, "images")).Single(f => new FileInfo(f).Length == new FileInfo(image).Length);
        Assert.Equal(Sha256(image), Sha256(cached));
        Assert.Equal("444 root", await Output("stat", "-c", "%a %U", cached));
    }

    [NeedsFact(Need.Libvirt, Need.Root)]
    public async Task A_guest_boots_from_the_copy_of_another_guests_disk()
    {
        var first = await Made(LibvirtBench.SmallGuestOf(await SmallGuest.Image));
        await SeesOnConsole(first, "boot=1");
        var live = await Copied(first, "live.qcow2");
        await Hypervisor.SetPower(first, new(Power.Off, Eventually.Limit), default);
        var cold = await Copied(first, "cold.qcow2");
        Assert.Empty(CopiesOf(first));

        // What the first wrote before it was turned off is there; what it had only in memory need not be.
        var second = await Made(LibvirtBench.SmallGuestOf(cold));
        await SeesOnConsole(second, $"uuid={second.ServerId}");
        await SeesOnConsole(second, "boot=2");
        var third = await Made(LibvirtBench.SmallGuestOf(live));
        await SeesOnConsole(third, $"uuid={third.ServerId}");

        var figures = await Hypervisor.Diagnose(third, default);
        Assert.True(figures is { MemoryKb: 192 << 10, Hypervisor: "qemu", Disks: [{ Device: "vda", ReadBytes: > 0 and var bytes, ReadRequests: > 0 }, ..], Cpus: [{ TimeNs: > 1_000_000_000 }] } && bytes > 1 << 20);
    }

    [NeedsFact(Need.Libvirt, Need.Root)]
    public async Task A_copy_that_is_given_up_leaves_nothing_and_one_that_a_dead_process_left_is_replaced()
    {
        var guest = await Made(_bench.EmptyGuest());
        using var given = new CancellationTokenSource();
        await given.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Hypervisor.CopyDisk(guest, Guid.NewGuid(), given.Token));
        Assert.Empty(CopiesOf(guest));

        var first = Guid.NewGuid();
        await Hypervisor.CopyDisk(guest, first, default);
        var second = Guid.NewGuid();
        await Hypervisor.CopyDisk(guest, second, default);
        Assert.Equal($"copy-{second:N}.qcow2", Path.GetFileName(Assert.Single(CopiesOf(guest))));
        Assert.Equal(FaultKind.NotFound, (await Assert.ThrowsAsync<Fault>(() => Hypervisor.OpenCopy(guest, first, default))).Kind);
        Assert.Equal("600 root", await Output("stat", "-c", "%a %U", Assert.Single(CopiesOf(guest))));

        var quiet = guest with { Image = guest.Image! with { Properties = new Dictionary<string, string> { ["os_require_quiesce"] = "yes" } } };
        Assert.Contains("os_require_quiesce", (await Assert.ThrowsAsync<Fault>(() => Hypervisor.CopyDisk(quiet, Guid.NewGuid(), default))).Message, StringComparison.Ordinal);
    }

    private string[] CopiesOf(GuestSpec guest) => Directory.GetFiles(Path.Combine(libvirt.Data, "guests", guest.ServerId.ToString()), "copy-*");

    private async Task<string> Copied(GuestSpec guest, string name)
    {
        var copy = Guid.NewGuid();
        var facts = await Hypervisor.CopyDisk(guest, copy, default);
        Assert.Equal("qcow2", facts.DiskFormat);
        var path = Path.Combine(libvirt.Folder, name);
        await using (var bytes = await Hypervisor.OpenCopy(guest, copy, default))
        await using (var file = File.Create(path))
            await bytes.CopyToAsync(file);
        Assert.Equal("No errors were found on the image.", (await Output("qemu-img", "check", path)).Split('\n')[0]);
        await Hypervisor.DropCopy(guest, copy, default);
        return path;
    }

    [NeedsFact(Need.Libvirt, Need.Root)]
    public async Task Guests_run_on_while_libvirtd_dies_and_what_happened_meanwhile_is_told()
    {
        var (lives, dies) = (await Made(_bench.EmptyGuest()), await Made(_bench.EmptyGuest()));
        await using var changes = new GuestChanges(Hypervisor, dies.ServerId);

        await libvirt.Do("crash");
        await libvirt.Do($"kill_guest {dies.InstanceName}");
        await libvirt.Do("up");

        await changes.Until(Power.Off);
        Assert.Equal((Power.On, Power.Off), (await PowerOf(lives), await PowerOf(dies)));

        await using var later = new GuestChanges(Hypervisor, lives.ServerId);
        await libvirt.Do($"kill_guest {lives.InstanceName}");
        await later.Until(Power.Off);
    }

    [NeedsFact(Need.Libvirt, Need.Root)]
    public async Task After_a_reboot_of_the_host_guests_are_off_and_can_be_turned_on()
    {
        var (ensured, turnedOn) = (await Made(_bench.EmptyGuest()), await Made(_bench.EmptyGuest()));

        await libvirt.Do("reboot");
        await Restart(_bench.Options);

        Assert.Equal((Power.Off, Power.Off), (await PowerOf(ensured), await PowerOf(turnedOn)));
        await Hypervisor.Ensure(ensured, default);
        await Hypervisor.SetPower(turnedOn, new(Power.On, TimeSpan.Zero), default);
        Assert.Equal((Power.On, Power.On), (await PowerOf(ensured), await PowerOf(turnedOn)));
    }

    [NeedsFact(Need.Libvirt, Need.Root)]
    public async Task After_a_reboot_of_the_host_its_agent_starts_what_ought_to_run()
    {
        var (active, stopped, other) = (await Made(_bench.EmptyGuest()), await Made(_bench.EmptyGuest()), await Made(_bench.EmptyGuest()));
        await using var journal = new HostJournal(Path.Combine(libvirt.Folder, "resume"), new(new byte[32]), TimeProvider.System, NullLogger<HostJournal>.Instance);
        var host = Guid.NewGuid();
        foreach (var guest in new[] { active, stopped, other })
            await journal.Put(new() { HostId = host, ServerId = guest.ServerId, Epoch = 1, Guest = guest, Wanted = Power.On }, default);

        await libvirt.Do("reboot");
        await Restart(_bench.Options);
        var agent = new HostAgent(host, Hypervisor, new PluggedNetwork(), journal, TimeProvider.System, NullLogger<HostAgent>.Instance);
        await agent.Resume([new(active.ServerId, 1, true), new(stopped.ServerId, 1, false), new(other.ServerId, 2, true)], default);

        // The third got a command since, of which this host has not heard yet.
        Assert.Equal((Power.On, Power.Off, Power.Off), (await PowerOf(active), await PowerOf(stopped), await PowerOf(other)));
    }

    [NeedsFact(Need.Libvirt, Need.Root)]
    public async Task A_call_while_libvirtd_is_gone_is_worth_another_try()
    {
        var guest = await Made(_bench.EmptyGuest());
        await libvirt.Do("crash");

        var fault = await Assert.ThrowsAsync<Fault>(() => Hypervisor.ListGuests(default));

        Assert.True(fault.IsTransient);
        Assert.Contains("start it", fault.Message, StringComparison.Ordinal);
        await libvirt.Do("up");
        await Eventually.Is(async () => await TryPowerOf(guest) == Power.On);
    }

    [NeedsFact(Need.Libvirt, Need.Root)]
    public async Task Starting_without_libvirtd_says_how_to_start_it()
    {
        var fault = await Assert.ThrowsAsync<Fault>(() => LibvirtBench.Start(_bench.Options with { Uri = "qemu+unix:///system?socket=/nowhere" }));

        Assert.Contains("libvirtd -d", fault.Message, StringComparison.Ordinal);
        Assert.Contains("/nowhere", fault.Details, StringComparison.Ordinal);
    }

    [NeedsFact(Need.Libvirt, Need.Root)]
    public async Task A_data_directory_that_qemu_cannot_reach_is_refused_with_the_command_that_helps()
    {
        var closed = Directory.CreateDirectory(Path.Combine(libvirt.Folder, "closed"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        var fault = await Assert.ThrowsAsync<Fault>(() => LibvirtBench.Start(_bench.Options with { DataDirectory = Path.Combine(closed.FullName, "data") }));

        Assert.Contains($"chmod o+x {closed.FullName}", fault.Message, StringComparison.Ordinal);
    }

    [NeedsFact(Need.Libvirt, Need.Root)]
    public async Task Destroying_leaves_no_file()
    {
        var guest = await Made(_bench.EmptyGuest() with { ConfigDrive = true });
        Assert.NotEmpty(FilesOf(guest));

        await Hypervisor.Destroy(guest.ServerId, default);

        Assert.Empty(FilesOf(guest));
    }

    [NeedsFact(Need.Libvirt, Need.Root)]
    public async Task A_start_does_not_make_a_lost_disk_anew()
    {
        var guest = await Made(_bench.EmptyGuest());
        await Hypervisor.SetPower(guest, new(Power.Off, TimeSpan.Zero), default);
        Directory.Delete(Path.Combine(libvirt.Data, "guests", guest.ServerId.ToString()), recursive: true);

        var fault = await Assert.ThrowsAsync<Fault>(() => Hypervisor.SetPower(guest, new(Power.On, TimeSpan.Zero), default));

        Assert.Equal(FaultKind.NotFound, fault.Kind);
    }

    [NeedsFact(Need.Libvirt, Need.Root)]
    public async Task Any_display_name_will_do_and_a_newer_epoch_is_noted_on_the_running_guest()
    {
        var guest = _bench.EmptyGuest() with { DisplayName = "a]]>b \"c\" 'd' <e> &amp; \0\u001b\ud800 \U0001f600\r\n" };
        await Made(guest);

        await Hypervisor.Ensure(guest with { Epoch = 7 }, default);

        await libvirt.Do($"virsh -c qemu:///system metadata {guest.ServerId} urn:nova-host:guest:1 | grep -q '<epoch>7</epoch>'");
        Assert.Equal(Power.On, await PowerOf(guest));
    }

    [NeedsTheory(Need.Libvirt, Need.Root)]
    [InlineData("hw_disk_bus=scsi")]
    [InlineData("hw_disk_bus=ide", "hw_vif_model=e1000", "hw_video_model=vga")]
    [InlineData("hw_machine_type=q35", "hw_disk_bus=sata", "hw_vif_model=e1000e")]
    [InlineData("hw_machine_type=q35", "hw_video_model=virtio", "os_type=windows")]
    public async Task Guests_run_on_the_devices_that_their_image_asks_for(params string[] properties)
    {
        var guest = _bench.EmptyGuest();
        guest = guest with
        {
            ConfigDrive = true,
            Image = guest.Image! with { Properties = properties.ToDictionary(p => p.Split('=')[0], p => p.Split('=')[1]) },
        };

        await Made(guest);

        Assert.Equal(Power.On, await PowerOf(guest));
    }

    [NeedsFact(Need.Libvirt, Need.Root)]
    public async Task Ephemeral_and_swap_disks_are_made_ready_for_use()
    {
        var guest = _bench.EmptyGuest();
        guest = guest with { Flavor = guest.Flavor with { EphemeralGb = 1, SwapMb = 8 } };

        await Made(guest);

        var folder = Path.Combine(libvirt.Data, "guests", guest.ServerId.ToString());
        Assert.Equal([0x53, 0xef], await At(Path.Combine(folder, "ephemeral.raw"), 1080, 2));
        Assert.Equal("SWAPSPACE2"u8.ToArray(), await At(Path.Combine(folder, "swap.raw"), 4086, 10));
    }

    [NeedsFact(Need.Libvirt, Need.Root)]
    public async Task A_raw_root_disk_has_the_flavors_size_and_needs_no_base()
    {
        await Restart(_bench.Options with { RootDiskFormat = RootDiskFormat.Raw });
        var guest = await Made(_bench.EmptyGuest());

        var folder = Path.Combine(libvirt.Data, "guests", guest.ServerId.ToString());
        Assert.Equal(1L << 30, new FileInfo(Path.Combine(folder, "disk.raw")).Length);
        Assert.False(File.Exists(Path.Combine(folder, "base.raw")));
        Assert.Equal(Power.On, await PowerOf(guest));
    }

    [NeedsFact(Need.Libvirt, Need.Root)]
    public async Task Other_vendors_formats_are_converted()
    {
        var image = Path.Combine(libvirt.Folder, "small.vmdk");
        await Output("qemu-img", "create", "-q", "-f", "vmdk", "-o", "subformat=monolithicSparse", image, "16M");

        var guest = await Made(LibvirtBench.Guest(image, "vmdk", memoryMb: 32));

        Assert.Equal(Power.On, await PowerOf(guest));
    }

    [NeedsFact(Need.Libvirt, Need.Root)]
    public async Task An_iso_image_is_an_installation_medium_beside_a_blank_disk()
    {
        var image = Path.Combine(libvirt.Folder, "installer.iso");
        await File.WriteAllBytesAsync(image, IsoImage.Of("installer", new Dictionary<string, byte[]> { ["a/b"] = [1] }));

        var guest = await Made(LibvirtBench.Guest(image, "iso", memoryMb: 32));

        Assert.Equal(Power.On, await PowerOf(guest));
        await libvirt.Do($"virsh -c qemu:///system domblklist --details {guest.ServerId} | grep cdrom | grep -q base.iso");
    }

    [NeedsFact(Need.Libvirt, Need.Root)]
    public async Task An_image_larger_than_the_flavors_disk_is_refused()
    {
        var image = Path.Combine(libvirt.Folder, "large.qcow2");
        await Output("qemu-img", "create", "-q", "-f", "qcow2", image, "2G");

        var fault = await Assert.ThrowsAsync<Fault>(() => Made(LibvirtBench.Guest(image, "qcow2", memoryMb: 32)));

        Assert.Equal(FaultKind.BadRequest, fault.Kind);
        Assert.StartsWith("Flavor's disk is too small for requested image.", fault.Message, StringComparison.Ordinal);
    }

    [NeedsFact(Need.Libvirt, Need.Root)]
    public async Task A_guest_is_plugged_into_the_tap_that_the_network_made()
    {
        var port = new Guid("0197fb9e-0000-7000-8000-00000000ab01");
        await libvirt.Do($"tap {HostNames.Tap(port)} 1450");
        var guest = _bench.EmptyGuest() with
        {
            Nics = [new() { PortId = port, Mac = "fa:16:3e:00:00:01", Network = new() { Id = port, Mtu = 1450 } }],
        };

        await Made(guest);

        await libvirt.Do($"ip -d link show {HostNames.Tap(port)} | grep -q LOWER_UP");
        await Hypervisor.Destroy(guest.ServerId, default);
        await libvirt.Do($"ip link show {HostNames.Tap(port)}");
    }

    [NeedsFact(Need.Libvirt, Need.Root)]
    public async Task The_inventory_names_what_images_may_ask_for()
    {
        var inventory = await Hypervisor.Inspect(default);

        Assert.Contains("x86_64/qemu/hvm", inventory.SupportedInstances);
        Assert.Contains("COMPUTE_IMAGE_TYPE_QCOW2", inventory.Traits);
        Assert.Contains("HW_CPU_X86_SSE2", inventory.Traits);
        Assert.Contains("\"arch\":\"x86_64\"", inventory.CpuInfo, StringComparison.Ordinal);
    }

    private async Task<GuestSpec> Made(GuestSpec guest)
    {
        _made.Add(guest);
        await Hypervisor.Ensure(guest, default);
        return guest;
    }

    private async Task Restart(LibvirtOptions options)
    {
        await Hypervisor.DisposeAsync();
        _hypervisor = await LibvirtBench.Start(options);
    }

    private async Task<Power> PowerOf(GuestSpec guest) =>
        (await Hypervisor.ListGuests(default)).Single(g => g.ServerId == guest.ServerId).Power;

    private async Task<Power> TryPowerOf(GuestSpec guest)
    {
        try
        {
            return await PowerOf(guest);
        }
        catch (Fault e) when (e.IsTransient)
        {
            return Power.Unknown;
        }
    }

    private Task SeesOnConsole(GuestSpec guest, string text) =>
        Eventually.Is(async () => (await Hypervisor.ReadConsoleLog(guest.ServerId, null, default)).Contains(text, StringComparison.Ordinal));

    private string[] FilesOf(GuestSpec guest) =>
        Directory.GetFileSystemEntries(libvirt.Data, $"*{guest.ServerId}*", SearchOption.AllDirectories);

    private static async Task<byte[]> At(string path, long offset, int length)
    {
        var bytes = new byte[length];
        using var file = File.OpenHandle(path);
        await RandomAccess.ReadAsync(file, bytes, offset);
        return bytes;
    }

    private static string Sha256(string path) => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(path)));

    private static async Task<string> Output(string tool, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(tool, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        process.StandardInput.Close();
        var output = await process.StandardOutput.ReadToEndAsync().WaitAsync(Eventually.Limit);
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? output.Trim() : throw new InvalidOperationException($"{tool} failed");
    }
}
