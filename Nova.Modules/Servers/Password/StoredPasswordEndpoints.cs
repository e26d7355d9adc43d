using Nova.Modules.Shared.Http;

namespace Nova.Modules.Servers.Password;

/// <summary>https://docs.openstack.org/api-ref/compute/#servers-password-servers-os-server-password.</summary>
public sealed class StoredPasswordEndpoints(ServerAccess access, StoredPasswords passwords) : IEndpoints
{
    private const string Rules = "os_compute_api:os-server-password:";
    private const string Address = "/servers/{server_id}/os-server-password";

    /// <inheritdoc />
    public void Map(Routes routes)
    {
        routes.Get(Address, Show).Requires(Rules + "show");
        routes.Delete(Address, Clear).Requires(Rules + "clear");
    }

    private async Task<Answer> Show(RequestContext caller, CancellationToken ct)
    {
        caller.QueryAs<NoServerQuery>();
        var server = await access.Load(caller, caller.Route("server_id"), Rules + "show", ct);
        return Answer.Json(new StoredPasswordResponse(await passwords.Find(server.Id, ct)));
    }

    // The password of the guest itself stays what it is.
    private async Task<Answer> Clear(RequestContext caller, CancellationToken ct)
    {
        var server = await access.Load(caller, caller.Route("server_id"), Rules + "clear", ct);
        await passwords.Clear(server.Id, ct);
        return Answer.Empty();
    }
}

/// <summary>What the guest stored; empty for nothing.</summary>
public sealed record StoredPasswordResponse(string Password);
