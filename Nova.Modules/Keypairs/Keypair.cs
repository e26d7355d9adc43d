namespace Nova.Modules.Keypairs;

/// <summary>A user's public key, put into servers at boot.</summary>
public sealed record Keypair
{
    /// <summary>Whose it is; not the project's.</summary>
    public string UserId { get; init; } = "";

    /// <summary>Unique per user.</summary>
    public string Name { get; init; } = "";

    /// <summary>The public integer.</summary>
    public long Number { get; init; }

    /// <summary><c>ssh</c> or <c>x509</c>.</summary>
    public string Type { get; init; } = KeyTypes.Ssh;

    /// <summary>One line of OpenSSH's form, or a PEM certificate.</summary>
    public string PublicKey { get; init; } = "";

    /// <summary>Hexadecimal pairs with colons: MD5 of an SSH key's bytes, SHA-1 of a certificate.</summary>
    public string Fingerprint { get; init; } = "";

    /// <summary>Milliseconds since 1970 UTC.</summary>
    public long CreatedAt { get; init; }
}

/// <summary>The kinds of key.</summary>
public static class KeyTypes
{
    /// <summary>For SSH.</summary>
    public const string Ssh = "ssh";

    /// <summary>A certificate, for WinRM.</summary>
    public const string X509 = "x509";
}
