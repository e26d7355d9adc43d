using System.Text.Json;
using Nova.Drivers.Image.Embedded;
using Nova.Modules.Compute;
using Nova.Modules.Networks;
using Nova.Modules.Operations;
using Nova.Modules.Servers;
using Nova.Modules.Servers.Audit;

namespace Nova.Tests.Operations;

// The comparison of everything with everything.
internal sealed partial class FakeCloud
{
    private const long FakeDiskBytes = 6 << 16;

    /// <summary>
    /// No operation is under way; sums, allocations, quota, ports and addresses add up; guests, journals and plugged
    /// interfaces are exactly those of the servers; ended operations keep nothing.
    /// </summary>
    public async Task AssertNothingLeft()
    {
        var problems = new List<string>((await Now.Get<ServerAudit>().Run(default)).Findings.Select(f => $"{f.Kind} {f.Subject}: {f.Problem}"));
        var servers = await Database.Read(
            rows => rows.Query<Row>("SELECT id, host_id, vm_state, task_state, networks FROM servers WHERE deleted_at IS NULL"), default);
        problems.AddRange(servers.Where(s => s.TaskState is not null).Select(s => $"server {s.Id} still is {s.TaskState}"));
        problems.AddRange((await Unfinished()).Select(o => $"operation {o.Id} ({o.Kind}) is {o.Status} at {o.Step}"));
        problems.AddRange(await Records());
        problems.AddRange(await Images());
        for (var number = 0; number < HostCount; number++)
            problems.AddRange(await OfHost(number, servers));
        problems.AddRange(Log.Lines.Where(l => l.StartsWith("The runner failed", StringComparison.Ordinal)));
        Assert.True(problems.Count == 0, string.Join(Environment.NewLine, problems));
    }

    // Every image is whole, every file is an image's, and of each server's backups there is one.
    private async Task<IEnumerable<string>> Images()
    {
        var images = await Database.Read(ImageStore.All, default);
        var files = Directory.Exists(ImageDirectory) ? Directory.GetFiles(ImageDirectory).Select(Path.GetFileName).ToHashSet() : [];
        return
        [
            .. images.Where(i => i.Status != "active" || i.Upload is not null || i.Size != FakeDiskBytes).Select(i => $"image {i.Id} is {i.Status} with {i.Size} bytes"),
            .. images.Where(i => !files.Remove(i.Id)).Select(i => $"image {i.Id} has no file"),
            .. files.Select(file => $"the file {file} belongs to no image"),
            .. images.Where(i => i.PropertyMap()["image_type"] == "backup").GroupBy(i => i.PropertyMap()["instance_uuid"]).Where(g => g.Count() > 1).Select(g => $"server {g.Key} has {g.Count()} backups"),
        ];
    }

    private async Task<IEnumerable<string>> Records()
    {
        var ended = await Database.Read(
            rows => rows.Query<Ended>("SELECT id, kind, state, steps, step, waits_for, status FROM operations WHERE finished_at IS NOT NULL"), default);
        return ended.Where(o => o.State != "{}" || o.Step is not null || o.WaitsFor is not null || o.Status is not ("done" or "failed") || ShowsUnended(o.Steps))
            .Select(o => $"operation {o.Id} ({o.Kind}) ended {o.Status} and keeps {o.State} {o.Step} {o.WaitsFor} {o.Steps}");
    }

    private static bool ShowsUnended(string steps) =>
        JsonSerializer.Deserialize<OperationProgress>(steps, StateJson.Options)!.Events.Exists(e => e.FinishedAt is null || e.Result is null);

    private async Task<IEnumerable<string>> OfHost(int number, IReadOnlyList<Row> servers)
    {
        var host = _hostIds[number];
        var guests = (await _fakes.Hosts[number].ListGuests(default)).ToDictionary(g => g.ServerId, g => g.Power);
        var problems = new List<string>();
        foreach (var server in servers.Where(s => s.HostId == host))
        {
            var power = guests.Remove(server.Id, out var found) ? found : (Power?)null;
            if ((server.VmState, power) is not ((VmStates.Active or VmStates.Rescued, Power.On) or (VmStates.Stopped or VmStates.SoftDeleted, Power.Off) or (VmStates.Paused, Power.Paused) or (VmStates.Suspended, Power.Suspended) or (VmStates.Error, _)))
                problems.Add($"server {server.Id} is {server.VmState}, its guest {power?.ToString() ?? "missing"}");
        }

        problems.AddRange(servers.Where(s => s.HostId == host).SelectMany(s => Interfaces(number, s)));
        problems.AddRange(guests.Keys.Select(id => $"host {number} runs a guest of {id}, which is not there"));
        var mine = servers.Where(s => s.HostId == host).Select(s => s.Id).ToHashSet();
        problems.AddRange(_journal.GuestsOf(host).Where(e => !mine.Contains(e.ServerId)).Select(e => $"the journal of host {number} keeps a guest of {e.ServerId}"));
        problems.AddRange(_plugged[number].Plugged.Where(id => !mine.Contains(id)).Select(id => $"host {number} keeps interfaces of {id}"));
        return problems;
    }

    // The row's, the journal's, those that are plugged, and those of the guest once they were changed.
    private IEnumerable<string> Interfaces(int number, Row server)
    {
        var ports = JsonSerializer.Deserialize<List<PortBinding>>(server.Networks, StateJson.Options)!.Select(p => p.PortId).ToHashSet();
        if (_journal.Find(_hostIds[number], server.Id)?.Guest is not { } guest)
            yield break;

        if (!ports.SetEquals(guest.Nics.Select(nic => nic.PortId)))
            yield return $"the journal of host {number} has {guest.Nics.Count} interfaces of {server.Id}, which has {ports.Count}";
        if (!ports.SetEquals(_plugged[number].PortsOf(server.Id)))
            yield return $"host {number} has plugged {_plugged[number].PortsOf(server.Id).Count} interfaces of {server.Id}, which has {ports.Count}";
        if (_fakes.Hosts[number].NicsOf(server.Id) is { } nics && !ports.SetEquals(nics))
            yield return $"the guest of {server.Id} has {nics.Count} interfaces, its server {ports.Count}";
    }

    private sealed class Row
    {
        public Guid Id { get; init; }
        public Guid? HostId { get; init; }
        public string VmState { get; init; } = "";
        public string? TaskState { get; init; }
        public string Networks { get; init; } = "[]";
    }

    private sealed class Ended
    {
        public Guid Id { get; init; }
        public string Kind { get; init; } = "";
        public string State { get; init; } = "";
        public string Steps { get; init; } = "";
        public string? Step { get; init; }
        public Guid? WaitsFor { get; init; }
        public string Status { get; init; } = "";
    }
}
