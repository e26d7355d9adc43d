using System.Security.Cryptography.X509Certificates;

namespace Nova.Modules.Rpc;

/// <summary>What both ends of the wire may be told. The defaults suit roles on one network.</summary>
public sealed record RpcOptions
{
    /// <summary>The largest message taken, in bytes; a larger one ends its call with ResourceExhausted.</summary>
    public int MaxReceiveBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>The largest message sent, in bytes.</summary>
    public int MaxSendBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>
    /// A silent connection is pinged after this time, also without a call on it. At least 1 s. Servers that are not
    /// ours may take pings more often than every five minutes for an attack.
    /// </summary>
    public TimeSpan KeepAliveDelay { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Without an answer to a ping for this time the connection is dead, and its calls end with Unavailable. At least 1 s.</summary>
    public TimeSpan KeepAliveTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Client: how long to wait for a connection.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Server: calls at the same time on one connection; a client opens another connection for more.</summary>
    public int MaxCallsPerConnection { get; init; } = 1000;

    /// <summary>Null speaks HTTP/2 in clear text, with prior knowledge.</summary>
    public RpcTls? Tls { get; init; }
}

/// <summary>Both ends show a certificate, and both check the other's against the same roots.</summary>
/// <param name="Certificate">Our own, with its private key.</param>
/// <param name="Roots">Who may have signed the peer's. The roots of the operating system do not count.</param>
public sealed record RpcTls(X509Certificate2 Certificate, X509Certificate2Collection Roots)
{
    internal X509ChainPolicy ChainPolicy()
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(Roots);
        return policy;
    }
}

/// <summary>What one call adds to its message.</summary>
public readonly record struct CallOptions
{
    /// <summary>How long the caller waits, whole streams included; null is for ever. The server is told, and stops too.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Sent with the request.</summary>
    public RpcMetadata? Headers { get; init; }

    /// <summary>Filled with what the server sends beside its messages.</summary>
    public RpcAnswer? Answer { get; init; }
}

/// <summary>Metadata that came back.</summary>
public sealed class RpcAnswer
{
    /// <summary>There before the first message.</summary>
    public RpcMetadata Headers { get; internal set; } = [];

    /// <summary>There when the call has ended, well or not.</summary>
    public RpcMetadata Trailers { get; internal set; } = [];
}
