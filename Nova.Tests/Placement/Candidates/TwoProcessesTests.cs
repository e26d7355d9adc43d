using Nova.Tests.Support;
using Xunit;

namespace Nova.Tests.Placement.Candidates;

/// <summary>Two instances of the whole program on one PostgreSQL: what one has answered, the other knows.</summary>
public sealed class TwoProcessesTests
{
    [NeedsFact(Need.Postgres)]
    public async Task What_one_instance_has_written_the_other_shows_in_its_next_answer()
    {
        var address = await PostgresServer.Shared.CreateMigrated();
        var (first, second) = (new Instance(address), new Instance(address));
        await first.InitializeAsync();
        await second.InitializeAsync();
        try
        {
            var host = Guid.NewGuid();
            Assert.Equal(0, await Count(second, 1));
            await Send(first, HttpMethod.Post, "/resource_providers", new { uuid = host, name = "host" });
            await Send(first, HttpMethod.Put, $"/resource_providers/{host}/inventories", new { resource_provider_generation = 0, inventories = new { VCPU = new { total = 100 } } });
            Assert.Equal(1, await Count(second, 100));

            for (var used = 1; used <= 30; used++)
            {
                var (writer, reader) = used % 2 == 0 ? (first, second) : (second, first);
                await Send(writer, HttpMethod.Put, $"/allocations/{Guid.NewGuid()}", new
                {
                    allocations = new Dictionary<Guid, object> { [host] = new { resources = new { VCPU = 1 } } },
                    project_id = "p", user_id = "u", consumer_generation = (int?)null, consumer_type = "TEST",
                });
                Assert.Equal((1, 0), (await Count(reader, 100 - used), await Count(reader, 101 - used)));
                Assert.Equal((1, 0), (await Count(writer, 100 - used), await Count(writer, 101 - used)));
            }
        }
        finally
        {
            await first.DisposeAsync();
            await second.DisposeAsync();
            await PostgresServer.Shared.Drop(address);
        }
    }

    private static async Task<int> Count(TestCloud cloud, int vcpus) =>
        (await Send(cloud, HttpMethod.Get, $"/allocation_candidates?resources=VCPU:{vcpus}", null))["allocation_requests"].GetArrayLength();

    private static async Task<CloudAnswer> Send(TestCloud cloud, HttpMethod method, string path, object? body)
    {
        var answer = await cloud.As("admin").With("OpenStack-API-Version", "placement 1.39").Send(method, "/placement" + path, body);
        Assert.True(answer.Status is 200 or 204, $"{method} {path}: {answer.Status} {answer.Text}");
        return answer;
    }

    private sealed class Instance(string address) : TestCloud
    {
        protected override IReadOnlyDictionary<string, string> Changed { get; } = new Dictionary<string, string>
        {
            ["compute.hosts"] = "0", ["database.kind"] = "postgres", ["database.connection"] = address, ["server.rpc_listen"] = "127.0.0.1:0",
        };
    }
}
