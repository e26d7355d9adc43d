using Microsoft.Extensions.Logging.Abstractions;
using Nova.Host.Configuration;
using Nova.Modules.Quotas;
using Nova.Modules.Shared.Settings;
using Nova.Tests.Support;

namespace Nova.Tests.Host;

/// <summary>Files of settings, read again while the program runs.</summary>
public sealed class ReloadTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();
    private readonly LogLines _log = new();
    private readonly ManualTime _time = new();

    public void Dispose() => File.Delete(_file);

    [Fact]
    public async Task A_change_is_taken_when_two_looks_agree_on_it()
    {
        var part = new CountingPart(_file);
        var reloader = new Reloader([part], _time, NullLogger<Reloader>.Instance);
        using var stop = new CancellationTokenSource();
        var watching = reloader.Watch(stop.Token);

        reloader.Look();
        Assert.Equal(0, part.Reloads);
        await File.WriteAllTextAsync(_file, "half a fi");
        reloader.Look();
        await File.WriteAllTextAsync(_file, "half a file, and the rest");
        reloader.Look();
        Assert.Equal(0, part.Reloads);
        reloader.Look();
        Assert.Equal(1, part.Reloads);
        reloader.Look();
        Assert.Equal(1, part.Reloads);

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => watching);
    }

    [Fact]
    public void A_file_that_goes_or_is_exchanged_by_a_link_counts_as_changed()
    {
        var link = _file + ".link";
        File.CreateSymbolicLink(link, _file);
        var part = new CountingPart(link);
        var reloader = new Reloader([part], _time, NullLogger<Reloader>.Instance);
        try
        {
            File.Delete(link);
            reloader.Look();
            reloader.Look();
            Assert.Equal(1, part.Reloads);

            File.WriteAllText(_file + ".other", "other");
            File.CreateSymbolicLink(link, _file + ".other");
            reloader.Look();
            reloader.Look();
            Assert.Equal(2, part.Reloads);
        }
        finally
        {
            File.Delete(link);
            File.Delete(_file + ".other");
        }
    }

    [Fact]
    public void A_file_that_cannot_be_used_is_logged_once_and_tried_again_when_it_changes()
    {
        var part = new CountingPart(_file) { Refuses = true };
        var reloader = new Reloader([part], _time, new Microsoft.Extensions.Logging.Logger<Reloader>(_log));

        File.WriteAllText(_file, "bad");
        for (var i = 0; i < 4; i++)
            reloader.Look();

        Assert.Equal($"{_file} cannot be used, and what was read before stays in force: no good", Assert.Single(_log.Lines));
        part.Refuses = false;
        reloader.ReloadAll();
        Assert.Equal($"Read again: {_file}", _log.Lines.Last());
    }

    [Fact]
    public void Live_settings_change_and_others_wait_for_a_restart()
    {
        var (settings, live) = Load("""{ "quota": { "cores": 7 }, "database": { "connection": "Password=hunter2", "kind": "postgres" } }""");
        var told = 0;
        live.Changed += () => told++;

        File.WriteAllText(_file, """{ "quota": { "cores": 9 }, "server": { "port": 1 }, "database": { "connection": "Password=hunter3", "kind": "postgres" } }""");
        live.Reload();

        Assert.Equal((9, 8774, 1), (settings.Get<QuotaOptions>().Cores, settings.Get<ServerSettings>().Port, told));
        Assert.Equal(
            ["database.connection was changed and keeps its old value until the next start", "quota.cores is 9 now; it was 7", "server.port was changed and keeps its old value until the next start"],
            _log.Lines);

        File.WriteAllText(_file, """{ "server": { "port": 1 } }""");
        live.Reload();
        Assert.Equal(20, settings.Get<QuotaOptions>().Cores);
    }

    [Fact]
    public void One_wrong_value_leaves_everything_as_it_was()
    {
        var (settings, live) = Load("""{ "quota": { "cores": 7 } }""");

        File.WriteAllText(_file, """{ "quota": { "cores": 9, "ram": "much" } }""");

        Assert.Contains("quota.ram", Assert.Throws<ReloadException>(live.Reload).Message, StringComparison.Ordinal);
        Assert.Equal(7, settings.Get<QuotaOptions>().Cores);
    }

    private (BoundSettings Settings, LiveSettings Live) Load(string text)
    {
        File.WriteAllText(_file, text);
        var origin = new SettingsOrigin(_file, () => new SettingsBinder(SettingsCatalog.OfProgram()).Bind(SettingsSources.File(_file)));
        var settings = origin.Read().From(origin);
        return (settings, new(settings, new Microsoft.Extensions.Logging.Logger<LiveSettings>(_log)));
    }

    private sealed class CountingPart(string file) : IReloadable
    {
        public int Reloads { get; private set; }

        public bool Refuses { get; set; }

        public IReadOnlyList<string> Files => [file];

        public void Reload()
        {
            if (Refuses)
                throw new ReloadException("no good");
            Reloads++;
        }
    }
}
