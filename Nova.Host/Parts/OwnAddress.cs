using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Nova.Host.Tls;
using Nova.Modules.Shared.Http;

namespace Nova.Host.Parts;

/// <summary>The API of this process as hosts of other processes reach it, as far as this process can tell.</summary>
internal static class OwnAddress
{
    /// <summary>Scheme and authority; null when this process has no API, or does not listen yet.</summary>
    public static string? Of(IServiceProvider services, RolePlan plan)
    {
        if (!plan.Api || services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault() is not { } first)
            return null;

        // Who listens everywhere says nothing of where; hosts reach the conductor of this process at least.
        var address = new UriBuilder(first);
        if (IPAddress.TryParse(address.Host.Trim('[', ']'), out var host) && (host.Equals(IPAddress.Any) || host.Equals(IPAddress.IPv6Any)))
            address.Host = plan.Server.Advertised[..plan.Server.Advertised.LastIndexOf(':')];
        return ForClients(services, address.Uri.GetLeftPart(UriPartial.Authority));
    }

    /// <summary>With TLS an address is of use only under a name of the certificate: <c>http.public_url</c>, or one that stands in it.</summary>
    public static string ForClients(IServiceProvider services, string address)
    {
        if (services.GetService<PublicCertificate>() is not { } certificate)
            return address;
        if (services.GetRequiredService<HttpSettings>().PublicUrl is { } url)
            return url;

        var named = new UriBuilder(address);
        named.Host = certificate.NameFor(named.Host);
        return named.Uri.GetLeftPart(UriPartial.Authority);
    }
}
