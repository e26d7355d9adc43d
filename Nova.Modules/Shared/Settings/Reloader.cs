using System.Security.Cryptography;
using Microsoft.Extensions.Logging;

namespace Nova.Modules.Shared.Settings;

/// <summary>
/// Reads files again when their content changed. It looks every two seconds instead of asking the kernel to be told: that
/// also sees files behind links and mounts that are exchanged as a whole, and costs microseconds.
/// </summary>
public sealed class Reloader
{
    /// <summary>How often it looks. A change is taken when two looks agree, so that a half-written file is not.</summary>
    public static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private readonly List<Watched> _parts;
    private readonly TimeProvider _time;
    private readonly ILogger<Reloader> _logger;

    /// <summary>Notes what the files hold now.</summary>
    public Reloader(IEnumerable<IReloadable> parts, TimeProvider time, ILogger<Reloader> logger)
    {
        (_time, _logger) = (time, logger);
        _parts = [.. parts.Select(part => new Watched(part))];
    }

    /// <summary>Looks until cancelled.</summary>
    public async Task Watch(CancellationToken ct)
    {
        using var timer = new PeriodicTimer(LookEvery, _time);
        while (await timer.WaitForNextTickAsync(ct))
            Look();
    }

    /// <summary>Reads again what has changed, and has not changed since the last look.</summary>
    public void Look()
    {
        lock (_gate)
            foreach (var part in _parts.Where(part => part.HasSettled()))
                Reload(part);
    }

    /// <summary>Reads everything again, changed or not: SIGHUP.</summary>
    public void ReloadAll()
    {
        lock (_gate)
            foreach (var part in _parts)
                Reload(part);
    }

    private void Reload(Watched watched)
    {
        watched.Note();
        var files = string.Join(", ", watched.Part.Files);
        try
        {
            watched.Part.Reload();
            _logger.Reloaded(files);
        }
        catch (ReloadException e)
        {
            _logger.Refused(files, e.Message);
        }
    }

    private sealed class Watched
    {
        private string _taken;
        private string _seen;

        public Watched(IReloadable part)
        {
            Part = part;
            _taken = _seen = Content();
        }

        public IReloadable Part { get; }

        public bool HasSettled()
        {
            var content = Content();
            var settled = content == _seen && content != _taken;
            _seen = content;
            return settled;
        }

        public void Note() => _taken = _seen = Content();

        private string Content() => string.Join(' ', Part.Files.Select(Hash));

        private static string Hash(string path)
        {
            try
            {
                using var file = File.OpenRead(path);
                return Convert.ToHexString(SHA256.HashData(file));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return e.GetType().Name;
            }
        }
    }
}

internal static partial class ReloaderLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Read again: {Files}")]
    public static partial void Reloaded(this ILogger logger, string files);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Files} cannot be used, and what was read before stays in force: {Reason}")]
    public static partial void Refused(this ILogger logger, string files, string reason);
}
