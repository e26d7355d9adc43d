using System.Text.Json;
using Nova.Modules.Identity;

namespace Nova.Drivers.Identity.Keystone;

/// <summary>Asks Keystone which projects there are.</summary>
public sealed class KeystoneProjects(KeystoneClient keystone) : IProjectDirectory
{
    /// <inheritdoc />
    public async Task<bool> Exists(string projectId, CancellationToken ct) =>
        await keystone.Get<JsonDocument>("projects/" + Uri.EscapeDataString(projectId), null, ct) is not null;
}
