using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Nova.Modules.Rpc;

/// <summary>
/// The port for the other roles: a Kestrel of its own, because Kestrel's limits belong to a whole server, and those that
/// protect the public port (body size, data rates) would cut streams that are only waiting.
/// </summary>
public sealed class RpcListener : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly CancellationTokenSource _stopping = new();

    private RpcListener(IPEndPoint address, IEnumerable<RpcService> services, RpcOptions options, TimeProvider time, ILoggerFactory loggers)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Services.AddSingleton(loggers);
        builder.Services.AddSingleton<IHostLifetime, OwnersLifetime>();
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => Configure(kestrel, address, options));
        _app = builder.Build();
        _app.Run(new RpcServer(services, options, time, loggers.CreateLogger<RpcServer>(), _stopping.Token).Handle);
    }

    /// <summary>Where it listens, with the port that was chosen when 0 was asked for.</summary>
    public IPEndPoint Address { get; private set; } = new(IPAddress.None, 0);

    /// <summary>Listens until disposed.</summary>
    /// <exception cref="IOException">The address is in use or is not ours.</exception>
    public static async Task<RpcListener> Start(
        IPEndPoint address, IEnumerable<RpcService> services, RpcOptions options, TimeProvider time, ILoggerFactory loggers, CancellationToken ct)
    {
        var listener = new RpcListener(address, services, options, time, loggers);
        try
        {
            await listener._app.StartAsync(ct);
        }
        catch
        {
            await listener.DisposeAsync();
            throw;
        }

        var bound = listener._app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First();
        listener.Address = new(address.Address, new Uri(bound).Port);
        return listener;
    }

    /// <summary>Ends all streams with Unavailable, lets unary calls finish, and closes the port.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_stopping.IsCancellationRequested)
            return;

        await _stopping.CancelAsync();
        await _app.StopAsync();
        await _app.DisposeAsync();
        _stopping.Dispose();
    }

    private static void Configure(KestrelServerOptions kestrel, IPEndPoint address, RpcOptions options)
    {
        var limits = kestrel.Limits;
        limits.MinRequestBodyDataRate = null;
        limits.MinResponseDataRate = null;
        limits.MaxRequestBodySize = null;
        limits.Http2.MaxStreamsPerConnection = options.MaxCallsPerConnection;
        limits.Http2.KeepAlivePingDelay = options.KeepAliveDelay;
        limits.Http2.KeepAlivePingTimeout = options.KeepAliveTimeout;
        kestrel.AddServerHeader = false;
        kestrel.Listen(address, listen =>
        {
            listen.Protocols = HttpProtocols.Http2;
            if (options.Tls is { } tls)
                listen.UseHttps(Https(tls));
        });
    }

    private static HttpsConnectionAdapterOptions Https(RpcTls tls) => new()
    {
        ServerCertificate = tls.Certificate,
        ClientCertificateMode = ClientCertificateMode.RequireCertificate,
        OnAuthenticate = (_, ssl) => ssl.CertificateChainPolicy = tls.ChainPolicy(),
    };

    // Signals are for the process's own host, which disposes this listener in its turn.
    private sealed class OwnersLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
