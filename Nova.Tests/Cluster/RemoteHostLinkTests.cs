using Nova.Modules.Compute;
using Nova.Modules.Compute.Link;
using Nova.Modules.Compute.Wire;
using Nova.Modules.Shared;

namespace Nova.Tests.Cluster;

/// <summary>What a conductor is told about a command, whatever arrives or does not arrive.</summary>
public class RemoteHostLinkTests
{
    private static readonly Guid Host = Guid.Parse("0199c0de-0000-7000-8000-000000000001");

    private readonly RemoteHostLink _link = new(Host, Host, TimeProvider.System);
    private readonly DestroyGuest _command = new() { ServerId = Host, Epoch = 3, OperationId = Host, Step = "destroy" };

    [Fact]
    public async Task A_stream_that_breaks_before_the_command_was_accepted()
    {
        var result = _link.Send(_command, default);
        _link.Break();

        Assert.True(await result is { IsLinkLost: true, Fault: { Kind: FaultKind.Unavailable, IsTransient: true } });
        Assert.DoesNotContain("accepted", (await result).Fault!.Details, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stream_that_breaks_after_the_command_was_accepted()
    {
        var result = _link.Send(_command, default);
        Assert.True(_link.TryTake(new() { Accepted = new() { Name = LinkJson.NameOf(_command) } }));
        _link.Break();

        Assert.Contains("had accepted the command", (await result).Fault!.Details, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stream_that_breaks_after_the_result_changes_nothing()
    {
        var result = _link.Send(_command, default);
        _link.TryTake(Result(Power.Off));
        _link.Break();

        Assert.Equal(HostResult.Ok(Power.Off), await result);
    }

    [Fact]
    public async Task A_second_result_is_not_the_answer_to_anything()
    {
        var result = _link.Send(_command, default);
        _link.TryTake(Result(Power.Off));
        _link.TryTake(Result(Power.On));

        Assert.Equal(Power.Off, (await result).Power);
        Assert.Equal(
            [ToHost.KindOneofCase.Command, ToHost.KindOneofCase.ResultTaken],
            await Sent());
    }

    [Fact]
    public async Task A_command_after_the_break_fails_at_once()
    {
        _link.Break();

        Assert.True((await _link.Send(_command, default)).IsLinkLost);
        await Assert.ThrowsAsync<Fault>(() => _link.ReadConsoleLog(Host, null, default));
        Assert.False(await _link.Answers(TimeSpan.FromMinutes(1), default));
    }

    [Fact]
    public void Secrets_reach_the_host()
    {
        var guest = Drivers.Fake.FakeGuests.New() with { Metadata = new() { AdminPass = new("s3cret") } };
        var command = new SpawnGuest(guest) { ServerId = guest.ServerId, Epoch = 1, OperationId = Host, Step = "spawn" };

        var arrived = Assert.IsType<SpawnGuest>(LinkJson.Read(LinkJson.Write(command)));

        Assert.Equal("s3cret", arrived.Guest.Metadata.AdminPass!.Value.Reveal);
    }

    private FromHost Result(Power power) => new() { Result = LinkJson.Write(LinkJson.NameOf(_command), HostResult.Ok(power)) };

    private async Task<List<ToHost.KindOneofCase>> Sent()
    {
        _link.Break();
        var kinds = new List<ToHost.KindOneofCase>();
        await foreach (var message in _link.Outgoing(default))
            kinds.Add(message.KindCase);
        return kinds;
    }
}
