using System.Text.Json;
using Nova.Drivers.Embedded;
using Nova.Modules.Shared.Http;

namespace Nova.Drivers.Network.Embedded.Bindings;

/// <summary>https://docs.openstack.org/api-ref/network/v2/#port-binding.</summary>
public sealed class PortBindingEndpoints(PortBindingService bindings) : IEndpoints
{
    private const string All = "/v2.0/ports/{port}/bindings";
    private const string One = All + "/{host}";

    /// <inheritdoc />
    public void Map(Routes routes)
    {
        routes.Get(All, async (c, ct) =>
            Answer.Json(new { bindings = (await bindings.List(c.Caller, c.Route("port"), ct)).Select(View).Where(v => NetworkList.Fits(c, v)).ToList() })).AnyCaller();
        routes.Post(All, async (c, ct) => Shown(await bindings.Create(c.Caller, c.Route("port"), await Body(c, ct), ct), 201)).AnyCaller();
        routes.Get(One, async (c, ct) => Shown(await bindings.Get(c.Caller, c.Route("port"), c.Route("host"), ct))).AnyCaller();
        routes.Put(One, async (c, ct) => Shown(await bindings.Update(c.Caller, c.Route("port"), c.Route("host"), await Body(c, ct), ct))).AnyCaller();
        routes.Put(One + "/activate", async (c, ct) => Shown(await bindings.Activate(c.Caller, c.Route("port"), c.Route("host"), ct))).AnyCaller();
        routes.Delete(One, async (c, ct) =>
        {
            await bindings.Delete(c.Caller, c.Route("port"), c.Route("host"), ct);
            return Answer.Empty();
        }).AnyCaller();
    }

    private static async Task<JsonBody> Body(RequestContext caller, CancellationToken ct) => (await JsonBody.Read(caller, ct)).Object("binding");

    private static Answer Shown(HostBinding binding, int status = 200) => Answer.Json(new { binding = View(binding) }, status);

    private static Dictionary<string, object?> View(HostBinding binding) => new()
    {
        ["host"] = binding.Host,
        ["vif_type"] = "bridge",
        ["vif_details"] = new { port_filter = true },
        ["vnic_type"] = binding.VnicType,
        ["profile"] = JsonSerializer.Deserialize<JsonElement>(binding.Profile),
        ["status"] = binding.IsActive ? "ACTIVE" : "INACTIVE",
    };
}
