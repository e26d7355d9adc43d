using Nova.Modules.Servers.Actions;
using Nova.Modules.Shared.Http;
using Nova.Modules.Shared.Http.Validation;

namespace Nova.Modules.Servers.Password;

/// <summary>https://docs.openstack.org/api-ref/compute/#change-administrative-password-changepassword-action.</summary>
public sealed class ChangePasswordEndpoints(ServerAccess access, ServerActions actions) : IEndpoints
{
    private const string Rule = "os_compute_api:os-admin-password";

    /// <inheritdoc />
    public void Map(Routes routes) => routes.Action("/servers/{id}/action", "changePassword", Change).Requires(Rule);

    private async Task<Answer> Change(RequestContext caller, CancellationToken ct)
    {
        var password = (await caller.Body<ChangePasswordRequest>(ct)).Options.AdminPass;
        var server = await access.Load(caller, caller.Route("id"), Rule, Transitions.ChangePassword, ct);
        await actions.Begin(
            caller, server, new("changePassword", ChangePasswordServer.OperationKind, TaskStates.UpdatingPassword), new ChangePasswordState { Password = new(password) }, ct);
        return Answer.Empty(202);
    }
}

/// <summary>The action changePassword.</summary>
public sealed record ChangePasswordRequest
{
    /// <summary>Which.</summary>
    [Required, WireName("changePassword")]
    public NewAdminPassword Options { get; set; } = null!;
}

/// <summary>The password of a guest's administrator.</summary>
public sealed record NewAdminPassword
{
    /// <summary>In clear text.</summary>
    [Required, WireName("adminPass")]
    public string AdminPass { get; set; } = "";
}
