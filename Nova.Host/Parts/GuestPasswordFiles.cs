using Nova.Modules.Metadata;

namespace Nova.Host.Parts;

/// <summary>The encrypted passwords that guests posted, one file per server beside the host's journal.</summary>
internal sealed class GuestPasswordFiles(string directory) : IGuestPasswords
{
    public async ValueTask<string> Find(Guid serverId, CancellationToken ct)
    {
        var path = PathOf(serverId);
        return File.Exists(path) ? await File.ReadAllTextAsync(path, ct) : "";
    }

    public async ValueTask<bool> TrySet(Guid serverId, string password, CancellationToken ct)
    {
        Directory.CreateDirectory(directory);
        try
        {
            await using var file = new FileStream(PathOf(serverId), FileMode.CreateNew, FileAccess.Write);
            await file.WriteAsync(System.Text.Encoding.UTF8.GetBytes(password), ct);
            return true;
        }
        catch (IOException) when (File.Exists(PathOf(serverId)))
        {
            return false;
        }
    }

    private string PathOf(Guid serverId) => Path.Combine(directory, serverId.ToString());
}
