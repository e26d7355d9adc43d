using Nova.Tests.Api.Servers;
using Nova.Tests.Conformance;
using Nova.Tests.Support;

namespace Nova.Tests.Api;

[Collection(nameof(ServerCloud))]
public sealed class RemovedTests(ServerCloud cloud)
{
    [NeedsFact(Need.Reference)]
    public async Task What_was_removed_says_so_at_every_version_to_whoever_has_a_token()
    {
        foreach (var operation in ApiReference.Operations.Where(o => o.IsGone))
        {
            var path = "/v2.1" + operation.Path.Replace("{id}", "1", StringComparison.Ordinal).Replace("{server_id}", "2", StringComparison.Ordinal).Replace("{domain_id}", "3", StringComparison.Ordinal);
            var body = operation.Action.Length == 0 ? null : $$"""{"{{operation.Action}}": null}""";
            foreach (var version in new[] { "2.1", "2.104" })
                (await cloud.NewMember().At(version).Send(new(operation.Method), path, body)).Is(410, "This resource is no longer available. No forwarding address is given.");
            (await cloud.As("").Send(new(operation.Method), path, body)).Is(401);
        }
    }

    [Fact]
    public async Task The_rdp_console_is_refused_until_2_5_and_unknown_after()
    {
        const string action = """{"os-getRDPConsole": {"type": "rdp-html5"}}""";
        (await cloud.NewMember().At("2.5").Post("/v2.1/servers/1/action", action)).Is(400, "Unavailable console type rdp-html5.");
        (await cloud.NewMember().At("2.6").Post("/v2.1/servers/1/action", action)).Is(404);
    }
}
