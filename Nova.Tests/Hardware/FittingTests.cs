using FluentAssertions;
using Nova.Modules.Hardware;
using Nova.Modules.Shared;
using Xunit;

namespace Nova.Tests.Hardware;

/// <summary>What guests get of a host with two cells of four cores with two threads each, and two devices.</summary>
public sealed class FittingTests
{
    private readonly HostHardware _host = TwoCells();
    private readonly HostUse _use = new();

    internal static HostHardware TwoCells() => new()
    {
        DedicatedCpus = "1-3,5-7,9-11,13-15",
        Cells =
        [
            new() { Id = 0, Cpus = "0-3,8-11", Threads = 2, MemoryMb = 16384, Pages = [new() { SizeKb = 2048, Total = 1024 }, new() { SizeKb = 1048576, Total = 4, Reserved = 1 }] },
            new() { Id = 1, Cpus = "4-7,12-15", Threads = 2, Socket = 1, MemoryMb = 16384 },
        ],
        Devices =
        [
            new() { Address = "0000:81:00.0", VendorId = "8086", ProductId = "154c", Cell = 1 },
            new() { Address = "0000:82:00.0", VendorId = "8086", ProductId = "154c" },
            new() { Address = "0000:03:00.0", VendorId = "10de", ProductId = "1db6", Type = "type-PF", Cell = 0 },
            new() { Address = "0000:03:00.1", VendorId = "10de", ProductId = "1db7", Type = "type-VF", Cell = 0, Parent = "0000:03:00.0" },
        ],
    };

    [Fact]
    public void Pinned_processors_are_threads_of_the_same_cores()
    {
        var given = Take(Demand(4, 1024, ("hw:cpu_policy", "dedicated")))!;

        given.Cells.Should().ContainSingle().Which.Pins.Select(p => p.Cpu).Should().BeEquivalentTo([5, 13, 6, 14]);
        Take(Demand(6, 1024, ("hw:cpu_policy", "dedicated")))!.Cells[0].Host.Should().Be(0);
        Take(Demand(3, 1024, ("hw:cpu_policy", "dedicated"))).Should().BeNull("two are left, both on cell 1");
        Take(Demand(2, 1024, ("hw:cpu_policy", "dedicated"))).Should().NotBeNull();
    }

    [Fact]
    public void Isolated_threads_leave_their_siblings_idle()
    {
        var given = Take(Demand(2, 1024, ("hw:cpu_policy", "dedicated"), ("hw:cpu_thread_policy", "isolate")))!;

        given.Cells[0].Pins.Select(p => p.Cpu).Should().Equal(5, 6);
        given.Cells[0].Idle.Should().Equal(13, 14);
        Take(Demand(4, 1024, ("hw:cpu_policy", "dedicated"), ("hw:cpu_thread_policy", "isolate"))).Should().BeNull("no cell has four whole cores");
        Take(Demand(3, 1024, ("hw:cpu_policy", "dedicated"), ("hw:cpu_thread_policy", "require"))).Should().BeNull("three are no whole cores");
    }

    [Fact]
    public void The_emulator_gets_a_processor_of_its_own()
    {
        var given = Take(Demand(2, 1024, ("hw:cpu_policy", "dedicated"), ("hw:emulator_threads_policy", "isolate")))!;

        given.EmulatorCpu.Should().NotBeNull();
        given.Cpus.Should().OnlyHaveUniqueItems().And.HaveCount(3);
    }

    [Fact]
    public void Mixed_guests_pin_what_the_mask_says()
    {
        var given = Take(Demand(3, 1024, ("hw:cpu_policy", "mixed"), ("hw:cpu_dedicated_mask", "^0")))!;

        given.Cells[0].Pins.Select(p => p.Vcpu).Should().Equal(1, 2);
        given.Cells[0].SharedVcpus.Should().Be(1);
    }

    [Fact]
    public void Cells_of_a_guest_go_to_different_cells_of_the_host()
    {
        var demand = Demand(3, 4096, ("hw:numa_nodes", "2"), ("hw:numa_cpus.0", "0-1"), ("hw:numa_mem.0", "1024"), ("hw:numa_cpus.1", "2"), ("hw:numa_mem.1", "3072"));

        Take(demand)!.Cells.Select(c => c.Host).Should().BeEquivalentTo([0, 1]);
        Fitting.Find(_host, new(), Demand(6, 3072, ("hw:numa_nodes", "3")), new(1, 1)).Should().BeNull();
    }

    [Fact]
    public void Huge_pages_are_given_out_once()
    {
        Take(Demand(1, 2048, ("hw:mem_page_size", "1GB")))!.Cells.Should().ContainSingle(c => c.Host == 0 && c.PageSizeKb == 1048576);
        Take(Demand(1, 2048, ("hw:mem_page_size", "1GB"))).Should().BeNull("one page is reserved and two are taken");
        Take(Demand(1, 2048, ("hw:mem_page_size", "large")))!.Cells[0].PageSizeKb.Should().Be(2048);
        Take(Demand(1, 2048, ("hw:mem_page_size", "large"))).Should().BeNull();
        Take(Demand(1, 2048, ("hw:mem_page_size", "any")))!.Cells[0].PageSizeKb.Should().Be(4);
    }

    [Theory]
    [InlineData("required", 1)]
    [InlineData("legacy", 2)]
    [InlineData("preferred", 2)]
    [InlineData("socket", 1)]
    public void Devices_are_as_near_as_the_policy_says(string policy, int most)
    {
        (string, string)[] specs = [("hw:cpu_policy", "dedicated"), ("hw:pci_numa_affinity_policy", policy)];

        Fitting.Find(_host, new(), Demand(2, 512, [.. specs, ("pci_passthrough:alias", $"nic:{most}")]), new(1, 1))!.Cells[0].Host.Should().Be(1);
        Fitting.Find(_host, new(), Demand(2, 512, [.. specs, ("pci_passthrough:alias", $"nic:{most + 1}")]), new(1, 1)).Should().BeNull();
    }

    [Fact]
    public void A_physical_function_and_its_virtual_ones_exclude_each_other()
    {
        Take(Demand(1, 512, ("pci_passthrough:alias", "gpu:1")))!.Devices.Should().ContainSingle().Which.Address.Should().Be("0000:03:00.0");
        Take(Demand(1, 512, ("pci_passthrough:alias", "slice:1"))).Should().BeNull();
        Fitting.Find(_host, new(), Demand(1, 512, ("pci_passthrough:alias", "gpu:1,slice:1")), new(1, 1)).Should().BeNull();
    }

    [Fact]
    public void What_a_host_says_twice_counts_once()
    {
        var host = TwoCells();
        host.Cells = [.. host.Cells, .. host.Cells];
        host.Devices = [.. host.Devices, .. host.Devices];

        Fitting.Find(host, new(), Demand(2, 512, ("hw:numa_nodes", "2"), ("pci_passthrough:alias", "nic:2"), ("hw:pci_numa_affinity_policy", "preferred")), new(1, 1)).Should().NotBeNull();
        Fitting.Find(host, new(), Demand(1, 512, ("pci_passthrough:alias", "nic:3")), new(1, 1)).Should().BeNull();
        Fitting.Find(host, new(), Demand(3, 1536, ("hw:numa_nodes", "3")), new(1, 1)).Should().BeNull();
    }

    [Fact]
    public void What_is_given_back_fits_again()
    {
        var demand = Demand(6, 1024, ("hw:cpu_policy", "dedicated"), ("pci_passthrough:alias", "nic:2"));
        var given = Take(demand)!;
        Take(demand).Should().BeNull();
        _use.Add(given, -1);

        Take(demand).Should().BeEquivalentTo(given);
    }

    [Fact]
    public void Rows_say_the_same_as_what_they_were_made_of()
    {
        foreach (var demand in new[]
        {
            Demand(4, 2048, ("hw:cpu_policy", "dedicated"), ("hw:cpu_thread_policy", "isolate"), ("hw:numa_nodes", "2"), ("hw:emulator_threads_policy", "isolate")),
            Demand(3, 1024, ("hw:cpu_policy", "mixed"), ("hw:cpu_dedicated_mask", "2"), ("pci_passthrough:alias", "nic:1,gpu:1"), ("hw:pci_numa_affinity_policy", "preferred")),
            Demand(1, 2048, ("hw:mem_page_size", "1GB")),
        })
        {
            var given = Fitting.Find(_host, new(), demand, new(1, 1))!;
            GivenRows.Read([.. GivenRows.Of(given)]).Should().BeEquivalentTo(given);
        }
    }

    [Theory]
    [InlineData("hw:numa_nodes=3", "Instance CPUs and/or memory cannot be evenly distributed*")]
    [InlineData("hw:numa_nodes=2;hw:numa_cpus.0=0-3", "CPU and memory allocation must be provided for all NUMA nodes")]
    [InlineData("hw:numa_nodes=2;hw:numa_cpus.0=0-2;hw:numa_cpus.1=2-3;hw:numa_mem.0=512;hw:numa_mem.1=512", "CPU number 2 is assigned to two nodes")]
    [InlineData("hw:numa_nodes=2;hw:numa_cpus.0=0-2;hw:numa_cpus.1=7;hw:numa_mem.0=512;hw:numa_mem.1=512", "CPU number 7 is larger than max 3")]
    [InlineData("hw:numa_nodes=2;hw:numa_cpus.0=0;hw:numa_cpus.1=3;hw:numa_mem.0=512;hw:numa_mem.1=512", "CPU number(s) 1-2 are not assigned to any node")]
    [InlineData("hw:numa_nodes=2;hw:numa_cpus.0=0-1;hw:numa_cpus.1=2-3;hw:numa_mem.0=512;hw:numa_mem.1=511", "1023 MB of memory assigned, but expected 1024 MB")]
    [InlineData("hw:cpu_thread_policy=require", "Cannot set cpu thread pinning policy in a non dedicated cpu pinning policy")]
    [InlineData("hw:emulator_threads_policy=isolate", "An isolated CPU emulator threads option requires a dedicated CPU policy option.")]
    [InlineData("hw:cpu_policy=mixed;hw:cpu_dedicated_mask=0-3", "Mixed instance must have at least 1 pinned vCPU and 1 unpinned vCPU*")]
    [InlineData("hw:cpu_dedicated_mask=0", "Cannot specify 'hw:cpu_dedicated_mask' without the 'mixed' policy.")]
    [InlineData("hw:mem_page_size=3x", "Invalid memory page size '3x'")]
    [InlineData("pci_passthrough:alias=none:1", "PCI alias none is not defined")]
    public void What_contradicts_itself_is_a_400(string specs, string sentence) =>
        FluentActions.Invoking(() => Demand(4, 1024, [.. specs.Split(';').Select(s => s.Split('=')).Select(s => (s[0], s[1]))]))
            .Should().Throw<Fault>().WithMessage(sentence).Which.Kind.Should().Be(FaultKind.BadRequest);

    [Fact]
    public void An_image_may_not_say_otherwise_than_the_flavor()
    {
        var properties = new Dictionary<string, string> { ["hw_cpu_policy"] = "dedicated" };

        FluentActions.Invoking(() => Read(4, 1024, properties, ("hw:cpu_policy", "shared"))).Should().Throw<Fault>();
        Read(4, 1024, properties).Cells.Should().ContainSingle().Which.Pinned.Should().HaveCount(4);
    }

    internal static HardwareDemand Demand(int vcpus, int memoryMb, params (string Key, string Value)[] specs) => Read(vcpus, memoryMb, new Dictionary<string, string>(), specs);

    private static HardwareDemand Read(int vcpus, int memoryMb, IReadOnlyDictionary<string, string> properties, params (string Key, string Value)[] specs) =>
        new DemandReader(specs.ToDictionary(s => s.Key, s => s.Value), properties, vcpus, memoryMb, Pci).Read()!;

    private static PciOptions Pci => new()
    {
        Alias =
        [
            """{"name": "nic", "vendor_id": "8086", "product_id": "154c"}""",
            """{"name": "gpu", "vendor_id": "10de", "product_id": "1db6", "device_type": "type-PF"}""",
            """{"name": "slice", "vendor_id": "10de", "product_id": "1db7", "device_type": "type-VF"}""",
        ],
    };

    private GivenHardware? Take(HardwareDemand demand)
    {
        var given = Fitting.Find(_host, _use, demand, new(4, 1));
        if (given is not null)
            _use.Add(given, +1);
        return given;
    }
}
