namespace Nova.Drivers.Hypervisor.Libvirt.Disks;

/// <summary>The files of one guest. A file's extension is its format: it was chosen here, and is never found out from the bytes.</summary>
internal sealed class GuestDirectory
{
    /// <summary>Everybody may pass through (QEMU runs as libvirt-qemu), nobody but us may look around.</summary>
    public const UnixFileMode Mode =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>The directory of a guest.</summary>
    public GuestDirectory(string dataDirectory, Guid server) => Path = System.IO.Path.Combine(dataDirectory, "guests", server.ToString());

    private GuestDirectory(string path) => Path = path;

    /// <summary>The directory.</summary>
    public string Path { get; }

    public string Ephemeral => In("ephemeral.raw");

    public string Swap => In("swap.raw");

    public string ConfigDrive => In("config.raw");

    /// <summary>The name that a root disk of this format has.</summary>
    public string Root(string format) => In($"disk.{format}");

    public string Base(string format) => In($"base.{format}");

    public void Create()
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!, Mode);
        Directory.CreateDirectory(Path, Mode);
    }

    /// <summary>Nothing is left of it; nothing happens when there was nothing.</summary>
    public void Remove()
    {
        if (Directory.Exists(Path))
            Directory.Delete(Path, recursive: true);
    }

    /// <summary>The files of a rescue.</summary>
    public GuestDirectory Rescue => new(In("rescue"));

    private string In(string name) => System.IO.Path.Combine(Path, name);
}
