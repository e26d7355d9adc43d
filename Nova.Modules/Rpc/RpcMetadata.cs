using System.Collections;
using Microsoft.AspNetCore.Http;

namespace Nova.Modules.Rpc;

/// <summary>
/// Headers and trailers of a call, in order; a key may come more than once. A key ends in <c>-bin</c> when, and only
/// when, its value is bytes. Keys are lower-case letters, digits, <c>_</c>, <c>-</c> and <c>.</c>; <c>grpc-</c> is
/// the protocol's own.
/// </summary>
public sealed class RpcMetadata : IEnumerable<KeyValuePair<string, string>>
{
    // What HTTP and gRPC themselves put among the headers.
    private static readonly HashSet<string> Reserved = new(StringComparer.OrdinalIgnoreCase)
    {
        "content-type", "content-length", "te", "user-agent", "host", "date", "server", "accept-encoding", "connection", "trailer",
    };

    private readonly List<KeyValuePair<string, string>> _entries = [];

    /// <summary>Adds a text of printable ASCII characters.</summary>
    /// <exception cref="ArgumentException">The key or the value cannot be sent.</exception>
    public void Add(string key, string value)
    {
        if (!IsKey(key) || IsBinary(key))
            throw new ArgumentException($"'{key}' is not a metadata key for text.", nameof(key));
        if (value.AsSpan().ContainsAnyExceptInRange(' ', '~'))
            throw new ArgumentException($"The value of '{key}' is not printable ASCII: send it as bytes under '{key}-bin'.", nameof(value));

        _entries.Add(new(key, value));
    }

    /// <summary>Adds bytes; the key ends in <c>-bin</c>.</summary>
    /// <exception cref="ArgumentException">The key cannot be sent.</exception>
    public void Add(string key, ReadOnlySpan<byte> value)
    {
        if (!IsKey(key) || !IsBinary(key))
            throw new ArgumentException($"'{key}' is not a metadata key for bytes.", nameof(key));

        _entries.Add(new(key, ToBase64(value)));
    }

    /// <summary>The last value under the key, or null. Bytes come as base64: see <see cref="GetBytes"/>.</summary>
    public string? Get(string key)
    {
        for (var i = _entries.Count - 1; i >= 0; i--)
            if (string.Equals(_entries[i].Key, key, StringComparison.OrdinalIgnoreCase))
                return _entries[i].Value;

        return null;
    }

    /// <summary>The last value under a key that ends in <c>-bin</c>, or null.</summary>
    /// <exception cref="FormatException">The peer sent something else than base64.</exception>
    public byte[]? GetBytes(string key) => Get(key) is { } text ? FromBase64(text) : null;

    /// <inheritdoc />
    public IEnumerator<KeyValuePair<string, string>> GetEnumerator() => _entries.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Takes what arrived and is not the protocol's own.</summary>
    internal void Receive(string key, string value)
    {
        if (Reserved.Contains(key) || key.StartsWith("grpc-", StringComparison.OrdinalIgnoreCase) || key.StartsWith(':'))
            return;
        if (!IsBinary(key))
            _entries.Add(new(key, value));
        else
            foreach (var part in value.Split(',', StringSplitOptions.TrimEntries))
                _entries.Add(new(key, part)); // RFC: values of one binary key may be joined by commas
    }

    internal void CopyTo(IHeaderDictionary headers)
    {
        foreach (var (key, value) in _entries)
            headers.Append(key, value);
    }

    internal static RpcMetadata From(IHeaderDictionary headers)
    {
        var metadata = new RpcMetadata();
        foreach (var (key, values) in headers)
            foreach (var value in values)
                metadata.Receive(key, value ?? "");
        return metadata;
    }

    internal static RpcMetadata From(System.Net.Http.Headers.HttpHeaders headers)
    {
        var metadata = new RpcMetadata();
        foreach (var (key, values) in headers.NonValidated)
            foreach (var value in values)
                metadata.Receive(key, value);
        return metadata;
    }

    internal static string ToBase64(ReadOnlySpan<byte> bytes) => Convert.ToBase64String(bytes).TrimEnd('=');

    internal static byte[] FromBase64(string text) => Convert.FromBase64String(text.PadRight((text.Length + 3) / 4 * 4, '='));

    private static bool IsBinary(string key) => key.EndsWith("-bin", StringComparison.OrdinalIgnoreCase);

    private static bool IsKey(string key) =>
        key.Length > 0 && key.All(c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '_' or '-' or '.')
        && !Reserved.Contains(key) && !key.StartsWith("grpc-", StringComparison.Ordinal);
}
