using FluentAssertions;
using FsCheck;
using FsCheck.Fluent;
using Nova.Modules.Scheduling;
using Nova.Tests.Support;
using Xunit;

namespace Nova.Tests.Scheduling;

public sealed class GroupChooserTests
{
    private static readonly Guid Group = Guid.NewGuid();

    private readonly ManualTime _time = new();
    private readonly TestHost[] _hosts = [.. Enumerable.Range(0, 4).Select(n => TestHost.Of(n))];

    [Fact]
    public void Anti_affinity_gives_each_host_one_member_and_then_says_why_there_is_none()
    {
        var chooser = Chooser();

        chooser.Choose(Request(GroupPolicies.AntiAffinity, servers: 3)).Ranked.Select(r => r[0].Host).Should().OnlyHaveUniqueItems();
        chooser.Choose(Request(GroupPolicies.AntiAffinity)).IsComplete.Should().BeTrue();

        var none = chooser.Choose(Request(GroupPolicies.AntiAffinity));
        none.IsComplete.Should().BeFalse();
        none.Refusals.Should().ContainSingle().Which.Should().Match<Refusal>(r => r.Filter == "ServerGroupAntiAffinityFilter" && r.Hosts == 4);
        none.Refusals[0].NearestMiss!.ToString().Should().Be("4 hosts already have a member of the server group");
    }

    [Fact]
    public void A_choice_that_was_never_claimed_leaves_the_group()
    {
        var chooser = Chooser();
        chooser.Choose(Request(GroupPolicies.AntiAffinity, servers: 4));

        _time.Advance(TimeSpan.FromSeconds(5));
        chooser.Begin();

        chooser.Choose(Request(GroupPolicies.AntiAffinity, servers: 4)).IsComplete.Should().BeTrue();
    }

    [Fact]
    public void A_claimed_member_stays_until_it_leaves()
    {
        var chooser = Chooser();
        var request = Request(GroupPolicies.AntiAffinity);
        var host = chooser.Choose(request).Ranked[0][0].HostId;
        chooser.UsageChanged(new(host, 2, request.Servers[0], [new("VCPU", 1)]));
        chooser.MemberChanged(new(Group, request.Servers[0], host));

        chooser.Choose(Request(GroupPolicies.AntiAffinity, servers: 4)).IsComplete.Should().BeFalse();
        chooser.MemberChanged(new(Group, request.Servers[0], null));

        chooser.Choose(Request(GroupPolicies.AntiAffinity, servers: 4)).IsComplete.Should().BeTrue();
        chooser.GroupRemoved(Group);
        chooser.Picture.Members(Group).IsEmpty.Should().BeTrue();
    }

    [Fact]
    public void The_rule_says_how_many_members_a_host_may_have()
    {
        var chooser = Chooser();

        chooser.Choose(Request(GroupPolicies.AntiAffinity, servers: 8, most: 2)).Ranked.GroupBy(r => r[0].Host).Should().OnlyContain(g => g.Count() == 2);
        chooser.Choose(Request(GroupPolicies.AntiAffinity, most: 2)).Refusals[0].NearestMiss!.ToString()
            .Should().Be("4 hosts already have 2 members of the server group");
    }

    [Fact]
    public void Affinity_keeps_all_members_on_the_host_of_the_first_even_when_it_is_full()
    {
        var chooser = Chooser();

        var hosts = chooser.Choose(Request(GroupPolicies.Affinity, servers: 5)).Ranked.Select(r => r[0].Host).Distinct();
        var full = chooser.Choose(Request(GroupPolicies.Affinity) with { Resources = [new("MEMORY_MB", 30_000)] });

        hosts.Should().ContainSingle();
        full.IsComplete.Should().BeFalse();
        full.Refusals.Select(r => (r.Filter, r.Hosts)).Should().Equal(("ServerGroupAffinityFilter", 3), ("CapacityFilter", 1));
    }

    [Fact]
    public void A_member_that_moves_is_not_in_its_own_way()
    {
        var chooser = Chooser();
        var server = Guid.NewGuid();
        chooser.MemberChanged(new(Group, server, _hosts[2].Id));

        var moved = chooser.Choose(Request(GroupPolicies.AntiAffinity) with { Servers = [server], Host = "host-2" });

        moved.IsComplete.Should().BeTrue();
    }

    [Fact]
    public void What_a_refused_claim_has_seen_counts_beside_the_picture()
    {
        var chooser = Chooser();
        var group = new GroupRequest { Id = Group, Policy = GroupPolicies.AntiAffinity, Seen = [.. _hosts.Take(3).Select(h => new HostMembers(h.Id, 1))] };

        chooser.Choose(Request(GroupPolicies.AntiAffinity) with { Group = group }).Ranked[0].Should().ContainSingle().Which.Host.Should().Be("host-3");
        chooser.Choose(Request(GroupPolicies.Affinity) with { Group = new() { Id = Guid.NewGuid(), Policy = GroupPolicies.Affinity, Seen = [new(_hosts[1].Id, 7)] } })
            .Ranked[0].Should().ContainSingle().Which.Host.Should().Be("host-1");
    }

    [Fact]
    public void The_forced_form_of_a_host_keeps_to_the_policy()
    {
        var chooser = Chooser();
        chooser.MemberChanged(new(Group, Guid.NewGuid(), _hosts[0].Id));

        chooser.Choose(Request(GroupPolicies.AntiAffinity) with { Host = "host-0", SkipFilters = true })
            .Refusals.Select(r => r.Filter).Should().Contain("ServerGroupAntiAffinityFilter");
    }

    // The hosts are alike and large: only the group decides.
    [Fact]
    public void Any_group_on_any_cloud_is_placed_as_a_plain_count_says() =>
        Prop.ForAll(Cases.ToArbitrary(), Agrees).Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    private sealed record Case(int Hosts, int[] Placed, string Policy, int Most, int Servers);

    private static Gen<Case> Cases =>
        from hosts in Gen.Choose(1, 70)
        from placed in Gen.Choose(0, hosts - 1).ListOf().Select(l => l.Take(12).ToArray())
        from policy in Gen.Elements(GroupPolicies.Affinity, GroupPolicies.AntiAffinity, GroupPolicies.SoftAffinity, GroupPolicies.SoftAntiAffinity)
        from most in Gen.Choose(1, 3)
        from servers in Gen.Choose(1, 40)
        select new Case(hosts, policy == GroupPolicies.Affinity && placed.Length > 0 ? [.. placed.Select(_ => placed[0])] : placed, policy, most, servers);

    private static bool Agrees(Case c)
    {
        var hosts = Enumerable.Range(0, c.Hosts).Select(n => TestHost.Of(n, vcpus: 1000, memory: 1_000_000, disk: 10_000)).ToArray();
        var options = new SchedulerOptions { RamWeightMultiplier = 0, CpuWeightMultiplier = 0, DiskWeightMultiplier = 0, ScoreTolerance = 0 };
        var chooser = World.Chooser(options, new ManualTime(), hosts);
        foreach (var at in c.Placed)
            chooser.MemberChanged(new(Group, Guid.NewGuid(), hosts[at].Id));

        var counts = Enumerable.Range(0, c.Hosts).Select(n => c.Placed.Count(at => at == n)).ToArray();
        var selection = chooser.Choose(Request(c.Policy, c.Servers, c.Most));
        if (c.Policy == GroupPolicies.AntiAffinity && counts.Sum(n => Math.Max(0, c.Most - n)) < c.Servers)
            return !selection.IsComplete;

        var picks = selection.Ranked.Select(r => Array.FindIndex(hosts, h => h.Id == r[0].HostId)).ToList();
        return picks.Count == c.Servers && picks.TrueForAll(at => IsRight(c, counts, at));
    }

    private static bool IsRight(Case c, int[] counts, int at)
    {
        var isRight = c.Policy switch
        {
            GroupPolicies.AntiAffinity => counts[at] < c.Most,
            GroupPolicies.Affinity => counts[at] > 0 || counts.Sum() == 0,
            GroupPolicies.SoftAffinity => counts[at] == counts.Max(),
            _ => counts[at] == counts.Min(),
        };
        counts[at]++;
        return isRight;
    }

    private static PlacementRequest Request(string policy, int servers = 1, int most = 1) =>
        World.Request(servers) with { Group = new() { Id = Group, Policy = policy, MaxPerHost = most } };

    private Chooser Chooser() => World.Chooser(new SchedulerOptions(), _time, _hosts);
}
