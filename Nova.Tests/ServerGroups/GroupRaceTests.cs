using System.Globalization;
using FluentAssertions;
using Nova.Modules.Scheduling;
using Nova.Tests.Support;
using Xunit.Abstractions;

namespace Nova.Tests.ServerGroups;

/// <summary>
/// The policy of a group holds whatever the pictures know. Ten runs by default, as many as <c>NOVA_TESTS_GROUP_RUNS</c> says
/// otherwise: <c>NOVA_TESTS_GROUP_RUNS=100</c> is the promise.
/// </summary>
public class GroupRaceTests(ITestOutputHelper output)
{
    private const int Hosts = 20;
    private const int Servers = 100;

    private static int Runs => int.TryParse(Environment.GetEnvironmentVariable("NOVA_TESTS_GROUP_RUNS"), CultureInfo.InvariantCulture, out var runs) ? runs : 10;

    [Theory, OnSqlite, OnPostgres]
    public async Task A_hundred_creates_at_once_never_break_the_policy_of_their_group(string kind)
    {
        await using var race = await GroupRace.Start(kind, Hosts, sides: 3);
        for (var run = 0; run < Runs; run++)
        {
            var (policy, most) = (run % 4) switch
            {
                0 => (GroupPolicies.AntiAffinity, 1),
                1 => (GroupPolicies.AntiAffinity, 3),
                2 => (GroupPolicies.AntiAffinity, Servers / Hosts),
                _ => (GroupPolicies.Affinity, 1),
            };

            var placed = await race.Run(policy, most, Servers);

            (await race.Problems()).Should().BeEmpty($"run {run} is of {policy} with at most {most}");
            placed.Should().Be(policy == GroupPolicies.Affinity ? Servers : Math.Min(Servers, Hosts * most), $"run {run} is of {policy} with at most {most}");
        }

        output.WriteLine($"{Runs} runs of {Servers} creates on {kind}: {race.Refused} claims were refused because of the policy");
        race.Refused.Should().BePositive("three schedulers that do not know of each other's choices must collide, or nothing was tested");
    }
}
