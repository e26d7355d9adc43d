using FluentAssertions;
using Nova.Modules.Scheduling;
using Xunit;

namespace Nova.Tests.Scheduling;

public sealed class AggregatePictureTests
{
    private static readonly Guid Ssd = Guid.NewGuid();
    private static readonly Guid Gpu = Guid.NewGuid();

    private readonly Picture _picture = new();

    [Fact]
    public void Hosts_join_and_leave_their_aggregates()
    {
        var (one, two) = (TestHost.Of(1) with { Aggregates = [Ssd, Gpu] }, TestHost.Of(2) with { Aggregates = [Ssd] });
        _picture.Apply(one.State);
        _picture.Apply(two.State);
        _picture.InAggregate(Ssd).Count().Should().Be(2);
        _picture.InAggregate(Gpu).Count().Should().Be(1);

        _picture.Apply((one with { Aggregates = [Gpu] }).State with { Revision = 1 });
        _picture.Remove(two.Id);

        _picture.InAggregate(Ssd).IsEmpty.Should().BeTrue();
        _picture.InAggregate(Gpu)[_picture.SlotOf(one.Id)].Should().BeTrue();
    }

    [Fact]
    public void A_state_that_is_heard_late_changes_nothing()
    {
        var host = TestHost.Of(1);
        _picture.Apply(host.State with { Revision = 3, Aggregates = [Ssd], Zone = "east" });
        _picture.Apply(host.State with { Revision = 2, Zone = "west", Disabled = true });
        _picture.Apply(new AggregateState(Ssd, 2, "fast", new Dictionary<string, string> { ["ssd"] = "true" }));
        _picture.Apply(new AggregateState(Ssd, 1, "slow", new Dictionary<string, string>()));

        _picture.InAggregate(Ssd).Count().Should().Be(1);
        _picture.InZone("east").Count().Should().Be(1);
        _picture.Disabled.IsEmpty.Should().BeTrue();
        _picture.Aggregates[Ssd].Name.Should().Be("fast");
        _picture.Aggregates[Ssd].Metadata.Should().Contain("ssd", "true");
    }

    [Fact]
    public void The_aggregates_of_the_provider_are_kept_apart()
    {
        var host = TestHost.Of(1) with { Aggregates = [Ssd] };
        _picture.Apply(host.State);
        _picture.Apply(host.Provider with { Aggregates = [Gpu] });

        _picture.InProviderAggregate(Gpu).Count().Should().Be(1);
        _picture.InProviderAggregate(Ssd).IsEmpty.Should().BeTrue();

        _picture.Apply(host.Provider with { Generation = 2 });

        _picture.InProviderAggregate(Gpu).IsEmpty.Should().BeTrue();
    }

    [Fact]
    public void An_aggregate_that_is_gone_is_forgotten_and_its_slots_are_free_for_others()
    {
        var host = TestHost.Of(1) with { Aggregates = [Ssd] };
        _picture.Apply(new AggregateState(Ssd, 0, "fast", new Dictionary<string, string>()));
        _picture.Apply(host.State);
        _picture.Remove(host.Id);
        _picture.RemoveAggregate(Ssd);

        _picture.Apply(TestHost.Of(2).State);

        _picture.Aggregates.Should().BeEmpty();
        _picture.InAggregate(Ssd).IsEmpty.Should().BeTrue();
    }
}
