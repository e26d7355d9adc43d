using System.Diagnostics;
using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Nova.Drivers.Network.LinuxBridge;
using Nova.Modules.Compute;
using Nova.Modules.Compute.Live;
using Nova.Modules.Metadata;
using Nova.Modules.Shared;

namespace Nova.Tests.Drivers.Network;

/// <summary>
/// A host of its own inside a network namespace, so that a test changes nothing of the machine. Guests are namespaces
/// whose interface is joined by veth to a link that is named as the guest's tap: the driver takes it for the tap.
/// </summary>
public sealed class ScratchHost : IAsyncDisposable, IGuestDirectory, IGuestPasswords
{
    private static int last;

    private readonly string id = $"hn{Environment.ProcessId}x{Interlocked.Increment(ref last)}";
    private readonly string installation = Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(2));
    private readonly string folder;
    private readonly List<LinuxBridgeNetwork> lives = [];
    private readonly List<Guest> guests = [];
    private readonly List<HostPicture> told = [];
    private readonly Dictionary<Guid, string> passwords = [];

    public ScratchHost()
    {
        folder = Path.Combine(Path.GetTempPath(), id);
        Directory.CreateDirectory(folder);
        Ip("netns", "add", id);
        Ip("-n", id, "link", "set", "lo", "up");
        Before = Picture();
        Network = NewLife();
    }

    /// <summary>The driver under test.</summary>
    public LinuxBridgeNetwork Network { get; private set; }

    /// <summary>What was there before the driver's first call.</summary>
    public string Before { get; }

    /// <summary>The name of the host's namespace.</summary>
    public string Namespace => id;

    /// <summary>What guests may ask about; a test changes it.</summary>
    public List<GuestSpec> Specs { get; } = [];

    public LinuxBridgeOptions Options => new()
    {
        Directory = Path.Combine(folder, "data"),
        Installation = installation,
        SharedDirectory = Path.Combine(folder, "run"),
        HostNamespace = id,
    };

    /// <summary>As after a crash and a new start of the program.</summary>
    public LinuxBridgeNetwork NewLife(CommandRunner? runner = null, LinuxBridgeOptions? options = null)
    {
        Network = new LinuxBridgeNetwork(options ?? Options, new MetadataService(new MetadataOptions(), this, this), TimeProvider.System, NullLoggerFactory.Instance, runner ?? new LoudRunner());
        lives.Add(Network);

        // As a conductor does when a host finds it again: without a table to change, this only is remembered.
        foreach (var picture in told)
            Network.Apply(picture, CancellationToken.None).GetAwaiter().GetResult();
        return Network;
    }

    /// <summary>The old life ends as a process does: its sockets close, and nothing else is done.</summary>
    public async Task Kill()
    {
        await Network.DisposeAsync();
        lives.Remove(Network);
    }

    /// <summary>A guest that is plugged by the driver, with its addresses configured by hand.</summary>
    public async Task<Guest> Boot(params NicSpec[] nics)
    {
        var guest = new Guest(id + "g" + guests.Count, id, nics);
        guests.Add(guest);
        Specs.Add(guest.Spec);
        await Tell(Guests.PictureOf(nics));
        await Network.Plug(guest.ServerId, nics, CancellationToken.None);
        Settle(guest);
        return guest;
    }

    /// <summary>The kernel tells a bridge up to a second later that a link has a carrier; until then packets are dropped.</summary>
    private void Settle(Guest guest)
    {
        var limit = Stopwatch.StartNew();
        string[] spaces = [id, guest.Namespace, .. Directory.GetFiles("/run/netns", $"nova-{installation}-*").Select(path => Path.GetFileName(path))];
        while (!spaces.All(space => Ip("-n", space, "-d", "link", "show", "up") is var links
            && !links.Contains("state DOWN", StringComparison.Ordinal) && !links.Contains("state LOWERLAYERDOWN", StringComparison.Ordinal) && !links.Contains("state disabled", StringComparison.Ordinal)))
            if (limit.Elapsed > TimeSpan.FromSeconds(30))
                throw new TimeoutException("A link of the scratch host did not come up.");
    }

    public async Task Replug(Guest guest, params NicSpec[] nics)
    {
        await Tell(Guests.PictureOf(nics));
        await Network.Plug(guest.ServerId, nics, CancellationToken.None);
    }

    /// <summary>What a conductor would tell.</summary>
    public Task Tell(params GroupPicture[] groups) => Tell(new HostPicture { Groups = groups });

    private Task Tell(HostPicture picture)
    {
        told.Add(picture);
        return Network.Apply(picture, CancellationToken.None);
    }

    public Task Remove(Guest guest)
    {
        Specs.RemoveAll(spec => spec.ServerId == guest.ServerId);
        return Network.Unplug(guest.ServerId, CancellationToken.None);
    }

    /// <summary>Everything that the driver could leave: links, addresses, rules, settings, namespaces, processes, files.</summary>
    public string Picture()
    {
        var links = Ip("-n", id, "-br", "link").Split('\n').Select(line => line.Split(' ')[0]).Order();
        var spaces = Directory.Exists("/run/netns") ? Directory.GetFiles("/run/netns").Where(path => path.Contains($"nova-{installation}-", StringComparison.Ordinal)) : [];
        var processes = Directory.EnumerateDirectories("/proc").Where(path => int.TryParse(Path.GetFileName(path), out _)).Where(IsOurs);
        var files = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(path => Path.GetFileName(path) != "lock");
        return string.Join('\n',
        [
            .. links, Ip("-n", id, "route"), Ip("netns", "exec", id, "nft", "list", "ruleset"),
            Ip("netns", "exec", id, "cat", "/proc/sys/net/ipv4/ip_forward", "/proc/sys/net/ipv6/conf/all/forwarding", "/proc/sys/net/bridge/bridge-nf-call-iptables"),
            .. spaces, .. processes, .. files,
        ]);
    }

    public string Nft() => Ip("netns", "exec", id, "nft", "list", "ruleset");

    public GuestSpec? Find(Guid networkId, IPAddress address) => Specs.Find(spec =>
        spec.Nics.Any(nic => nic.Network.Id == networkId && nic.Addresses.Any(entry => IPAddress.Parse(entry.Address).Equals(address))));

    public ValueTask<string> Find(Guid serverId, CancellationToken ct) => new(passwords.GetValueOrDefault(serverId) ?? "");

    public ValueTask<bool> TrySet(Guid serverId, string password, CancellationToken ct) => new(passwords.TryAdd(serverId, password));

    public async ValueTask DisposeAsync()
    {
        await using (var cleaner = NewLife())
            await cleaner.Restore(new Dictionary<Guid, IReadOnlyList<NicSpec>>(), CancellationToken.None);
        foreach (var life in lives)
            await life.DisposeAsync();
        foreach (var guest in guests)
            Ip("netns", "del", guest.Namespace);
        Ip("netns", "del", id);
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>Shows what a program said when it failed, which only an admin sees otherwise.</summary>
    public class LoudRunner() : CommandRunner(TimeSpan.FromSeconds(30), TimeProvider.System)
    {
        public override async Task<string> Run(Command command, CancellationToken ct)
        {
            try
            {
                return await base.Run(command, ct);
            }
            catch (Fault e)
            {
                throw new Fault(e.Kind, Message.Verbatim($"{e.Message} {e.Details}"));
            }
        }
    }

    private bool IsOurs(string process)
    {
        try
        {
            return File.ReadAllText(process + "/cmdline").Contains(folder + "/", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>Runs ip; its output, or an exception with its words.</summary>
    public static string Ip(params string[] arguments) => TryIp(arguments) is (0, var output) ? output : throw new IOException($"ip {string.Join(' ', arguments)}: {TryIp(arguments)}");

    /// <summary>Runs ip; exit code and what it said.</summary>
    public static (int Code, string Output) TryIp(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("ip", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, process.ExitCode == 0 ? output : errors.Result);
    }
}
