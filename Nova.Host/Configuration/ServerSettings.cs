using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Net;
using Nova.Modules.Shared.Settings;

namespace Nova.Host.Configuration;

/// <summary>A part that this process can play.</summary>
public enum HostRole
{
    /// <summary>All of them.</summary>
    All,

    /// <summary>HTTP.</summary>
    Api,

    /// <summary>Chooses hosts.</summary>
    Scheduler,

    /// <summary>Runs operations.</summary>
    Conductor,

    /// <summary>Carries out commands on one or more hypervisors.</summary>
    Compute,
}

/// <summary>How role calls travel inside one process.</summary>
public enum RoleWire
{
    /// <summary>The message is handed over.</summary>
    Direct,

    /// <summary>Through the real transport on loopback; for tests.</summary>
    Grpc,
}

/// <summary>What this process is and where it listens.</summary>
[SettingsSection("server")]
public sealed record ServerSettings
{
    private const string AddressPattern = @"^\S*:\d{1,5}$";

    /// <summary>The distance of the role port from the public one, when it is not given.</summary>
    private const int RpcOffset = 10_000;

    /// <summary>The distance of the admin port from the public one, when it is not given.</summary>
    private const int AdminOffset = 20_000;

    [Description("The parts that this process plays.")]
    [MinLength(1)]
    public IReadOnlyList<HostRole> Role { get; init; } = [HostRole.All];

    [Description("The data directory: database, keys, images, guests' disks. Only one process may use it.")]
    [Required]
    public string Data { get; init; } = "data";

    [Description("The address on which the API listens; 0.0.0.0 or :: for all.")]
    [Required]
    public string Listen { get; init; } = "127.0.0.1";

    [Description("The port of the API; 0 takes a free one.")]
    [Range(0, 65535)]
    public int Port { get; init; } = 8774;

    [Description("ADDRESS:PORT of the admin listener (/metrics, /healthcheck); null is 127.0.0.1 and the port of the API plus 20000.")]
    [RegularExpression(AddressPattern, ErrorMessage = "ADDRESS:PORT")]
    public string? AdminListen { get; init; }

    [Description("ADDRESS:PORT on which roles of other processes are served (HTTP/2 only); null is 127.0.0.1 and the port of the API plus 10000. Not opened when all roles are in this process.")]
    [RegularExpression(AddressPattern, ErrorMessage = "ADDRESS:PORT")]
    public string? RpcListen { get; init; }

    [Description("ADDRESS:PORT that other processes are told for this one; null is the same as rpc_listen.")]
    [RegularExpression(AddressPattern, ErrorMessage = "ADDRESS:PORT")]
    public string? RpcAdvertise { get; init; }

    [Description("On a compute of its own: the conductors to dial, as ADDRESS:PORT.")]
    public IReadOnlyList<string> Conductors { get; init; } = [];

    [Description("Where the schedulers are, as ADDRESS:PORT: needed by api and conductor where no scheduler is in the process.")]
    public IReadOnlyList<string> Schedulers { get; init; } = [];

    [Description("How role calls travel inside one process; grpc is for tests.")]
    public RoleWire Wire { get; init; } = RoleWire.Direct;

    /// <summary>True when this process plays the part.</summary>
    public bool Plays(HostRole role) => Role.Contains(HostRole.All) || Role.Contains(role);

    /// <summary>True when every role is in this process.</summary>
    public bool IsWhole => Plays(HostRole.Api) && Plays(HostRole.Scheduler) && Plays(HostRole.Conductor) && Plays(HostRole.Compute);

    /// <summary>The address of the API.</summary>
    public IPAddress Address => Listen == "localhost" ? IPAddress.Loopback : IPAddress.Parse(Listen);

    /// <summary>True when only this machine can reach the API.</summary>
    public bool IsLoopback => IPAddress.IsLoopback(Address);

    /// <summary>Where the admin listener is.</summary>
    public IPEndPoint AdminEndpoint => AdminListen is { } text ? Endpoint(text) : new(IPAddress.Loopback, Derived(AdminOffset));

    /// <summary>Where roles of other processes are served.</summary>
    public IPEndPoint RpcEndpoint => RpcListen is { } text ? Endpoint(text) : new(IPAddress.Loopback, Derived(RpcOffset));

    /// <summary>True when this process must serve roles to others.</summary>
    public bool OpensRpc => RpcListen is not null || Wire == RoleWire.Grpc || (!IsWhole && (Plays(HostRole.Conductor) || Plays(HostRole.Scheduler)));

    /// <summary>What others are told for <see cref="RpcEndpoint"/>.</summary>
    public string Advertised => RpcAdvertise ?? RpcEndpoint.ToString();

    /// <summary>True for ADDRESS:PORT with a port of 1 to 65535.</summary>
    public static bool IsAddress(string text) =>
        text.LastIndexOf(':') is var colon and > 0 && ushort.TryParse(text.AsSpan(colon + 1), out var port) && port > 0;

    // Port 0 stays 0, and a port near the end of the range counts downwards.
    private int Derived(int offset) => Port == 0 ? 0 : Port + offset <= IPEndPoint.MaxPort ? Port + offset : Port - offset;

    /// <summary>ADDRESS:PORT, where localhost is an address too.</summary>
    internal static IPEndPoint Endpoint(string text) =>
        IPEndPoint.Parse(text.StartsWith("localhost:", StringComparison.Ordinal) ? $"127.0.0.1:{text["localhost:".Length..]}" : text);
}
