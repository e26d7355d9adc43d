using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Nova.Modules.Shared;

namespace Nova.Drivers.Identity.Embedded.Users;

/// <summary>
/// Hashes and checks passwords: PBKDF2-HMAC-SHA512, at most one check per core at a time with a bounded queue, a success
/// remembered for minutes under a keyed hash, and failures counted per user and address.
/// </summary>
public sealed class Passwords(IdentitySettings settings, SecretBox box, TimeProvider time)
{
    private const int SaltBytes = 16;
    private const int HashBytes = 64;
    private const int RememberedLimit = 10_000;

    private readonly byte[] _key = box.KeyFor("remembered-passwords");
    private readonly SemaphoreSlim _cores = new(Environment.ProcessorCount);
    private readonly ConcurrentDictionary<string, long> _remembered = new();
    private readonly Attempts _attempts = new(settings, time);
    private int _waiting;

    /// <summary>
    /// How a password is stored: <c>pbkdf2-sha512$ROUNDS$SALT$HASH</c>. Who has just set a password is believed for a while
    /// without deriving it again.
    /// </summary>
    /// <exception cref="Fault">503 when too many wait for a core.</exception>
    public Task<string> Hash(string password, CancellationToken ct) => OnACore(() => Derived(password), ct);

    /// <summary>True when the password is the user's. A user that does not exist takes as long as one that does.</summary>
    /// <param name="userId">Whose failures count.</param>
    /// <param name="address">The client's address, whose failures count.</param>
    /// <param name="stored">From <see cref="Hash"/>, or null when there is nothing to compare with.</param>
    /// <param name="password">As given.</param>
    /// <param name="ct">Cancels the wait for a core.</param>
    /// <exception cref="Fault">429 after too many failures, 503 when too many checks wait.</exception>
    public async Task<bool> Check(string userId, string address, string? stored, string password, CancellationToken ct)
    {
        // Who has just proven the password is not kept out by somebody else's guesses.
        var memory = stored is null ? null : MemoryOf(stored, password);
        if (IsRemembered(memory))
            return true;

        _attempts.Refuse(userId, address);
        return await OnACore(() => Verify(userId, address, stored, memory, password), ct);
    }

    // Asked again here, because as many checks as there are cores run at a time and any number waits: they cannot all pass before the first has failed.
    private bool Verify(string userId, string address, string? stored, string? memory, string password)
    {
        if (IsRemembered(memory))
            return true;

        _attempts.Refuse(userId, address);
        var isRight = Matches(stored, password) && stored is not null;
        if (isRight)
            Remember(memory!);
        else
            _attempts.Failed(userId, address);
        return isRight;
    }

    private bool IsRemembered(string? memory) => memory is not null && _remembered.TryGetValue(memory, out var until) && time.GetTimestamp() < until;

    private string MemoryOf(string stored, string password) =>
        Convert.ToBase64String(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(stored + "\0" + password)));

    private string Derived(string password)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltBytes);
        var hash = Derive(password, salt, settings.PasswordRounds);
        var stored = string.Create(CultureInfo.InvariantCulture, $"pbkdf2-sha512${settings.PasswordRounds}${Convert.ToBase64String(salt)}${Convert.ToBase64String(hash)}");
        Remember(MemoryOf(stored, password));
        return stored;
    }

    private async Task<T> OnACore<T>(Func<T> work, CancellationToken ct)
    {
        if (Interlocked.Increment(ref _waiting) > settings.WaitingPasswordChecks)
        {
            Interlocked.Decrement(ref _waiting);
            throw Fault.Unavailable($"Too many logins at once. Please try again.");
        }

        try
        {
            await _cores.WaitAsync(ct);
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }

        try
        {
            return await Task.Run(work, CancellationToken.None);
        }
        finally
        {
            _cores.Release();
        }
    }

    private bool Matches(string? stored, string password)
    {
        var parts = stored?.Split('$');
        var rounds = parts is null ? settings.PasswordRounds : int.Parse(parts[1], CultureInfo.InvariantCulture);
        var salt = parts is null ? new byte[SaltBytes] : Convert.FromBase64String(parts[2]);
        var expected = parts is null ? new byte[HashBytes] : Convert.FromBase64String(parts[3]);
        return CryptographicOperations.FixedTimeEquals(Derive(password, salt, rounds), expected);
    }

    private static byte[] Derive(string password, byte[] salt, int rounds) =>
        Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(password), salt, rounds, HashAlgorithmName.SHA512, HashBytes);

    private void Remember(string memory)
    {
        if (_remembered.Count >= RememberedLimit)
            _remembered.Clear();
        _remembered[memory] = time.GetTimestamp() + settings.RememberPasswordSeconds * time.TimestampFrequency;
    }
}
