using Nova.Tests.Support;
using Xunit.Abstractions;

namespace Nova.Tests.EndToEnd;

/// <summary>What a stranger does first, by the project's own commands and the stock client, on a real hypervisor.</summary>
[Trait("Category", "Guest")]
public sealed class FirstServerTests(ITestOutputHelper output) : IDisposable
{
    private readonly string _work = Directory.CreateTempSubdirectory("e2e").FullName;

    public void Dispose() => Directory.Delete(_work, recursive: true);

    [NeedsFact(Need.Libvirt, Need.Root, Need.OpenStackClient)]
    public async Task A_stranger_boots_reaches_and_deletes_a_real_guest()
    {
        // QEMU runs as another user and passes through this folder.
        File.SetUnixFileMode(_work, File.GetUnixFileMode(_work) | UnixFileMode.OtherExecute);
        output.WriteLine(await EndToEndScript.Run("first-server.sh", _work));
    }
}
