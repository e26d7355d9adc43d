using Nova.Modules.Identity;
using NovaDatabase = Nova.Modules.Shared.Database.Database;

namespace Nova.Drivers.Identity.Embedded.Projects;

/// <summary>Which projects the embedded identity has.</summary>
internal sealed class ProjectDirectory(NovaDatabase database) : IProjectDirectory
{
    public async Task<bool> Exists(string projectId, CancellationToken ct) => await database.Read(rows => ProjectStore.Find(rows, projectId), ct) is not null;
}
