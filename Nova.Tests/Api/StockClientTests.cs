using System.Text.Json;
using Nova.Tests.Support;

namespace Nova.Tests.Api;

/// <summary>Host aggregates and server groups with the stock <c>openstack</c> client, each command once.</summary>
public class StockClientTests(AggregateCloud cloud) : IClassFixture<AggregateCloud>
{
    [NeedsFact(Need.OpenStackClient)]
    public async Task Every_command_of_aggregates()
    {
        var admin = new StockClient(cloud.Url + "/v2.1", "admin", "2.90");
        var host = cloud.NewHost();

        var made = await admin.Json("aggregate", "create", "--zone", "rack-a", "--property", "ssd=true", "rack");
        Assert.Equal(("rack", "rack-a"), (Text(made, "name"), Text(made, "availability_zone")));
        await admin.Run("aggregate", "add", "host", "rack", host);
        await admin.Run("aggregate", "set", "--property", "gpu=no", "--name", "rack-1", "rack");
        await admin.Run("aggregate", "unset", "--property", "gpu", "rack-1");

        var shown = await admin.Json("aggregate", "show", "rack-1");
        Assert.Equal([host], shown.GetProperty("hosts").EnumerateArray().Select(h => h.GetString()));
        Assert.Equal("""{"ssd":"true"}""", JsonSerializer.Serialize(shown.GetProperty("properties")));
        Assert.Contains((await admin.Json("availability", "zone", "list", "--compute", "--long")).EnumerateArray(), z => Text(z, "Zone Name") == "rack-a" && Text(z, "Host Name") == host);

        await admin.Run("aggregate", "remove", "host", "rack-1", host);
        await admin.Run("aggregate", "delete", "rack-1");
        Assert.Empty((await admin.Json("aggregate", "list", "--long")).EnumerateArray());
    }

    [NeedsFact(Need.OpenStackClient)]
    public async Task Every_command_of_server_groups()
    {
        var (ada, old) = (new StockClient(cloud.Url + "/v2.1", "ada:red", "2.64"), new StockClient(cloud.Url + "/v2.1", "ada:red", "2.15"));

        var made = await ada.Json("server", "group", "create", "--policy", "anti-affinity", "--rule", "max_server_per_host=2", "pair");
        Assert.Equal("anti-affinity", Text(made, "policy"));
        Assert.Equal(2, made.GetProperty("rules").GetProperty("max_server_per_host").GetInt32());
        await old.Run("server", "group", "create", "--policy", "soft-affinity", "soft");

        Assert.Equal("pair", Text(await ada.Json("server", "group", "show", "pair"), "name"));
        Assert.Equal(["pair", "soft"], (await ada.Json("server", "group", "list", "--long")).EnumerateArray().Select(g => Text(g, "Name")).Order());
        Assert.Contains((await new StockClient(cloud.Url + "/v2.1", "admin", "2.64").Json("server", "group", "list", "--all-projects")).EnumerateArray(), g => Text(g, "Name") == "soft");

        await ada.Run("server", "group", "delete", "pair", "soft");
        Assert.Empty((await ada.Json("server", "group", "list")).EnumerateArray());
    }

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();
}
