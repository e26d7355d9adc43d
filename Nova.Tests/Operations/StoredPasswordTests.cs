using Nova.Modules.Servers.Password;
using Nova.Modules.Shared;
using Nova.Tests.Support;

namespace Nova.Tests.Operations;

/// <summary>What guests store, on both databases.</summary>
public class StoredPasswordTests
{
    [Theory, OnSqlite, OnPostgres]
    public async Task A_password_is_stored_once_for_a_server_that_is_there_and_never_in_clear_text(string database)
    {
        await using var cloud = await FakeCloud.Start(database);
        var server = await cloud.Create();
        await cloud.Settle();
        var passwords = cloud.Now.Get<StoredPasswords>();
        var host = (await cloud.Server(server)).HostId!.Value;

        Assert.Equal(("", false), await passwords.Ask(host, server, null, default));
        Assert.Equal(("canary", true), await passwords.Ask(host, server, "canary", default));
        Assert.Equal(("canary", false), await passwords.Ask(host, server, "other", default));
        Assert.False(await passwords.TrySet(server, "other", default));
        Assert.False(await passwords.TrySet(Guid.NewGuid(), "nobody's", default));
        var elsewhere = await Assert.ThrowsAsync<Fault>(() => passwords.Ask(cloud.HostIds.First(id => id != host), server, null, default));
        Assert.Equal(FaultKind.NotFound, elsewhere.Kind);
        Assert.DoesNotContain("canary", await cloud.Database.Read(rows => rows.Value<string>("SELECT password FROM server_passwords"), default), StringComparison.Ordinal);

        await passwords.Clear(server, default);
        Assert.True(await passwords.TrySet(server, "again", default));
        await cloud.Delete(server);
        await cloud.Settle();
        Assert.False(await passwords.TrySet(server, "late", default));
    }
}
