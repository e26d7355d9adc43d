using FluentAssertions;
using Nova.Modules.Compute;
using Nova.Modules.Hardware;
using Nova.Modules.Placement;
using Nova.Modules.Servers;
using Nova.Tests.Operations;
using Nova.Tests.Support;
using Xunit;

namespace Nova.Tests.Hardware;

/// <summary>Servers with pinned processors, from the create to the delete, on three hosts with twelve dedicated processors each.</summary>
public sealed class HardwareServerTests
{
    private const string Profiles =
        """
        [{"vcpus": 16, "memory_mb": 32768, "hardware": {
            "dedicated_cpus": "1-3,5-7,9-11,13-15",
            "cells": [{"id": 0, "cpus": "0-3,8-11", "threads": 2, "memory_mb": 16384}, {"id": 1, "cpus": "4-7,12-15", "threads": 2, "memory_mb": 16384}],
            "pools": [{"name": "gpu0", "resources": {"VGPU": 1}}]}}]
        """;

    // Two cards on one cell, and the processors on both.
    private const string Cards =
        """
        [{"vcpus": 16, "memory_mb": 32768, "hardware": {
            "devices_in_placement": true,
            "cells": [{"id": 0, "cpus": "0-7", "memory_mb": 16384}, {"id": 1, "cpus": "8-15", "memory_mb": 16384}],
            "devices": [
                {"address": "0000:81:00.0", "vendor_id": "8086", "product_id": "154c", "cell": 1, "traits": ["CUSTOM_FAST"]},
                {"address": "0000:82:00.0", "vendor_id": "8086", "product_id": "154c", "cell": 1}]}}]
        """;

    private static readonly ServerFlavor Card = new()
    {
        Id = "4", Name = "card", Vcpus = 1, MemoryMb = 512, RootGb = 1,
        ExtraSpecs = new Dictionary<string, string> { ["pci_passthrough:alias"] = "card:1", ["hw:numa_nodes"] = "1", ["hw:pci_numa_affinity_policy"] = "required" },
    };

    private static readonly ServerFlavor Pinned = new()
    {
        Id = "2", Name = "pinned", Vcpus = 6, MemoryMb = 1024, RootGb = 1, ExtraSpecs = new Dictionary<string, string> { ["hw:cpu_policy"] = "dedicated" },
    };

    private static readonly ServerFlavor Graphics = new()
    {
        Id = "3", Name = "graphics", Vcpus = 1, MemoryMb = 512, RootGb = 1, ExtraSpecs = new Dictionary<string, string> { ["resources:VGPU"] = "1" },
    };

    [Theory, OnSqlite, OnPostgres]
    public async Task Each_gets_processors_of_its_own_until_there_are_none(string kind)
    {
        await using var cloud = await FakeCloud.Start(kind, profiles: Profiles);
        var servers = new List<Guid>();
        for (var i = 0; i < 7; i++)
            servers.Add(await cloud.Create(Pinned, placed: i % 2 == 0));
        await cloud.Settle();

        var states = (await Task.WhenAll(servers.Select(cloud.Server))).CountBy(s => s.VmState).ToDictionary();
        states.Should().BeEquivalentTo(new Dictionary<string, int> { [VmStates.Active] = 6, [VmStates.Error] = 1 });
        var given = await cloud.Database.Read(HardwareStore.Read, default);
        given.GroupBy(g => g.HostId).Should().HaveCount(3).And.OnlyContain(host => host.SelectMany(g => g.Given!.Cpus).Distinct().Count() == 12);
        cloud.Delivered.OfType<SpawnGuest>().Should().HaveCount(6).And.OnlyContain(spawn => spawn.Guest.Hardware!.Cpus.Count() == 6, "the host must know which");
        await cloud.AssertNothingLeft();

        foreach (var server in servers)
            await cloud.Delete(server);
        await cloud.Settle();
        await cloud.AssertNothingLeft();
        (await cloud.Database.Read(HardwareStore.Read, default)).Should().BeEmpty();
    }

    [Theory, OnSqlite]
    public async Task A_host_that_fails_gives_its_processors_back(string kind)
    {
        await using var cloud = await FakeCloud.Start(kind, profiles: Profiles);
        cloud.Script.Add(new() { Operation = "spawn", Times = 1, Fail = Nova.Drivers.Hypervisor.Fake.FakeFailure.Permanent });
        var server = await cloud.Create(Pinned);
        await cloud.Settle();

        (await cloud.Server(server)).VmState.Should().Be(VmStates.Active);
        (await cloud.Database.Read(HardwareStore.Read, default)).Should().ContainSingle().Which.HostId.Should().Be((await cloud.Server(server)).HostId!.Value);
        await cloud.AssertNothingLeft();
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Classes_of_providers_below_the_hosts_are_claimed_there(string kind)
    {
        await using var cloud = await FakeCloud.Start(kind, profiles: Profiles);
        var servers = new List<Guid>();
        for (var i = 0; i < 4; i++)
            servers.Add(await cloud.Create(Graphics));
        await cloud.Settle();

        (await Task.WhenAll(servers.Select(cloud.Server))).Count(s => s.VmState == VmStates.Active).Should().Be(3, "each host has one");
        (await cloud.Database.Read(rows => rows.Value<long>("SELECT COUNT(DISTINCT provider_id) FROM allocations WHERE class = 'VGPU'"), default)).Should().Be(3);
        await cloud.AssertNothingLeft();
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Cards_that_are_providers_are_claimed_there_and_by_address_near_the_guests_cell(string kind)
    {
        await using var cloud = await FakeCloud.Start(kind, profiles: Cards);
        var servers = new List<Guid>();
        for (var i = 0; i < 7; i++)
            servers.Add(await cloud.Create(Card));
        await cloud.Settle();

        var states = (await Task.WhenAll(servers.Select(cloud.Server))).CountBy(s => s.VmState).ToDictionary();
        states.Should().BeEquivalentTo(new Dictionary<string, int> { [VmStates.Active] = 6, [VmStates.Error] = 1 }, "three hosts have two each");
        var given = await cloud.Database.Read(HardwareStore.Read, default);
        given.Select(g => (g.HostId, g.Given!.Devices.Single().Address)).Should().OnlyHaveUniqueItems();
        given.Should().OnlyContain(g => g.Given!.Cells.Single().Host == 1, "the cards are on that cell");
        var allocated = await cloud.Database.Read(
            rows => rows.Many("SELECT provider_id, consumer_id, used FROM allocations WHERE class = 'CUSTOM_PCI_8086_154C'", row => (Provider: row.Uuid(0), Consumer: row.Uuid(1), Amount: row.Long(2))), default);
        allocated.Should().BeEquivalentTo(given.Select(g => (Provider: NestedProviders.IdOf(g.HostId, g.Given!.Devices.Single().Address), Consumer: g.ConsumerId, Amount: 1L)));
        await cloud.AssertNothingLeft();

        foreach (var server in servers)
            await cloud.Delete(server);
        await cloud.Settle();
        await cloud.AssertNothingLeft();
        (await cloud.Database.Read(HardwareStore.Read, default)).Should().BeEmpty();
    }
}
