using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Nova.Host.Configuration;
using Nova.Modules.Rpc;
using Nova.Modules.Shared.Startup;

namespace Nova.Host.Parts;

/// <summary>The ways between processes: channels to others, and the listener for them.</summary>
internal static class RpcParts
{
    public static void AddRpc(this IServiceCollection services, RpcSettings settings)
    {
        services.AddSingleton(new RpcOptions { Tls = Tls(settings) });
        services.AddSingleton<RpcPeers>();
        services.AddSingleton<RoleListener>();
    }

    private static RpcTls? Tls(RpcSettings settings)
    {
        if (settings is not { Certificate: { } certificate, Key: { } key, Ca: { } ca })
            return null;

        try
        {
            var roots = new X509Certificate2Collection();
            roots.ImportFromPemFile(ca);
            using var pem = X509Certificate2.CreateFromPemFile(certificate, key);

            // A key that is only in memory does not serve every kind of TLS.
            return new(X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null), roots);
        }
        catch (Exception e) when (e is IOException or CryptographicException or UnauthorizedAccessException)
        {
            throw new StartupFailure(ExitCode.Usage, $"The certificate, key or CA of the section rpc cannot be read: {e.Message}", e);
        }
    }
}
