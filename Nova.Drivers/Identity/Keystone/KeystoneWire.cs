using System.Text.Json.Serialization;
using Nova.Modules.Identity;

namespace Nova.Drivers.Identity.Keystone;

// What is read of Keystone's answers: https://docs.openstack.org/api-ref/identity/v3/#validate-and-show-information-for-token.
internal sealed record TokenAnswer(KeystoneToken Token);

internal sealed record KeystoneToken
{
    [JsonPropertyName("expires_at")]
    public DateTimeOffset ExpiresAt { get; init; }

    public Named User { get; init; } = new();
    public Named? Project { get; init; }
    public Named? Domain { get; init; }
    public SystemScope? System { get; init; }
    public IReadOnlyList<Named> Roles { get; init; } = [];

    public Caller ToCaller() => new()
    {
        UserId = User.Id,
        UserName = User.Name,
        UserDomainId = User.Domain?.Id ?? "default",
        ProjectId = Project?.Id,
        ProjectName = Project?.Name,
        ProjectDomainId = Project?.Domain?.Id ?? "default",
        DomainId = Domain?.Id,
        SystemScope = System is { All: true },
        Roles = [.. Roles.Select(r => r.Name.ToLowerInvariant())],
        ExpiresAt = ExpiresAt.ToUnixTimeMilliseconds(),
    };
}

internal sealed record Named
{
    public string Id { get; init; } = "";
    public string Name { get; init; } = "";
    public Named? Domain { get; init; }
}

internal sealed record SystemScope
{
    public bool All { get; init; }
}
