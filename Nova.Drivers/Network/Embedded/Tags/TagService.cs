using Nova.Drivers.Network.Embedded.FloatingIps;
using Nova.Drivers.Network.Embedded.Routers;
using Nova.Modules.Identity;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;
using Db = Nova.Modules.Shared.Database.Database;

namespace Nova.Drivers.Network.Embedded.Tags;

/// <summary>Words that users hang on what they own, and find it by.</summary>
public sealed class TagService
{
    private const int Most = 50, MostCharacters = 255;

    private readonly Db _database;
    private readonly PictureCache _pictures;
    private readonly TimeProvider _time;
    private readonly Dictionary<string, Kind> _kinds;

    /// <summary>Knows what has tags.</summary>
    public TagService(
        Db database, PictureCache pictures, NetworkService networks, SubnetService subnets, PortService ports, SecurityGroupService groups, RouterService routers,
        FloatingIpService floating, TimeProvider time)
    {
        (_database, _pictures, _time) = (database, pictures, time);
        _kinds = new()
        {
            ["networks"] = new("networks", "network", async (c, id, ct) => (await networks.Get(c, id, ct)).Row is var r ? new(r.Id, r.ProjectId, r.Tags) : null!),
            ["subnets"] = new("subnets", "subnet", async (c, id, ct) => await subnets.Get(c, id, ct) is var r ? new(r.Id, r.ProjectId, r.Tags) : null!),
            ["ports"] = new("ports", "port", async (c, id, ct) => await ports.Get(c, id, ct) is var r ? new(r.Id, r.ProjectId, r.Tags) : null!),
            ["security-groups"] = new("security_groups", "security_group", async (c, id, ct) => (await groups.Get(c, id, ct)).Row is var r ? new(r.Id, r.ProjectId, r.Tags) : null!),
            ["routers"] = new("routers", "router", async (c, id, ct) => (await routers.Get(c, id, ct)).Row is var r ? new(r.Id, r.ProjectId, r.Tags) : null!),
            ["floatingips"] = new("floating_ips", "floatingip", async (c, id, ct) => (await floating.Get(c, id, ct)).Row is var r ? new(r.Id, r.ProjectId, r.Tags) : null!),
        };
    }

    /// <summary>What has tags, as in addresses.</summary>
    public static IReadOnlyList<string> Kinds { get; } = ["networks", "subnets", "ports", "security-groups", "routers", "floatingips"];

    /// <summary>The tags of a thing that the caller may see.</summary>
    public async Task<IReadOnlyList<string>> Of(Caller caller, string kind, string id, CancellationToken ct) =>
        SubnetJson.Strings((await _kinds[kind].Find(caller, id, ct)).Tags);

    /// <summary>Changes the tags; the words are checked here.</summary>
    public async Task<IReadOnlyList<string>> Change(
        Caller caller, string kind, string id, Func<IReadOnlyList<string>, IReadOnlyList<string>> change, CancellationToken ct)
    {
        var (table, name, find) = _kinds[kind];
        var found = await find(caller, id, ct);
        NetworkAccess.RequireWriter(caller, found.ProjectId, $"update_{name}");
        return await _database.Write(
            tx =>
            {
                var now = _time.GetUtcNow().ToUnixTimeMilliseconds();
                var present = SubnetJson.Strings(tx.Find<string>($"SELECT COALESCE(tags, '[]') FROM {table} WHERE id = @Id {tx.Dialect.ForUpdate}", new { found.Id }));
                var tags = Checked(change(present));
                tx.Execute(
                    $"UPDATE {table} SET tags = @tags, revision = revision + 1, updated_at = @now WHERE id = @Id", new { found.Id, tags = SubnetJson.Write(tags), now });
                if (table is not ("ports" or "floating_ips"))
                    _pictures.Changed(tx);
                return tags;
            },
            ct);
    }

    private static IReadOnlyList<string> Checked(IReadOnlyList<string> tags)
    {
        if (tags.Count > Most)
            throw NetworkFaults.Invalid($"The number of tags exceed the per-resource limit of {Most}");
        foreach (var tag in tags)
            if (tag.Length is 0 or > MostCharacters)
                throw NetworkFaults.Invalid(tag.Length == 0 ? "'' is not a valid tag" : $"'{tag[..40]}…' exceeds maximum length of {MostCharacters}");
        if (tags.GroupBy(t => t).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw NetworkFaults.Invalid($"Duplicate items in the list: '{twice.Key}'");
        return tags;
    }

    private sealed record Tagged(Guid Id, string ProjectId, string? Tags);

    private sealed record Kind(string Table, string Name, Func<Caller, string, CancellationToken, Task<Tagged>> Find);
}
