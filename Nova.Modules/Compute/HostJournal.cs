using System.Net;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Nova.Modules.Operations;
using Nova.Modules.Shared;

namespace Nova.Modules.Compute;

/// <summary>What a host knows of one server: the highest epoch it has seen, the guest that it keeps, or a tombstone.</summary>
public sealed record JournalEntry
{
    /// <summary>The host, for a process with several.</summary>
    public required Guid HostId { get; init; }

    /// <summary>The server.</summary>
    public required Guid ServerId { get; init; }

    /// <summary>Commands below it are refused.</summary>
    public required long Epoch { get; init; }

    /// <summary>The guest as it was spawned or updated last; null for a tombstone.</summary>
    public GuestSpec? Guest { get; init; }

    /// <summary>The power that the guest was told to have: what a reboot of the host restores.</summary>
    public Power Wanted { get; init; }

    /// <summary>When the guest was destroyed; milliseconds since 1970 UTC, null while it exists.</summary>
    public long? DestroyedAt { get; init; }
}

/// <summary>
/// The durable memory of the hosts of a process (DIR/host/journal): one line per change, appended in groups with one
/// flush each. It is written anew at start, and whenever most of it is outdated. Tombstones stay for seven days, so that a
/// late command cannot bring a guest back.
/// </summary>
public sealed class HostJournal : IGuestDirectory, IAsyncDisposable
{
    private const long TombstoneMs = 7L * 24 * 3600 * 1000;
    private const long SmallestBytes = 8 << 20;

    private readonly Dictionary<(Guid Host, Guid Server), JournalEntry> _entries = [];
    private readonly Dictionary<(Guid Network, IPAddress Address), JournalEntry> _byAddress = [];
    private readonly Lock _gate = new();
    private readonly Channel<Append> _queue = Channel.CreateBounded<Append>(new BoundedChannelOptions(4096) { SingleReader = true });
    private readonly JsonSerializerOptions _json;
    private readonly Dictionary<(Guid Host, Guid Server), JournalEntry> _written;
    private readonly JournalFile _file;
    private readonly Task _writer;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly long _smallestBytes;
    private long _nextCompaction;

    /// <summary>Opens the journal of a directory, reading what is there.</summary>
    /// <param name="directory">Where it is.</param>
    /// <param name="secrets">Seals passwords of guests.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Tells of lines that cannot be read, and of failures to write.</param>
    /// <param name="smallestBytes">Below it the file is never written anew while the process runs.</param>
    /// <exception cref="IOException">The directory cannot be written.</exception>
    public HostJournal(string directory, SecretBox secrets, TimeProvider time, ILogger<HostJournal> logger, long smallestBytes = SmallestBytes)
    {
        (_json, _time, _logger, _smallestBytes) = (StateJson.With(secrets), time, logger, smallestBytes);
        Directory.CreateDirectory(directory);
        var path = Path.Combine(directory, "journal");
        Read(path);
        _written = new(_entries);
        _file = new(path, Lines());
        _nextCompaction = NextCompaction();
        _writer = Task.Run(WriteLoop);
    }

    /// <summary>What is known of a server on a host, or null.</summary>
    public JournalEntry? Find(Guid hostId, Guid serverId)
    {
        lock (_gate)
            return _entries.GetValueOrDefault((hostId, serverId));
    }

    /// <inheritdoc />
    GuestSpec? IGuestDirectory.Find(Guid networkId, IPAddress address)
    {
        lock (_gate)
            return _byAddress.GetValueOrDefault((networkId, address))?.Guest;
    }

    /// <summary>The guests of a host, without tombstones.</summary>
    public IReadOnlyList<JournalEntry> GuestsOf(Guid hostId)
    {
        lock (_gate)
            return [.. _entries.Values.Where(e => e.HostId == hostId && e.Guest is not null)];
    }

    /// <summary>All guests of the process, for the metadata service.</summary>
    public IReadOnlyList<JournalEntry> AllGuests()
    {
        lock (_gate)
            return [.. _entries.Values.Where(e => e.Guest is not null)];
    }

    /// <summary>Remembers; completes when it is durable.</summary>
    public async Task Put(JournalEntry entry, CancellationToken ct)
    {
        // A call that is cancelled before its turn leaves nothing behind, in memory neither.
        var append = new Append(entry, JsonSerializer.SerializeToUtf8Bytes(entry, _json));
        await _queue.Writer.WriteAsync(append, ct);
        lock (_gate)
            Keep(entry);
        await append.Durable.Task;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _writer;
        _file.Dispose();
    }

    private async Task WriteLoop()
    {
        var group = new List<Append>();
        while (await _queue.Reader.WaitToReadAsync())
        {
            group.Clear();
            while (group.Count < 256 && _queue.Reader.TryRead(out var append))
                group.Add(append);
            WriteGroup(group);
        }
    }

    private void WriteGroup(List<Append> group)
    {
        try
        {
            _file.Append(group.Select(append => append.Line));
            foreach (var append in group)
            {
                _written[(append.Entry.HostId, append.Entry.ServerId)] = append.Entry;
                append.Durable.SetResult();
            }

            if (_file.Length > _nextCompaction)
                Compact();
        }
        catch (IOException e)
        {
            _logger.JournalFailed(e);
            var fault = new Fault(FaultKind.Unavailable, Message.Of($"The host cannot write its journal."), e.Message);
            foreach (var append in group)
                append.Durable.TrySetException(fault);
        }
    }

    private void Read(string path)
    {
        if (!File.Exists(path))
            return;

        foreach (var line in File.ReadLines(path))
            if (TryParse(line) is { } entry)
                Keep(entry);
        Forget(_entries);
    }

    private void Keep(JournalEntry entry)
    {
        if (_entries.TryGetValue((entry.HostId, entry.ServerId), out var before))
            foreach (var key in AddressesOf(before))
                _byAddress.Remove(key);
        _entries[(entry.HostId, entry.ServerId)] = entry;
        foreach (var key in AddressesOf(entry))
            _byAddress[key] = entry;
    }

    private static IEnumerable<(Guid, IPAddress)> AddressesOf(JournalEntry entry) =>
        from nic in entry.Guest?.Nics ?? []
        from address in nic.Addresses
        select (nic.Network.Id, IPAddress.Parse(address.Address));

    // A torn last line is what a crash in the middle of a write leaves: nobody was told that it is durable.
    private JournalEntry? TryParse(string line)
    {
        try
        {
            return line.Length == 0 ? null : JsonSerializer.Deserialize<JournalEntry>(line, _json);
        }
        catch (JsonException e)
        {
            _logger.TornLine(e.Message);
            return null;
        }
    }

    // What the file says, not what is in memory: an entry whose turn to be written has not come is in one and not in the other.
    private void Compact()
    {
        Forget(_written);
        lock (_gate)
            Forget(_entries);
        try
        {
            _file.Replace(Lines());
        }
        catch (IOException e)
        {
            _logger.NotCompacted(e);
        }

        _nextCompaction = NextCompaction();
    }

    // At least as much is appended as was written anew, so that all of it costs no more than twice the appending.
    private long NextCompaction() => Math.Max(_smallestBytes, _file.Length + _file.FreshLength);

    private IEnumerable<byte[]> Lines() => _written.Values.Select(entry => JsonSerializer.SerializeToUtf8Bytes(entry, _json));

    private void Forget(Dictionary<(Guid Host, Guid Server), JournalEntry> entries)
    {
        var before = _time.GetUtcNow().ToUnixTimeMilliseconds() - TombstoneMs;
        foreach (var (key, entry) in entries)
            if (entry.DestroyedAt < before)
                entries.Remove(key);
    }

    private sealed record Append(JournalEntry Entry, byte[] Line)
    {
        public TaskCompletionSource Durable { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

internal static partial class HostJournalLog
{
    [LoggerMessage(Level = LogLevel.Error, Message = "The host journal could not be written; commands are refused until it can")]
    public static partial void JournalFailed(this ILogger logger, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The host journal could not be written anew; it goes on as it is")]
    public static partial void NotCompacted(this ILogger logger, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A line of the host journal is unreadable and was skipped: {Reason}")]
    public static partial void TornLine(this ILogger logger, string reason);
}
