using System.Net;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Limits;

namespace Nova.Drivers.Identity.Embedded;

/// <summary>Counts wrong passwords and secrets: of one user from one address, of one user from everywhere, and of everybody from one address.</summary>
internal sealed class Attempts(IdentitySettings settings, TimeProvider time)
{
    private readonly RateLimit<(string User, string Address)> _pairs = new(time);
    private readonly RateLimit<string> _users = new(time);
    private readonly RateLimit<string> _addresses = new(time);

    /// <summary>Refuses the next attempt when too many have failed.</summary>
    /// <param name="user">Whose secret is told.</param>
    /// <param name="address">From where; an address in any form.</param>
    /// <exception cref="Fault">429.</exception>
    public void Refuse(string user, string address)
    {
        var from = KeyOf(address);
        var wait = Longest(
            _pairs.WaitOf((user, from), settings.FailuresPerMinute),
            _users.WaitOf(user, settings.FailuresPerUser),
            _addresses.WaitOf(from, settings.FailuresPerAddress));
        if (wait > TimeSpan.Zero)
            throw new Fault(FaultKind.TooManyRequests, Message.Of($"Too many wrong passwords. Please try again later.")) { RetryAfterSeconds = (int)Math.Ceiling(wait.TotalSeconds) };
    }

    /// <summary>An attempt failed.</summary>
    public void Failed(string user, string address)
    {
        var from = KeyOf(address);
        _pairs.Take((user, from), settings.FailuresPerMinute);
        _users.Take(user, settings.FailuresPerUser);
        _addresses.Take(from, settings.FailuresPerAddress);
    }

    private static string KeyOf(string address) => IPAddress.TryParse(address, out var parsed) ? AddressKey.Of(parsed).ToString() : address;

    private static TimeSpan Longest(params ReadOnlySpan<TimeSpan> waits)
    {
        var longest = TimeSpan.Zero;
        foreach (var wait in waits)
            longest = wait > longest ? wait : longest;
        return longest;
    }
}
