using System.Text.Json;
using Nova.Modules.Placement;
using Nova.Modules.Scheduling;
using Nova.Modules.Scheduling.Explain;

namespace Nova.Tests.Scheduling;

/// <summary>Questions to a picture leave it as it was, and a copy of it answers as it does.</summary>
public class ExplainPictureTests
{
    private static readonly SchedulerOptions Options = new();

    [Fact]
    public void A_copy_of_a_picture_with_gaps_and_reservations_chooses_the_same_host()
    {
        for (var seed = 0; seed < 50; seed++)
        {
            var random = new Random(seed);
            var hosts = Enumerable.Range(0, 90).Select(i => TestHost.Of(i, random.Next(1, 32), random.Next(600, 40_000), random.Next(10, 900)) with { Disabled = random.Next(10) == 0 }).ToList();
            var chooser = World.Chooser(Options, TimeProvider.System, hosts);
            foreach (var gone in hosts.Where(_ => random.Next(5) == 0))
                chooser.HostRemoved(gone.Id);
            for (var i = 0; i < 20; i++)
                chooser.Choose(World.Request(vcpus: random.Next(1, 4), memory: random.Next(100, 4000)));
            chooser.UsageChanged(new(hosts[1].Id, 5, Guid.NewGuid(), [new("VCPU", 2), new("MEMORY_MB", 512)]) { Holds = true });

            var request = World.Request(vcpus: 2, memory: 2000);
            var copy = new Chooser(Options, TimeProvider.System);
            copy.Load(chooser.Picture.Export());
            copy.Begin();
            chooser.Begin();
            Assert.Equal(Json(chooser.Try(request, 100)), Json(copy.Try(request, 100)));
        }
    }

    [Fact]
    public void A_recording_survives_its_file()
    {
        var group = new GroupRequest { Id = Guid.NewGuid(), Policy = GroupPolicies.AntiAffinity };
        var hosts = Enumerable.Range(0, 10).Select(i => TestHost.Of(i) with { Traits = i % 2 == 0 ? ["CUSTOM_EVEN"] : [] }).ToList();
        var chooser = World.Chooser(Options, TimeProvider.System, hosts);
        chooser.MemberChanged(new(group.Id, Guid.NewGuid(), hosts[2].Id));
        chooser.BuildFailed(hosts[4].Id);

        var request = World.Request() with { Group = group, RequiredTraits = ["CUSTOM_EVEN"] };
        var recording = Recording.Of(new(request, []), chooser.Picture.Export(), Options, TimeProvider.System);
        var read = Recording.Read(recording.ToJson())!;
        Assert.Equal((true, 4), (recording.Answer.Fits, recording.Answer.HostsFit));
        Assert.Equal(Json(recording.Answer), Json(read.Replay(TimeProvider.System)));
        Assert.Null(Recording.Read("[]"u8));
        Assert.Null(Recording.Read("nothing"u8));
    }

    [Fact]
    public void What_a_server_holds_does_not_stand_in_its_own_way()
    {
        var host = TestHost.Of(1, vcpus: 1, memory: 2048);
        var chooser = World.Chooser(Options, TimeProvider.System, host);
        var request = World.Request(vcpus: 4, memory: 1500) with { Resources = [new("MEMORY_MB", 1500)] };
        chooser.UsageChanged(new(host.Id, 5, request.Servers[0], [new("MEMORY_MB", 1500)]) { Holds = true });

        Assert.False(Recording.Of(new(request, []), chooser.Picture.Export(), Options, TimeProvider.System).Answer.Fits);
        Assert.True(Recording.Of(new(request, [new(host.Id, "", request.Resources)]), chooser.Picture.Export(), Options, TimeProvider.System).Answer.Fits);
    }

    [Fact]
    public void Questions_leave_the_picture_as_it_was()
    {
        var chooser = World.Chooser(Options, TimeProvider.System, Enumerable.Range(0, 20).Select(i => TestHost.Of(i)));
        chooser.Choose(World.Request());
        var before = Json(chooser.Picture.Export());

        Assert.True(chooser.Try(World.Request(servers: 7), 100).Fits);
        Assert.False(chooser.Try(World.Request(vcpus: 1000), 100).Fits);
        chooser.Room(World.Request(), default);
        Assert.Equal(before, Json(chooser.Picture.Export()));
    }

    [Theory]
    [InlineData(1, 1000, 10, "MEMORY_MB", 32)]
    [InlineData(1, 100, 100, "DISK_GB", 5)]
    [InlineData(8, 100, 1, "VCPU", 8)]
    public void Room_is_what_the_scarcest_class_allows(long vcpus, long memory, long disk, string scarce, int perHost)
    {
        var chooser = World.Chooser(Options, TimeProvider.System, TestHost.Of(1), TestHost.Of(2), TestHost.Of(3) with { Disabled = true });

        var room = chooser.Room(World.Request(vcpus: vcpus, memory: memory, disk: disk), default);

        Assert.Equal((2L * perHost, 2, 3, false), (room.Servers, room.HostsFit, room.HostsSeen, room.IsAtLeast));
        Assert.Equal(new Shortage(scarce, 2), Assert.Single(room.RunsOut));
        Assert.Equal("ComputeFilter", Assert.Single(room.Refusals).Filter);
    }

    [Fact]
    public void Room_below_hosts_is_counted_by_filling_them()
    {
        var host = TestHost.Of(1);
        var chooser = World.Chooser(Options, TimeProvider.System, host);
        foreach (var card in (int[])[1, 2])
            chooser.ProviderChanged(new(Guid.NewGuid(), 1, [new() { Class = "VGPU", Total = 5, MaxUnit = 5 }], []) { RootId = host.Id });
        var one = World.Request() with { Resources = [new("VCPU", 1), new("VGPU", 2)] };

        Assert.True(chooser.HasToFill(one));
        var room = chooser.Room(one, default);

        Assert.Equal((4L, "VGPU"), (room.Servers, Assert.Single(room.RunsOut).What));
    }

    [Fact]
    public void A_decision_is_bounded_whatever_filters_say()
    {
        var refusals = Enumerable.Range(0, 500).Select(i => new Refusal($"Filter{i}", 1, Nova.Modules.Shared.Message.Verbatim(new('x', 5000)))).ToList();
        var decision = Decision.Of(new([], refusals, 500), 0, 1);

        Assert.InRange(JsonSerializer.Serialize(decision).Length, 1, 30_000);
        Assert.Equal(decision.Refusals.Count, Decision.From(JsonSerializer.SerializeToElement(decision))!.Refusals.Count);
        Assert.Null(Decision.From(null));
    }

    private static string Json(object value) => JsonSerializer.Serialize(value);
}
