using System.Diagnostics;
using Nova.Drivers.Hypervisor.Fake;
using Nova.Modules.Compute;
using Nova.Modules.Placement;
using Nova.Modules.Shared.Startup;
using Nova.Tests.Consoles;
using Nova.Tests.Support;
using Xunit.Abstractions;

namespace Nova.Tests.Cluster;

/// <summary>
/// Real processes, one per role, each of them killed while servers are being created: every server that was promised runs,
/// exactly once, and everything that is counted is right.
/// </summary>
[Trait("Category", "Harness")]
public class SplitRolesTests(ITestOutputHelper output)
{
    /// <summary>Requests under way at once when the process dies.</summary>
    private const int Crowd = 16;

    private const int PerVictim = 12;

    [Theory]
    [InlineData("direct")]
    [InlineData("grpc")]
    public async Task All_roles_in_one_process_may_die_while_servers_are_created(string wire)
    {
        await using var cluster = ClusterLayout.Whole(wire);
        await LoseEachInTurn(cluster);
    }

    [Theory]
    [InlineData("direct")]
    [InlineData("grpc")]
    public async Task Within_ten_seconds_of_a_restart_every_promised_server_runs(string wire)
    {
        await using var cluster = ClusterLayout.Whole(wire, hosts: 10);
        await cluster.Start();
        using var user = new ClusterUser(cluster, Crowd);
        await user.Prepare(withNetwork: true, delayMs: 2000);
        var sinceRestart = new Stopwatch();

        // 200 are answered, and most of them under way, when it dies; the answers to the others are never heard.
        await user.Create(400, async () =>
        {
            await cluster["control"].Kill();
            sinceRestart.Start();
            await cluster["control"].Start();
        });
        await user.AllActive();
        Assert.InRange(sinceRestart.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(10));

        // An answer that the death cut off may belong to a whole server; there are no more of those than requests under way.
        var servers = (await user.List())!.Select(server => Guid.Parse(server.Id)).ToArray();
        Assert.InRange(servers.Length, user.Accepted.Count, user.Accepted.Count + Crowd);
        Assert.Empty(await user.Differences());
        output.WriteLine($"{wire}: {user.Accepted.Count} of 400 answered, {servers.Length} servers, all ACTIVE {sinceRestart.ElapsedMilliseconds} ms after the restart");
        Assert.Equal(0, await cluster["control"].Stop());
        await AssertExactly(cluster, servers, hosts: 10);
    }

    [Fact]
    public async Task On_sqlite_each_process_may_die_while_servers_are_created()
    {
        await using var cluster = ClusterLayout.OnSqlite(computes: 2);
        await LoseEachInTurn(cluster);
    }

    [NeedsFact(Need.Postgres)]
    public async Task On_postgres_each_process_may_die_while_servers_are_created()
    {
        await using var cluster = await ClusterLayout.OnPostgres(computes: 2);
        await LoseEachInTurn(cluster);
    }

    [NeedsFact(Need.Postgres)]
    public async Task A_console_goes_through_an_api_a_conductor_and_a_compute_of_their_own()
    {
        await using var cluster = await ClusterLayout.OnPostgres(computes: 1);
        foreach (var process in cluster.Processes)
            process.Environment["NOVA__LOG__LEVEL"] = "Trace";
        await cluster.Start();
        using var user = new ClusterUser(cluster);
        await user.Prepare();
        await user.Create(1, () => Task.CompletedTask);
        await user.AllActive();
        var server = user.Accepted.Single();

        // Of either API; the tokens are in the database.
        foreach (var api in cluster.Apis)
        {
            await using var console = await ConsoleClient.Open(await user.Console(api, server));
            await console.Type("root\r");
            await console.Until("# ");
            await console.Type($"echo {api.Port}\r");
            await console.Until($"\r\n{api.Port}\r\n");
        }

        // Whoever is between may die: the console ends, and the next one goes another way.
        var url = await user.Console(cluster.Apis[0], server);
        await using (var console = await ConsoleClient.Open(url))
        {
            await console.Until("login: ");
            await cluster["conductor1"].Kill();
            await cluster["conductor2"].Kill();
            await console.Closed();
        }

        await cluster["conductor2"].Start();
        await Eventually.Is(async () =>
        {
            await using var console = await ConsoleClient.TryOpen(url);
            return console is not null;
        });
        await using (var console = await ConsoleClient.Open(url))
        {
            await console.Until("login: ");
            await cluster["compute1"].Kill();
            await console.Closed();
        }

        // No log says how to open it, whatever is logged.
        Assert.Contains("was opened for", cluster["api1"].Log, StringComparison.Ordinal);
        Assert.All(cluster.Processes, process =>
        {
            Assert.DoesNotContain(url.Split("token=")[1], process.Log, StringComparison.Ordinal);
            Assert.DoesNotContain("for a reason that is a bug", process.Log, StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task A_copy_of_a_host_and_a_changed_name_are_refused()
    {
        await using var cluster = ClusterLayout.OnSqlite(computes: 1);
        await cluster.Start();
        var copy = cluster.AddCompute("copy", cluster.ConductorAddress);
        CopyIdentity(cluster["compute1"], copy);
        copy.Environment["NOVA__FAKE__NAME_PREFIX"] = "compute1-";
        copy.Launch();
        Assert.Equal((int)ExitCode.HostRefused, await copy.Ended());
        Assert.Contains("connected already by another process", copy.Log, StringComparison.Ordinal);

        Assert.Equal(0, await cluster["compute1"].Stop());
        copy.Environment["NOVA__FAKE__NAME_PREFIX"] = "renamed-";
        copy.Launch();
        Assert.Equal((int)ExitCode.HostRefused, await copy.Ended());
        Assert.Contains("was known as 'compute1-00001' and now says 'renamed-00001'", copy.Log, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", cluster["control"].Log, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Guests_of_a_host_that_was_rebooted_run_again_where_that_is_set(bool isWhole)
    {
        await using var cluster = isWhole ? ClusterLayout.Whole("direct") : ClusterLayout.OnSqlite(computes: 1);
        await cluster.Start();
        using var user = new ClusterUser(cluster);
        await user.Prepare();
        await user.Create(2, () => Task.CompletedTask);
        await user.AllActive();
        var compute = cluster.Computes.Single();

        compute.Environment["NOVA__COMPUTE__RESUME_GUESTS_STATE_ON_HOST_BOOT"] = "true";
        Assert.All(await Reboot(compute), power => Assert.Equal(Power.On, power));
        await Eventually.Is(() => Task.FromResult(compute.Log.Split("it was started").Length == 3));
        await user.AllActive();

        compute.Environment["NOVA__COMPUTE__RESUME_GUESTS_STATE_ON_HOST_BOOT"] = "false";
        Assert.Equal([Power.On, Power.On], await Reboot(compute));
        await Eventually.Is(async () => await user.List() is { } servers && servers.All(server => server.Status == "SHUTOFF"));
    }

    // The answer is how the guests were before all of them ended with the host.
    private static async Task<IReadOnlyList<Power>> Reboot(RoleProcess compute)
    {
        await compute.Kill();
        IReadOnlyList<GuestStatus> guests;
        await using (var fake = new FakeHypervisors(new FakeOptions { NamePrefix = compute.Name + "-" }, 1, Path.Combine(compute.Data, "fake"), TimeProvider.System))
        {
            guests = await fake.Hosts[0].ListGuests(default);
            foreach (var guest in guests)
                await fake.Hosts[0].Crash(guest.ServerId);
        }

        await compute.Start();
        return [.. guests.Select(guest => guest.Power)];
    }

    [Fact]
    public async Task Two_processes_do_not_share_a_data_directory()
    {
        await using var cluster = ClusterLayout.OnSqlite(computes: 1);
        await cluster.Start();
        var second = new RoleProcess("second", cluster["compute1"].Data, ["--role", "compute", "--conductors", cluster.ConductorAddress, "--admin-listen", $"127.0.0.1:{RoleProcess.FreePort()}"]);
        await using (second)
        {
            second.Launch();
            Assert.Equal((int)ExitCode.DataDirectory, await second.Ended());
            Assert.Contains("another process uses the data directory", second.Log, StringComparison.Ordinal);
        }
    }

    private static async Task LoseEachInTurn(ClusterLayout cluster)
    {
        await cluster.Start();
        using var user = new ClusterUser(cluster);
        await user.Prepare();
        foreach (var victim in cluster.Processes)
            await user.Create(PerVictim, async () =>
            {
                await victim.Kill();
                await victim.Start();
            });
        await user.AllActive();
        await user.SeesOperations(user.Accepted.First());

        var doomed = user.Accepted.Take(user.Accepted.Count / 2).ToArray();
        foreach (var id in doomed)
            await Eventually.Is(() => user.Delete(id));
        await Eventually.Is(async () => await user.List() is { } left && !left.Any(server => doomed.Contains(server.Id)));

        var rest = (await user.List())!.Select(server => Guid.Parse(server.Id)).ToArray();
        Assert.Superset(user.Accepted.Except(doomed).Select(Guid.Parse).ToHashSet(), rest.ToHashSet());
        foreach (var process in cluster.Processes)
            Assert.Equal(0, await process.Stop());
        await AssertExactly(cluster, rest);
    }

    // The guests are the servers, each on the host that its row names; what is kept as sums equals its parts.
    private static async Task AssertExactly(ClusterLayout cluster, Guid[] servers, int hosts = 1)
    {
        await using var database = cluster.Open();
        var rows = await database.Read(
            r => r.Many("SELECT id, host FROM servers WHERE deleted_at IS NULL", row => (Id: row.Uuid(0), Host: row.Text(1))), default);
        var guests = new List<(Guid Id, string Host)>();
        foreach (var compute in cluster.Computes)
        {
            await using var fake = new FakeHypervisors(new FakeOptions { NamePrefix = compute.Name + "-" }, hosts, Path.Combine(compute.Data, "fake"), TimeProvider.System);
            foreach (var host in fake.Hosts)
                guests.AddRange((await host.ListGuests(default)).Select(guest => (guest.ServerId, host.Name)));
        }

        Assert.Equal(servers.Order(), rows.Select(row => row.Id).Order());
        Assert.Equal(rows.OrderBy(row => row.Id), guests.OrderBy(guest => guest.Id));
        Assert.Empty(await database.Read(PlacementAudit.Recount, default));
        Assert.Empty(await database.Read(PlacementAudit.Strays, default));
        Assert.Equal(
            servers.Length,
            await database.Read(r => r.Value<long>("SELECT COUNT(DISTINCT consumer_id) FROM allocations"), default));
        Assert.Equal(
            servers.Length,
            await database.Read(r => r.Value<long>("SELECT used FROM quota_usages WHERE resource = 'instances' AND user_id = ''"), default));
        Assert.Equal(0, await database.Read(r => r.Value<long>("SELECT COUNT(*) FROM operations WHERE finished_at IS NULL"), default));
    }

    private static void CopyIdentity(RoleProcess from, RoleProcess to)
    {
        Directory.CreateDirectory(Path.Combine(to.Data, "host"));
        File.Copy(Path.Combine(from.Data, "host", "identity"), Path.Combine(to.Data, "host", "identity"));
    }
}
