using System.Net;
using Nova.Modules.Identity;

namespace Nova.Modules.Shared.Limits;

/// <summary>Counts requests per address, user and project, so that nobody can take the service from the others.</summary>
public sealed class RequestLimits(LimitSettings settings, TimeProvider time)
{
    private readonly RateLimit<IPAddress> _addresses = new(time);
    private readonly RateLimit<string> _users = new(time);
    private readonly RateLimit<string> _projects = new(time);

    /// <summary>Counts a request before anything of it is looked at.</summary>
    /// <exception cref="Fault">429 when too many came from there.</exception>
    public void CountAddress(IPAddress? address)
    {
        if (settings.RequestsPerAddress > 0 && address is not null)
            Refuse(_addresses.Take(AddressKey.Of(address), settings.RequestsPerAddress));
    }

    /// <summary>Counts a request whose caller is known.</summary>
    /// <exception cref="Fault">429 when the user or the project made too many.</exception>
    public void CountCaller(Caller caller)
    {
        if (settings.RequestsPerUser > 0 && caller.UserId.Length > 0)
            Refuse(_users.Take(caller.UserId, settings.RequestsPerUser));
        if (settings.RequestsPerProject > 0 && caller.ProjectId is { } project)
            Refuse(_projects.Take(project, settings.RequestsPerProject));
    }

    private static void Refuse(TimeSpan wait)
    {
        if (wait > TimeSpan.Zero)
            throw new Fault(FaultKind.TooManyRequests, Message.Of($"This request was rate-limited.")) { RetryAfterSeconds = (int)Math.Ceiling(wait.TotalSeconds) };
    }
}

/// <summary>What counts as one address: a host by IPv4, a network of 64 bits by IPv6, because a host there has all of it to choose from.</summary>
public static class AddressKey
{
    /// <summary>The key of an address.</summary>
    public static IPAddress Of(IPAddress address)
    {
        if (address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork)
            return address;
        if (address.IsIPv4MappedToIPv6)
            return address.MapToIPv4();

        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        bytes[8..].Clear();
        return new(bytes);
    }
}
