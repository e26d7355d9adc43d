using System.Net;
using Nova.Drivers.Identity.Keystone;
using Nova.Host.Parts;
using Nova.Modules.Consoles;
using Nova.Modules.Policy;

namespace Nova.Host.Configuration;

/// <summary>What must fit together across records.</summary>
internal static class SettingsRules
{
    /// <summary>The rules that are broken, without those about a key that is already known to be wrong.</summary>
    public static IEnumerable<SettingsProblem> Check(BoundSettings settings, IReadOnlyCollection<SettingsProblem> known)
    {
        var wrong = known.Select(problem => problem.Key).ToHashSet();
        return Addresses(settings).Concat(Roles(settings)).Concat(Parts(settings)).Concat(Files(settings)).Where(problem => !wrong.Contains(problem.Key)).ToArray();
    }

    private static IEnumerable<SettingsProblem> Addresses(BoundSettings settings)
    {
        var server = settings.Get<ServerSettings>();
        if (server.Listen != "localhost" && !IPAddress.TryParse(server.Listen, out _))
            yield return settings.Problem("server.listen", "allowed is an IP address of this machine, 0.0.0.0, :: or localhost.");
        else if (settings.Get<IdentitySettings>().Kind == IdentityKind.Test && !server.IsLoopback)
            yield return settings.Problem("server.listen", "with identity.kind = test every token is believed, so only a loopback address is allowed.");

        foreach (var (key, text) in new[] { ("server.admin_listen", server.AdminListen), ("server.rpc_listen", server.RpcListen), ("console.listen", settings.Get<ConsoleOptions>().Listen) })
            if (text is not null && !text.StartsWith("localhost:", StringComparison.Ordinal) && !IPEndPoint.TryParse(text, out _))
                yield return settings.Problem(key, "allowed is ADDRESS:PORT with an IP address of this machine and a port of at most 65535.");
    }

    private static IEnumerable<SettingsProblem> Roles(BoundSettings settings)
    {
        var server = settings.Get<ServerSettings>();
        bool[] control = [server.Plays(HostRole.Api), server.Plays(HostRole.Scheduler), server.Plays(HostRole.Conductor)];
        var splitsFile = settings.Get<DatabaseSettings>().Kind == DatabaseKind.Sqlite && control.Contains(true) && control.Contains(false);
        if (splitsFile)
            yield return settings.Problem("server.role", "with SQLite one process holds the database: api,scheduler,conductor go together; split them with PostgreSQL.");
        if (!control.Contains(true) && server.Conductors.Count == 0)
            yield return settings.Problem("server.conductors", "a compute of its own needs the address of at least one conductor: --conductors ADDRESS:PORT.");
        if (!splitsFile && (control[0] || control[2]) && !control[1] && server.Schedulers.Count == 0)
            yield return settings.Problem("server.schedulers", "api and conductor need a scheduler, in the same process or elsewhere: --schedulers ADDRESS:PORT.");
        if (server.RpcListen is not null && server.RpcAdvertise is null && IPEndPoint.TryParse(server.RpcListen, out var rpc) && (rpc.Address.Equals(IPAddress.Any) || rpc.Address.Equals(IPAddress.IPv6Any)))
            yield return settings.Problem("server.rpc_advertise", "when roles are served on all addresses, others must be told which one to use: --rpc-advertise ADDRESS:PORT.");
        foreach (var (key, addresses) in new[] { ("server.conductors", server.Conductors), ("server.schedulers", server.Schedulers) })
            foreach (var address in addresses.Where(address => !ServerSettings.IsAddress(address)))
                yield return settings.Problem(key, $"'{address}' is not ADDRESS:PORT.");
        if (settings.Get<RpcSettings>() is var tls && new[] { tls.Certificate, tls.Key, tls.Ca }.Distinct().Contains(null) && (tls.Certificate ?? tls.Key ?? tls.Ca) is not null)
            yield return settings.Problem("rpc.certificate", "rpc.certificate, rpc.key and rpc.ca are given together or not at all.");
    }

    private static IEnumerable<SettingsProblem> Parts(BoundSettings settings)
    {
        var database = settings.Get<DatabaseSettings>();
        if (database.Kind == DatabaseKind.Postgres && database.Connection is null)
            yield return settings.Problem("database.connection", "PostgreSQL needs a connection string: --connection 'Host=…;Database=…;Username=…'.");
        if (database.Kind == DatabaseKind.Sqlite && database.Connection is not null)
            yield return settings.Problem("database.connection", "allowed only with database.kind = postgres; SQLite's file is nova.db in the data directory.");

        var keystone = settings.Get<KeystoneSettings>();
        if (settings.Get<IdentitySettings>().Kind == IdentityKind.Keystone)
        {
            if (!Uri.TryCreate(keystone.Url, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
                yield return settings.Problem("keystone.url", "with identity.kind = keystone the address of Keystone is needed, such as https://identity.example.org:5000/v3.");
            if (keystone.Password is null)
                yield return settings.Problem("keystone.password", "with identity.kind = keystone the password of the service user is needed.");
            if (keystone.CaFile is { } authorities && !File.Exists(authorities))
                yield return settings.Problem("keystone.ca_file", "there is no such file.");
        }

        var compute = settings.Get<ComputeSettings>();
        if (compute.Driver == DriverKind.Libvirt && compute.Hosts != 1)
            yield return settings.Problem("compute.hosts", "one process plays one host; any other number is possible only with compute.driver = fake.");
    }

    // Read here to be told with everything else, and read again by the part that uses them.
    private static IEnumerable<SettingsProblem> Files(BoundSettings settings)
    {
        if (PolicyParts.Problem(settings.Get<PolicyOptions>(), settings.Get<ServerSettings>().Data) is { } problem)
            yield return settings.Problem("policy.file", problem);
    }
}
