using System.Text.Json.Serialization;
using Nova.Modules.Api;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;
using Nova.Modules.Shared.Http.Validation;

namespace Nova.Modules.Keypairs;

/// <summary>POST /os-keypairs.</summary>
public sealed record CreateKeypairRequest
{
    /// <summary>The key pair.</summary>
    [Required]
    public NewKeypair Keypair { get; set; } = null!;
}

/// <summary>A key pair to be imported, or until 2.91 to be generated.</summary>
public sealed record NewKeypair
{
    /// <summary>Unique per user.</summary>
    [Required]
    [Format("name_with_leading_trailing_spaces", Until = 0), Format("name", Since = 1), Length(1, 255)]
    [Pattern(@"^[_\- a-zA-Z0-9]+$", Since = 1, Until = 91), Pattern(@"^[_\-\@\. a-zA-Z0-9]+$", Since = 92)]
    public string Name { get; set; } = "";

    /// <summary>ssh when absent.</summary>
    [Since(2), NotNull, OneOf(KeyTypes.Ssh, KeyTypes.X509)]
    public string? Type { get; set; }

    /// <summary>Absent asks for a generated pair.</summary>
    [Required(Since = 92), NotNull]
    public string? PublicKey { get; set; }

    /// <summary>Another user's, for administrators.</summary>
    [Since(10), NotNull]
    public string? UserId { get; set; }
}

/// <summary>The query of show and delete.</summary>
[StrictQuery(Since = 75)]
public sealed record KeypairQuery
{
    /// <summary>Another user's, for administrators; the first value counts.</summary>
    [Since(10)]
    public string[]? UserId { get; set; }
}

/// <summary>The query of the list.</summary>
[StrictQuery(Since = 75)]
public sealed record KeypairListQuery
{
    /// <summary>Another user's, for administrators; the first value counts.</summary>
    [Since(10)]
    public string[]? UserId { get; set; }

    /// <summary>The most items.</summary>
    [Since(35), Pattern("^[0-9]*$"), Range(0), Length(1)]
    public Loose<int>? Limit { get; set; }

    /// <summary>The name of the last item of the page before.</summary>
    [Since(35)]
    public string? Marker { get; set; }
}

/// <summary>One key pair in an answer.</summary>
public sealed record KeypairResponse<T>(T Keypair);

/// <summary>GET /os-keypairs.</summary>
public sealed record KeypairListResponse(
    IReadOnlyList<KeypairResponse<KeypairSummary>> Keypairs,
    [property: Since(35), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<Link>? KeypairsLinks);

/// <summary>A key pair in the list.</summary>
public record KeypairSummary
{
    /// <summary>Takes what every view shows.</summary>
    public KeypairSummary(Keypair keypair) =>
        (Name, PublicKey, Fingerprint, Type) = (keypair.Name, keypair.PublicKey, keypair.Fingerprint, keypair.Type);

    /// <inheritdoc cref="Keypair.Name" />
    public string Name { get; }

    /// <inheritdoc cref="Keypair.PublicKey" />
    public string PublicKey { get; }

    /// <inheritdoc cref="Keypair.Fingerprint" />
    public string Fingerprint { get; }

    /// <inheritdoc cref="Keypair.Type" />
    [Since(2)]
    public string Type { get; }
}

/// <summary>The answer to a create.</summary>
public sealed record CreatedKeypair(Keypair Keypair, string? Private) : KeypairSummary(Keypair)
{
    /// <summary>Only of a generated pair, and only this once.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? PrivateKey => Private;

    /// <inheritdoc cref="Keypair.UserId" />
    public string UserId => Keypair.UserId;

    /// <summary>The model is not part of the document.</summary>
    [JsonIgnore]
    public Keypair Keypair { get; } = Keypair;

    /// <summary>Shown as <see cref="PrivateKey"/>.</summary>
    [JsonIgnore]
    public string? Private { get; } = Private;
}

/// <summary>GET /os-keypairs/{name}.</summary>
public sealed record KeypairView(Keypair Keypair) : KeypairSummary(Keypair)
{
    /// <inheritdoc cref="Keypair.UserId" />
    public string UserId => Keypair.UserId;

    /// <inheritdoc cref="Keypair.Number" />
    public long Id => Keypair.Number;

    /// <inheritdoc cref="Keypair.CreatedAt" />
    public string CreatedAt => WireTime.Micros(Keypair.CreatedAt);

    /// <summary>Always false: a deleted key pair is gone.</summary>
    public bool Deleted => false;

    /// <summary>Always null.</summary>
    public string? DeletedAt => null;

    /// <summary>Always null: a key pair never changes.</summary>
    public string? UpdatedAt => null;

    /// <summary>The model is not part of the document.</summary>
    [JsonIgnore]
    public Keypair Keypair { get; } = Keypair;
}
