using Nova.Modules.Identity;
using NovaDatabase = Nova.Modules.Shared.Database.Database;

namespace Nova.Drivers.Identity.Embedded;

/// <summary>Which projects the embedded identity has.</summary>
internal sealed class ProjectDirectory(NovaDatabase database) : IProjectDirectory
{
    public async Task<bool> Exists(string projectId, CancellationToken ct) => await database.Read(rows => IdentityStore.Project(rows, projectId), ct) is not null;
}
