namespace Nova.Tests.Bench;

/// <summary>A directory for one benchmark, removed afterwards. On the disk that TMPDIR names: the figures are those of that disk.</summary>
internal sealed class BenchFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("nova-bench-").FullName;

    public string Sub(string name) => Directory.CreateDirectory(System.IO.Path.Combine(Path, name)).FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
