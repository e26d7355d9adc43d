using System.CommandLine;
using Microsoft.Extensions.Logging.Abstractions;
using Nova.Drivers.Database.Sqlite;
using Nova.Drivers.Hypervisor.Libvirt;
using Nova.Drivers.Network.LinuxBridge;
using Nova.Host.Configuration;
using Nova.Host.Parts;
using Nova.Modules.Compute;
using Nova.Modules.Metadata;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Startup;
using Command = System.CommandLine.Command;

namespace Nova.Host.Commands;

/// <summary>
/// <c>nova-host purge</c>: removes from this machine what an instance that no longer runs has made on it: guests with
/// their disks, bridges, namespaces, tables, and changed kernel settings. The directory itself is left to the caller.
/// </summary>
internal static class PurgeCommand
{
    public static Command Create(SettingOptions options)
    {
        var purge = new Command("purge", "Removes the guests, networks and settings that the stopped instance of --data made on this machine. There is no way back.");
        purge.SetAction(async (line, ct) =>
        {
            var data = Path.GetFullPath(options.Bind(line).Get<ServerSettings>().Data);
            if (!Directory.Exists(data))
                throw new StartupFailure(ExitCode.DataDirectory, $"there is no directory {data}.");

            using var alone = DirectoryLock.Take(data);
            await Purge(data, line.InvocationConfiguration.Output, ct);
            return (int)ExitCode.Done;
        });
        return purge;
    }

    private static async Task Purge(string data, TextWriter output, CancellationToken ct)
    {
        try
        {
            using var http = new HttpClient();
            await using var hypervisor = await LibvirtHypervisor.Start(
                RealHost.Libvirt(data), new MetadataDocuments(new()), http, TimeProvider.System, NullLoggerFactory.Instance, ct);
            var guests = (await hypervisor.ListGuests(ct)).Where(guest => guest.Known).ToArray();
            foreach (var guest in guests)
                await hypervisor.Destroy(guest.ServerId, ct);

            await using var network = new LinuxBridgeNetwork(RealHost.Network(data), null, TimeProvider.System, NullLoggerFactory.Instance);
            await network.Restore(new Dictionary<Guid, IReadOnlyList<NicSpec>>(), ct);
            await output.WriteLineAsync($"removed {guests.Length} guests, their networks and the settings of this machine");
        }
        catch (Fault e)
        {
            throw new StartupFailure(ExitCode.Machine, $"not everything could be removed: {e.Message} Mend that and run the same command again.", e);
        }
    }
}
