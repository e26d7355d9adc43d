using FluentAssertions;
using Nova.Modules.Scheduling;
using Nova.Tests.Support;
using Xunit;

namespace Nova.Tests.Scheduling;

public sealed class ChooserTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public void A_choice_is_reserved_until_five_seconds_have_passed()
    {
        var chooser = Chooser(TestHost.Of(1, vcpus: 1, memory: 4096));
        chooser.Choose(World.Request(vcpus: 1, memory: 3000)).IsComplete.Should().BeTrue();
        chooser.Choose(World.Request(vcpus: 1, memory: 3000)).IsComplete.Should().BeFalse("the room is reserved");

        _time.Advance(TimeSpan.FromSeconds(5));
        chooser.Begin();

        chooser.Choose(World.Request(vcpus: 1, memory: 3000)).IsComplete.Should().BeTrue();
    }

    [Fact]
    public void The_claims_change_replaces_the_reservation()
    {
        var host = TestHost.Of(1, memory: 4096);
        var chooser = Chooser(host);
        var request = World.Request(memory: 1024);
        chooser.Choose(request);
        chooser.Assumed.Should().Be(1);

        chooser.UsageChanged(new(host.Id, 2, request.Servers[0], [new("MEMORY_MB", 1024), new("VCPU", 1), new("DISK_GB", 10)]));

        chooser.Assumed.Should().Be(0);
        chooser.Picture.Resource("MEMORY_MB")!.Free[0].Should().Be(4096 - 512 - 1024, "counted once");
        chooser.UsageChanged(new(host.Id, 1, Guid.NewGuid(), [new("MEMORY_MB", 0)]));
        chooser.Picture.Resource("MEMORY_MB")!.Free[0].Should().Be(4096 - 512 - 1024, "an earlier generation is late");
    }

    [Fact]
    public void A_server_that_is_placed_again_gives_its_reservation_back()
    {
        var chooser = Chooser(TestHost.Of(1, memory: 4096));
        var request = World.Request(memory: 3000);
        chooser.Choose(request);

        chooser.Choose(request).IsComplete.Should().BeTrue();

        chooser.Assumed.Should().Be(1);
    }

    [Fact]
    public void Several_servers_spread_over_hosts_that_are_alike()
    {
        var chooser = Chooser([.. Enumerable.Range(0, 8).Select(n => TestHost.Of(n))]);

        var hosts = chooser.Choose(World.Request(servers: 16)).Ranked.Select(r => r[0].Host);

        hosts.CountBy(h => h).Select(h => h.Value).Should().HaveCount(8).And.OnlyContain(count => count == 2);
    }

    [Fact]
    public void All_servers_of_a_request_or_none()
    {
        var chooser = Chooser(TestHost.Of(1, memory: 512 + 3 * 1024));

        var selection = chooser.Choose(World.Request(servers: 4));

        selection.IsComplete.Should().BeFalse();
        selection.Refusals.Should().ContainSingle().Which.NearestMiss!.ToString().Should().Be("1 host lacks only 1024 MB of memory");
        chooser.Choose(World.Request(servers: 3)).IsComplete.Should().BeTrue("nothing stayed reserved");
    }

    [Fact]
    public void Requests_of_one_shape_share_a_scan_and_never_the_same_room()
    {
        var chooser = Chooser([.. Enumerable.Range(0, 100).Select(n => TestHost.Of(n, memory: 512 + 1024))]);

        var selections = Enumerable.Range(0, 101).Select(_ => chooser.Choose(World.Request())).ToList();

        selections.Take(100).Select(s => s.Ranked[0][0].Host).Should().OnlyHaveUniqueItems();
        selections[100].IsComplete.Should().BeFalse();
    }

    [Fact]
    public void The_choice_among_equals_depends_on_the_request_and_repeats_with_it()
    {
        TestHost[] hosts = [.. Enumerable.Range(0, 50).Select(n => TestHost.Of(n))];
        var requests = Enumerable.Range(0, 200).Select(_ => World.Request()).ToList();

        var first = requests.ConvertAll(r => Chooser(hosts).Choose(r).Ranked[0][0].Host);

        first.Distinct().Should().HaveCountGreaterThan(30, "200 requests spread over 50 equal hosts");
        requests.ConvertAll(r => Chooser(hosts).Choose(r).Ranked[0][0].Host).Should().Equal(first);
    }

    [Fact]
    public void A_subset_widens_the_choice_beyond_the_best()
    {
        TestHost[] hosts = [.. Enumerable.Range(0, 10).Select(n => TestHost.Of(n, memory: 10_000 + 1000 * n))];
        var options = new SchedulerOptions { HostSubsetSize = 3, CpuWeightMultiplier = 0, DiskWeightMultiplier = 0, ScoreTolerance = 0 };

        var chosen = Enumerable.Range(0, 100).Select(_ => World.Chooser(options, _time, hosts).Choose(World.Request()).Ranked[0][0].Host).Distinct();

        chosen.Should().BeEquivalentTo("host-9", "host-8", "host-7");
    }

    [Fact]
    public void A_forced_host_skips_the_filters_and_not_the_capacity()
    {
        var disabled = TestHost.Of(1, memory: 4096) with { Disabled = true };
        var request = World.Request() with { Host = "host-1", Zone = "elsewhere", SkipFilters = true };
        var chooser = Chooser(disabled, TestHost.Of(2));

        chooser.Choose(request).Ranked[0].Should().ContainSingle().Which.Host.Should().Be("host-1");
        chooser.Choose(request with { SkipFilters = false }).IsComplete.Should().BeFalse();
        chooser.Choose(request with { Resources = [new("MEMORY_MB", 5000)] }).Refusals.Should().Contain(r => r.Filter == "CapacityFilter");
    }

    [Fact]
    public void Every_refusal_says_what_the_nearest_hosts_lacked()
    {
        var chooser = Chooser(
            TestHost.Of(1) with { Disabled = true },
            TestHost.Of(2) with { Health = HostHealth.Down },
            TestHost.Of(3) with { Health = HostHealth.Unknown },
            TestHost.Of(4) with { Zone = "east" },
            TestHost.Of(5) with { Traits = ["HW_B"] },
            TestHost.Of(6) with { Traits = ["HW_A"], Abilities = ["aarch64/qemu/hvm"] },
            TestHost.Of(7, memory: 1024) with { Traits = ["HW_A"] },
            TestHost.Of(8, memory: 1024, disk: 5) with { Traits = ["HW_A"] },
            TestHost.Of(9, memory: 1024) with { Traits = ["HW_A"] },
            TestHost.Of(10) with { Traits = ["HW_A"] });

        var request = World.Request() with
        {
            Zone = "nova", RequiredTraits = ["HW_A"], ImageProperties = new Dictionary<string, string> { ["hw_architecture"] = "x86_64" },
        };
        var tried = chooser.Choose(request).Ranked[0][0];
        var selection = chooser.Choose(request with { TriedHosts = [tried.HostId] });

        tried.Host.Should().Be("host-10");
        selection.HostsSeen.Should().Be(10);
        selection.Refusals.Select(r => $"{r.Filter} {r.Hosts}: {r.NearestMiss}").Should().Equal(
            "RetryFilter 1: 1 hosts were tried already and failed",
            "ComputeFilter 3: 1 hosts are disabled, 1 are down, and 1 have not been heard of yet",
            "AvailabilityZoneFilter 1: 1 hosts are in other zones than nova, which has 9",
            "TraitsFilter 1: 1 hosts would do but for the missing trait HW_A",
            "ImagePropertiesFilter 1: 1 hosts cannot run x86_64/any/any, which the image asks for",
            "CapacityFilter 3: 2 hosts lack only 512 MB of memory");
    }

    [Fact]
    public void A_removed_host_is_forgotten_with_its_reservations_and_its_slot_is_used_again()
    {
        var gone = TestHost.Of(1);
        var chooser = Chooser(gone);
        chooser.Choose(World.Request());
        chooser.HostRemoved(gone.Id);
        chooser.Assumed.Should().Be(0);
        chooser.Choose(World.Request()).HostsSeen.Should().Be(0);

        var next = TestHost.Of(2, memory: 2048);
        chooser.HostChanged(next.State);
        chooser.ProviderChanged(next.Provider);

        chooser.Choose(World.Request()).Ranked[0].Should().ContainSingle().Which.Host.Should().Be("host-2");
        chooser.Picture.Slots.Should().Be(64);
    }

    [Fact]
    public void Unknown_names_are_told_with_the_nearest_one()
    {
        var options = new SchedulerOptions { Filters = ["ComputeFilter", "NumaTopologyFilter"], Weighers = ["RamWeigher"], Prefilters = ["sound"] };

        options.Validate(new(options)).Select(r => r.ErrorMessage).Should().SatisfyRespectively(
            prefilter => prefilter.Should().StartWith("There is no prefilter 'sound'"),
            filter => filter.Should().StartWith("There is no filter 'NumaTopologyFilter'; did you mean 'NUMATopologyFilter'? There are "),
            weigher => weigher.Should().StartWith("There is no weigher 'RamWeigher'; did you mean 'RAMWeigher'? There are "));
    }

    private Chooser Chooser(params TestHost[] hosts) => World.Chooser(new(), _time, hosts);
}
