using Nova.Modules.Compute;
using Nova.Modules.Compute.Live;
using Nova.Modules.Networks;
using Db = Nova.Modules.Shared.Database.Database;

namespace Nova.Drivers.Network.Embedded;

/// <summary>
/// Security groups for running guests. Which addresses belong to the ports of a group is read once, when it is first asked
/// for, and then kept by what is committed; the last changes of each group are kept too, so that a host is told of those.
/// </summary>
public sealed class GroupMembers : ISecurityGroups
{
    private readonly Db _database;
    private readonly PictureCache _pictures;
    private readonly Lock _gate = new();
    private readonly Dictionary<GroupKey, Members> _groups = [];
    private List<PortChange>? _whileLoading;
    private Task? _load;
    private long _version;

    /// <summary>Hears of changes from now on.</summary>
    public GroupMembers(Db database, PictureCache pictures, LiveChanges changes)
    {
        (_database, _pictures) = (database, pictures);
        changes.PortChanged += Take;
        changes.GroupChanged += _ => pictures.Forget();
        changes.NetworkChanged += _ => pictures.Forget();
    }

    /// <inheritdoc />
    public async ValueTask<IReadOnlyList<RuleSpec>> RulesOf(Guid group, CancellationToken ct) =>
        (await _pictures.Get(ct)).Groups.TryGetValue(group, out var found) ? found.Specs : [];

    /// <inheritdoc />
    public async ValueTask<GroupMembership> MembersOf(GroupKey key, long after, CancellationToken ct)
    {
        await Loaded(ct);
        lock (_gate)
            return _groups.TryGetValue(key, out var members) ? members.Since(after) : new(_version, true, [], []);
    }

    private void Take(PortChange change)
    {
        lock (_gate)
        {
            // Before the first question nothing is kept; during the load changes wait, because the rows may or may not hold them.
            if (_load is null)
                return;
            if (_whileLoading is { } waiting)
                waiting.Add(change);
            else
                Enter(change);
        }
    }

    private async ValueTask Loaded(CancellationToken ct)
    {
        Task load;
        lock (_gate)
        {
            if (_load is null or { IsFaulted: true } or { IsCanceled: true })
            {
                _whileLoading = [];
                _load = Load();
            }

            load = _load;
        }

        await load.WaitAsync(ct);
    }

    private async Task Load()
    {
        // Never on the caller's thread: it holds the gate.
        await Task.Yield();
        var rows = await _database.Read(r => r.Query<MemberRow>("SELECT id, network_id, fixed_ips, security_groups FROM ports"), CancellationToken.None);
        lock (_gate)
        {
            _groups.Clear();
            foreach (var row in rows)
                Enter(new() { PortId = row.Id, NetworkId = row.NetworkId, Groups = PortJson.Groups(row.SecurityGroups), Addresses = [.. PortJson.Addresses(row.FixedIps).Select(a => a.Address)] });
            foreach (var change in _whileLoading ?? [])
                Enter(change);
            _whileLoading = null;
        }
    }

    private void Enter(PortChange change)
    {
        foreach (var group in change.GroupsBefore)
            if (_groups.TryGetValue(new(change.NetworkId, group), out var members))
            {
                foreach (var address in change.AddressesBefore)
                    members.Leave(address, change.PortId, ++_version);
                if (members.IsEmpty)
                    _groups.Remove(new(change.NetworkId, group));
            }

        foreach (var group in change.Groups)
        {
            if (!_groups.TryGetValue(new(change.NetworkId, group), out var members))
                _groups.Add(new(change.NetworkId, group), members = new(_version));
            foreach (var address in change.Addresses)
                members.Join(address, change.PortId, ++_version);
        }
    }

    private sealed class MemberRow
    {
        public Guid Id { get; init; }

        public Guid NetworkId { get; init; }

        public string FixedIps { get; init; } = "";

        public string SecurityGroups { get; init; } = "";
    }

    // An address is its port's: news of one port's end may come after that of the next port with its address.
    private sealed class Members(long since)
    {
        private const int Remembered = 1024;

        private readonly Dictionary<string, Guid> _owners = [];
        private readonly Queue<(long Version, string Address)> _changes = [];
        private long _since = since, _version = since;

        public bool IsEmpty => _owners.Count == 0;

        public void Join(string address, Guid port, long version)
        {
            if (!_owners.ContainsKey(address))
                Note(address, version);
            _owners[address] = port;
        }

        public void Leave(string address, Guid port, long version)
        {
            if (_owners.GetValueOrDefault(address) == port && _owners.Remove(address))
                Note(address, version);
        }

        public GroupMembership Since(long after)
        {
            if (after < _since || after == 0)
                return new(_version, true, [.. _owners.Keys], []);

            var touched = _changes.Where(change => change.Version > after).Select(change => change.Address).ToHashSet();
            return new(_version, false, [.. touched.Where(_owners.ContainsKey)], [.. touched.Where(address => !_owners.ContainsKey(address))]);
        }

        private void Note(string address, long version)
        {
            _version = version;
            _changes.Enqueue((version, address));
            if (_changes.Count > Remembered)
                _since = _changes.Dequeue().Version;
        }
    }
}
