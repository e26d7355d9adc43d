using Nova.Host;

namespace Nova.Tests.Host;

public sealed class OpenRcTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("nova-openrc").FullName;

    private string File => Path.Combine(_folder, "openrc");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_file_is_for_its_owner_alone_and_reads_back()
    {
        new OpenRc("http://127.0.0.1:8774/identity/v3", "admin", "a'b $c", "admin").Write(File);

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(File));
        Assert.Equal("a'b $c", OpenRc.Read(File)["OS_PASSWORD"]);
        Assert.Equal("http://127.0.0.1:8774/identity/v3", OpenRc.Read(File)["OS_AUTH_URL"]);
    }

    [Fact]
    public void A_new_address_leaves_the_password_alone()
    {
        new OpenRc("http://127.0.0.1:8774/identity/v3", "demo", "p", "demo").Write(File);

        OpenRc.PointTo(File, "http://127.0.0.1:9000/identity/v3");

        Assert.Equal(("http://127.0.0.1:9000/identity/v3", "p"), (OpenRc.Read(File)["OS_AUTH_URL"], OpenRc.Read(File)["OS_PASSWORD"]));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(File));
    }

    [Fact]
    public void Where_there_is_no_file_nothing_is_written()
    {
        OpenRc.PointTo(File, "http://127.0.0.1:9000/identity/v3");

        Assert.False(System.IO.File.Exists(File));
    }
}
