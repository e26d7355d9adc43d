namespace Nova.Tests.Support;

public class SkipTests
{
    [Fact]
    public void Every_need_has_a_probe_and_its_reason_is_a_sentence()
    {
        foreach (var need in Enum.GetValues<Need>())
            if (Machine.ReasonToSkip(need) is { } reason)
                Assert.Matches(@"^\S.*\.$|^\S.*\)\.$", reason);
    }

    [NeedsFact(Need.Root)]
    public void A_test_that_needs_root_runs_only_as_root() => Assert.True(Environment.IsPrivilegedProcess);

    [Fact]
    public void The_attribute_carries_the_reason() => Assert.Equal(Machine.ReasonToSkip(Need.Postgres), new NeedsFactAttribute(Need.Postgres).Skip);
}
