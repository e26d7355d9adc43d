using System.Net;
using Nova.Host.Configuration;
using Nova.Modules.Compute.Link;
using Nova.Modules.Operations.Remote;
using Nova.Modules.Rpc;
using Nova.Modules.Scheduling.Remote;
using Nova.Modules.Shared.Startup;

namespace Nova.Host.Parts;

/// <summary>Serves the roles of this process to others.</summary>
internal sealed class RoleListener(IServiceProvider services, ServerSettings server, RpcOptions options, TimeProvider time, ILoggerFactory loggers) : IAsyncDisposable
{
    private RpcListener? _listener;

    /// <summary>HOST:PORT where others reach this process; empty before it listens, and when it never does.</summary>
    public string Address { get; private set; } = "";

    public async Task Start(CancellationToken ct)
    {
        try
        {
            _listener = await RpcListener.Start(server.RpcEndpoint, Services(), options, time, loggers, ct);
        }
        catch (IOException e)
        {
            throw new StartupFailure(ExitCode.Address, $"cannot listen on {server.RpcEndpoint}: {e.Message}. Choose another with --rpc-listen.", e);
        }

        Address = server.RpcAdvertise ?? _listener.Address.ToString();
        if (options.Tls is null && !IPAddress.IsLoopback(server.RpcEndpoint.Address))
            loggers.CreateLogger<RoleListener>().InClear(Address);
    }

    public async ValueTask DisposeAsync()
    {
        if (_listener is not null)
            await _listener.DisposeAsync();
    }

    private List<RpcService> Services()
    {
        var served = new List<RpcService>();
        if (services.GetService<HostLinkService>() is { } hosts)
            served.Add(hosts.Service);
        if (services.GetService<ConductorService>() is { } conductor)
            served.Add(conductor.Service);
        if (services.GetService<SchedulerService>() is { } scheduler)
            served.Add(scheduler.Service);
        return served;
    }
}

internal static partial class RoleListenerLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "Roles are served at {Address} in clear text, passwords of guests included; set rpc.certificate, rpc.key and rpc.ca, or keep this network to the cloud's own machines")]
    public static partial void InClear(this ILogger logger, string address);
}
