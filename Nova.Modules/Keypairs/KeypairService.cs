using Nova.Modules.Quotas;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;
using Nova.Modules.Shared.Http;

namespace Nova.Modules.Keypairs;

/// <summary>The rules of key pairs.</summary>
public sealed class KeypairService(Database database, KeypairStore keypairs, QuotaStore quotas, TimeProvider time)
{
    /// <summary>The key pair.</summary>
    /// <exception cref="Fault">404.</exception>
    public async Task<Keypair> Get(string userId, string name, CancellationToken ct) => await keypairs.Find(userId, name, ct) ?? throw NotFound(userId, name);

    /// <summary>A user's key pairs by name: one page, or all when the page is null.</summary>
    /// <exception cref="Fault">400: the marker is none of them.</exception>
    public async Task<IReadOnlyList<Keypair>> List(string userId, Page? page, CancellationToken ct) =>
        await keypairs.List(userId, page, ct) ?? throw Fault.BadRequest($"Marker {page?.Marker} could not be found.");

    /// <summary>Imports a public key, or generates a pair; the second result is the private half of a generated one.</summary>
    /// <exception cref="Fault">400: not a key. 403: too many. 409: the name is taken.</exception>
    public async Task<(Keypair Keypair, string? Private)> Create(RequestContext caller, string userId, NewKeypair asked, CancellationToken ct)
    {
        var type = asked.Type ?? KeyTypes.Ssh;
        var (publicKey, privateKey) = asked.PublicKey is { } given ? (given, null) : await Generate(type, userId);
        var keypair = new Keypair
        {
            UserId = userId,
            Name = asked.Name.Trim(),
            Type = type,
            PublicKey = publicKey,
            Fingerprint = PublicKeys.FingerprintOf(publicKey, type),
            CreatedAt = time.GetUtcNow().ToUnixTimeMilliseconds(),
        };
        var limits = await quotas.Limits(caller.Caller.ProjectId ?? "", ct, userId);
        return (await database.Write(tx => Insert(tx, keypair, limits), ct), privateKey);
    }

    /// <summary>Removes it; servers keep the key that they were given.</summary>
    /// <exception cref="Fault">404.</exception>
    public async Task Delete(string userId, string name, CancellationToken ct)
    {
        if (!await database.Write(tx => keypairs.Delete(tx, userId, name), ct))
            throw NotFound(userId, name);
    }

    private Keypair Insert(Tx tx, Keypair keypair, HeldLimits limits)
    {
        if (limits["key_pairs"] >= 0 && keypairs.Count(tx, keypair.UserId) is var used && limits.IsOver("key_pairs", used + 1))
            throw limits.Refusal("key_pairs", used, 1, Fault.Forbidden($"Quota exceeded, too many key pairs."));

        var numbered = keypair with { Number = Numbers.Take(tx, "keypair") };
        return keypairs.TryInsert(tx, numbered) ? numbered : throw Fault.Conflict($"Key pair '{keypair.Name}' already exists.");
    }

    // Off the request's thread: finding two primes keeps a core busy for a while.
    private async Task<(string Public, string? Private)> Generate(string type, string userId)
    {
        var now = time.GetUtcNow();
        return await Task.Run(() => KeyGenerator.Make(type, userId, now));
    }

    private static Fault NotFound(string userId, string name) => Fault.NotFound($"Keypair {name} not found for user {userId}");
}
