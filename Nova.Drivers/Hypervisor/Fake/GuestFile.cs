using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Nova.Drivers.Hypervisor.Fake;

/// <summary>
/// The guests of all hosts of the process in memory, and one file to which each change is appended. All changes that wait are one
/// write. A torn last line is cut off when the file is opened; the file is written anew when most of it is outdated.
/// </summary>
internal sealed class GuestFile : IAsyncDisposable
{
    private const int LinesBeforeCompaction = 10_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<(int Host, Guid Id), FakeGuest> _guests = [];
    private readonly string _path;
    private readonly bool _fsync;
    private SafeFileHandle _file;
    private Batch _waiting = new();
    private Task _flushing = Task.CompletedTask;
    private bool _isFlushing;
    private long _length;
    private int _lines;

    /// <summary>Opens or creates the file.</summary>
    /// <exception cref="IOException">Another process has it open.</exception>
    public GuestFile(string path, bool fsync)
    {
        (_path, _fsync) = (path, fsync);
        _file = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        Load();
    }

    /// <summary>Bytes in the file.</summary>
    public long Length
    {
        get
        {
            lock (_gate)
                return _length;
        }
    }

    /// <summary>The guest, or null.</summary>
    public FakeGuest? Find(int host, Guid id)
    {
        lock (_gate)
            return _guests.GetValueOrDefault((host, id));
    }

    /// <summary>All guests.</summary>
    public IReadOnlyList<FakeGuest> All()
    {
        lock (_gate)
            return [.. _guests.Values];
    }

    /// <summary>The guest is as described; completes when that is written.</summary>
    public Task Put(FakeGuest guest)
    {
        lock (_gate)
        {
            _guests[(guest.Host, guest.Id)] = guest;
            return Append(guest.Line);
        }
    }

    /// <summary>The guest is gone; completes when that is written.</summary>
    public Task Remove(FakeGuest guest)
    {
        lock (_gate)
        {
            _guests.Remove((guest.Host, guest.Id));
            return Append(guest.EndLine);
        }
    }

    /// <summary>Writes what waits and closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        Task last;
        lock (_gate)
            last = _flushing;
        await last;
        _file.Dispose();
    }

    private Task Append(string line)
    {
        _waiting.Lines.Append(line);
        _waiting.Count++;
        var written = _waiting.Written.Task;
        if (!_isFlushing)
        {
            _isFlushing = true;
            _flushing = Task.Run(Flush);
        }

        return written;
    }

    private void Flush()
    {
        while (Next() is { } batch)
        {
            try
            {
                Write(Encoding.ASCII.GetBytes(batch.Lines.ToString()), batch.Count);
                batch.Written.SetResult();
            }
            catch (IOException e)
            {
                batch.Written.SetException(e);
            }
        }
    }

    private Batch? Next()
    {
        lock (_gate)
        {
            if (_waiting.Count == 0)
            {
                _isFlushing = false;
                return null;
            }

            var batch = _waiting;
            _waiting = new();
            return batch;
        }
    }

    private void Write(byte[] bytes, int lines)
    {
        RandomAccess.Write(_file, bytes, _length);
        if (_fsync)
            RandomAccess.FlushToDisk(_file);
        lock (_gate)
            (_length, _lines) = (_length + bytes.Length, _lines + lines);
        CompactWhenOutdated();
    }

    private void Load()
    {
        var text = new byte[RandomAccess.GetLength(_file)];
        RandomAccess.Read(_file, text, 0);
        var rest = text.AsSpan();
        while (rest.IndexOf((byte)'\n') is var end and >= 0 && FakeGuest.TryRead(Encoding.ASCII.GetString(rest[..end]), out var guest, out var isEnd))
        {
            if (isEnd)
                _guests.Remove((guest.Host, guest.Id));
            else
                _guests[(guest.Host, guest.Id)] = guest;
            (_length, _lines) = (_length + end + 1, _lines + 1);
            rest = rest[(end + 1)..];
        }

        RandomAccess.SetLength(_file, _length);
        CompactWhenOutdated();
    }

    // Every change is in memory before it waits to be written, so nothing is lost between the two files.
    private void CompactWhenOutdated()
    {
        List<FakeGuest> guests;
        lock (_gate)
        {
            if (_lines < LinesBeforeCompaction + 2 * _guests.Count)
                return;
            guests = [.. _guests.Values];
        }

        var bytes = Encoding.ASCII.GetBytes(string.Concat(guests.Select(g => g.Line)));
        var next = File.OpenHandle(_path + ".new", FileMode.Create, FileAccess.ReadWrite, FileShare.None);
        RandomAccess.Write(next, bytes, 0);
        RandomAccess.FlushToDisk(next);
        File.Move(_path + ".new", _path, overwrite: true);
        _file.Dispose();
        lock (_gate)
            (_file, _length, _lines) = (next, bytes.Length, guests.Count);
    }

    private sealed class Batch
    {
        public StringBuilder Lines { get; } = new();

        public int Count { get; set; }

        public TaskCompletionSource Written { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
