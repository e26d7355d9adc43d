using Nova.Modules.Compute;
using Nova.Modules.Compute.Link;
using Nova.Modules.Shared;
using Nova.Tests.Support;

namespace Nova.Tests.Cluster;

/// <summary>A host and its conductor over the stream between them, within the process and over the network.</summary>
public class HostLinkTests
{
    public static TheoryData<string> Ways => ["local", "http"];

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_host_is_commanded_through_its_stream(string way)
    {
        await using var lab = await HostLinkLab.Start(way);
        var link = await lab.Connected();
        var guest = await lab.NewGuest();

        Assert.Null((await link.Send(Spawn(guest, lab), default)).Fault);
        Assert.Equal(Power.On, (await lab.Guests()).Single().Power);
        Assert.NotEmpty(await link.ReadConsoleLog(guest.ServerId, 1, default));

        var destroyed = await link.Send(new DestroyGuest { ServerId = guest.ServerId, Epoch = 2, OperationId = lab.Ids.Next(), Step = "destroy" }, default);
        Assert.Equal((null, Power.Off), (destroyed.Fault, destroyed.Power));
        Assert.Empty(await lab.Guests());
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task What_a_guest_uses_and_what_a_copy_is_come_back_over_the_stream(string way)
    {
        await using var lab = await HostLinkLab.Start(way);
        var link = await lab.Connected();
        var guest = await lab.NewGuest();
        await link.Send(Spawn(guest, lab), default);

        var figures = await link.Diagnose(guest.ServerId, default);
        Assert.Equal((512L << 10, "fake"), (figures.MemoryKb, figures.Hypervisor));
        Assert.True(figures is { Cpus: [{ Id: 0, TimeNs: > 0 }], Disks: [{ Device: "vda", ReadBytes: > 0 }] });
        Assert.Equal(FaultKind.NotFound, (await Assert.ThrowsAsync<Fault>(() => link.Diagnose(Guid.NewGuid(), default))).Kind);

        var copied = await link.Send(new SnapshotGuest { ServerId = guest.ServerId, Epoch = 1, OperationId = lab.Ids.Next(), Step = "snapshot" }, default);
        Assert.Equal((null, "qcow2"), (copied.Fault, copied.Snapshot?.DiskFormat));

        // This host was given no way to bring images anywhere.
        var upload = await link.Send(new UploadSnapshot("i", "http://x") { ServerId = guest.ServerId, Epoch = 1, OperationId = lab.Ids.Next(), Step = "upload" }, default);
        Assert.Equal(FaultKind.NotImplemented, upload.Fault?.Kind);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_guest_stores_a_password_once_through_the_stream_and_only_of_its_own_host(string way)
    {
        await using var lab = await HostLinkLab.Start(way);
        var passwords = lab.Passwords;
        var guest = await lab.NewGuest();
        await (await lab.Connected()).Send(Spawn(guest, lab), default);

        Assert.Equal("", await passwords.Find(guest.ServerId, default));
        Assert.True(await passwords.TrySet(guest.ServerId, "one", default));
        Assert.False(await passwords.TrySet(guest.ServerId, "two", default));
        Assert.Equal("one", await passwords.Find(guest.ServerId, default));

        await lab.Stored.Clear(guest.ServerId, default);
        Assert.Equal("", await passwords.Find(guest.ServerId, default));
        Assert.True(await passwords.TrySet(guest.ServerId, "three", default));
        await lab.MoveAway(guest.ServerId);
        Assert.Equal(FaultKind.NotFound, (await Assert.ThrowsAsync<Fault>(async () => await passwords.Find(guest.ServerId, default))).Kind);
        Assert.Equal(FaultKind.NotFound, (await Assert.ThrowsAsync<Fault>(async () => await passwords.TrySet(Guid.NewGuid(), "x", default))).Kind);
        await lab.StopHost();
        Assert.True((await Assert.ThrowsAsync<Fault>(async () => await passwords.Find(guest.ServerId, default))).IsTransient);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_stale_epoch_is_refused_with_its_fault(string way)
    {
        await using var lab = await HostLinkLab.Start(way);
        var link = await lab.Connected();
        var guest = await lab.NewGuest();
        await link.Send(new DestroyGuest { ServerId = guest.ServerId, Epoch = 5, OperationId = lab.Ids.Next(), Step = "destroy" }, default);

        var result = await link.Send(Spawn(guest, lab), default);

        Assert.Equal((FaultKind.Conflict, false), (result.Fault!.Kind, result.IsLinkLost));
        Assert.Empty(await lab.Guests());
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_stream_that_breaks_amid_the_work_ends_the_wait_and_not_the_work(string way)
    {
        await using var lab = await HostLinkLab.Start(way);
        var link = await lab.Connected();
        var command = Spawn(await lab.NewGuest(), lab);
        lab.Gate.Close();
        var first = link.Send(command, default);
        await lab.Gate.Reached;

        lab.BreakStreams();
        var lost = await first;
        Assert.True(lost is { IsLinkLost: true, Fault.IsTransient: true });

        // Repeated by the conductor while the host still works on it: joined, and done once.
        var again = (await lab.ConnectedAfter(link)).Send(command, default);
        lab.Gate.Open();
        Assert.Null((await again).Fault);
        Assert.Equal(1, lab.Gate.Calls);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_result_that_was_not_taken_is_there_for_the_repeated_command(string way)
    {
        await using var lab = await HostLinkLab.Start(way);
        var link = await lab.Connected();
        var command = Spawn(await lab.NewGuest(), lab);
        lab.Gate.Close();
        var first = link.Send(command, default);
        await lab.Gate.Reached;
        lab.BreakStreams();
        await first;
        lab.Gate.Open();
        await lab.Gate.Ended;

        Assert.Null((await (await lab.ConnectedAfter(link)).Send(command, default)).Fault);
        Assert.Equal(1, lab.Gate.Calls);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_cancelled_command_ends_in_the_driver(string way)
    {
        await using var lab = await HostLinkLab.Start(way);
        var link = await lab.Connected();
        using var turnRound = new CancellationTokenSource();
        lab.Gate.Close();
        var spawning = link.Send(Spawn(await lab.NewGuest(), lab), turnRound.Token);
        await lab.Gate.Reached;

        await turnRound.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => spawning);
        await lab.Gate.Ended;
        Assert.Empty(await lab.Guests());
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Another_process_with_the_same_identity_is_refused(string way)
    {
        await using var lab = await HostLinkLab.Start(way);
        await lab.Connected();

        var fault = await lab.RefusalOfASecondProcess("host");

        Assert.Equal(FaultKind.Conflict, fault.Kind);
        Assert.Contains("connected already by another process", fault.Message, StringComparison.Ordinal);
        Assert.True(await ((RemoteHostLink)await lab.Connected()).Answers(Eventually.Limit, default));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_changed_name_is_refused(string way)
    {
        await using var lab = await HostLinkLab.Start(way);
        await lab.Connected();
        await lab.StopHost();

        var fault = await lab.RefusalOfASecondProcess("renamed");

        Assert.Contains("was known as 'host-00001' and now says 'renamed-00001'", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_driver_that_cannot_copy_or_count_says_so()
    {
        await using var lab = await HostLinkLab.Start("local", hypervisor => new BareHypervisor(hypervisor));
        var link = await lab.Connected();
        var guest = await lab.NewGuest();
        await link.Send(Spawn(guest, lab), default);

        Assert.Equal(FaultKind.NotImplemented, (await Assert.ThrowsAsync<Fault>(() => link.Diagnose(guest.ServerId, default))).Kind);
        var copied = await link.Send(new SnapshotGuest { ServerId = guest.ServerId, Epoch = 1, OperationId = lab.Ids.Next(), Step = "snapshot" }, default);
        Assert.Equal((FaultKind.NotImplemented, false), (copied.Fault!.Kind, copied.Fault.IsTransient));
        Assert.DoesNotContain("CUSTOM_COMPUTE_SNAPSHOT", Capabilities.TraitsOf(new BareHypervisor(lab.Gate)));
        Assert.Contains("CUSTOM_COMPUTE_SNAPSHOT", Capabilities.TraitsOf(lab.Gate));
    }

    private static SpawnGuest Spawn(GuestSpec guest, HostLinkLab lab) =>
        new(guest) { ServerId = guest.ServerId, Epoch = 1, OperationId = lab.Ids.Next(), Step = "spawn" };
}
