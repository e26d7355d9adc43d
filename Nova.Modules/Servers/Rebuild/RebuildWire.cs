using System.Text.Json;
using System.Text.Json.Serialization;
using Nova.Modules.Servers.Create;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;
using Nova.Modules.Shared.Http.Validation;
using Rules = Nova.Modules.Shared.Http.Validation.Checks;

namespace Nova.Modules.Servers.Rebuild;

/// <summary>The action rebuild.</summary>
public sealed record RebuildRequest
{
    /// <summary>How the server is to be.</summary>
    [Required]
    public RebuildOptions Rebuild { get; set; } = null!;
}

/// <summary>How a server is to be after a rebuild; what is absent stays.</summary>
public sealed record RebuildOptions
{
    /// <summary>The display name.</summary>
    [NotNull, Format("name_with_leading_trailing_spaces", Until = 0), Format("name", Since = 1), Length(1, 255)]
    public string? Name { get; set; }

    /// <summary>The image.</summary>
    [Required, WireName("imageRef"), Format("uuid")]
    public string Image { get; set; } = "";

    /// <summary>Made up when absent.</summary>
    [WireName("adminPass"), NotNull]
    public string? AdminPass { get; set; }

    /// <summary>Instead of what there is.</summary>
    [NotNull, Keys(MetadataRules.Names), Length(0, 255)]
    public IReadOnlyDictionary<string, string>? Metadata { get; set; }

    /// <summary>Whether the ephemeral disk stays; no driver can do that.</summary>
    [NotNull]
    public Loose<bool>? PreserveEphemeral { get; set; }

    /// <summary>Whether the guest resizes its file system.</summary>
    [WireName("OS-DCF:diskConfig"), NotNull, OneOf("AUTO", "MANUAL")]
    public string? DiskConfig { get; set; }

    /// <summary>An address that the user knows of.</summary>
    [WireName("accessIPv4"), NotNull, Format("ipv4")]
    public string? AccessIpv4 { get; set; }

    /// <summary>An address that the user knows of.</summary>
    [WireName("accessIPv6"), NotNull, Format("ipv6")]
    public string? AccessIpv6 { get; set; }

    /// <summary>Files to be put into the guest.</summary>
    [Until(56), NotNull]
    public IReadOnlyList<InjectedFile>? Personality { get; set; }

    /// <summary>Words for people; null for none.</summary>
    [Since(19)]
    public SentDescription Description { get; set; }

    /// <summary>The user's key pair; null for none.</summary>
    [Since(54)]
    public SentKeyName KeyName { get; set; }

    /// <summary>For the guest's first boot, in base64; null for none.</summary>
    [Since(57)]
    public SentUserData UserData { get; set; }

    /// <summary>Whose signature of the image is good; null for nobody's.</summary>
    [Since(63)]
    public SentCertificates TrustedImageCertificates { get; set; }

    /// <summary>What the guest calls itself.</summary>
    [Since(90), NotNull]
    [Pattern("^[a-zA-Z0-9]+[a-zA-Z0-9-]*[a-zA-Z0-9]+$", Until = 93), Length(2, 63, Until = 93)]
    [Pattern("^[a-zA-Z0-9-._]*$", Since = 94), Length(1, 255, Since = 94)]
    public string? Hostname { get; set; }
}

/// <summary>A key pair that may be taken away.</summary>
[JsonConverter(typeof(SentTextConverter<SentKeyName>))]
public readonly record struct SentKeyName(string? Value) : IWireType, ISentText<SentKeyName>
{
    /// <summary>False for the default: nothing was sent.</summary>
    public bool IsSent { get; } = true;

    /// <inheritdoc />
    public static IReadOnlyList<Check> Checks(Microversion version) => [Rules.ExactlyOne([Rules.Type("string"), Rules.Length(1, 255)], [Rules.Type("null")])];

    static SentKeyName ISentText<SentKeyName>.Of(string? text) => new(text);
}

/// <summary>User data that may be taken away.</summary>
[JsonConverter(typeof(SentTextConverter<SentUserData>))]
public readonly record struct SentUserData(string? Value) : IWireType, ISentText<SentUserData>
{
    private const int MaxLength = 65535;

    /// <summary>False for the default: nothing was sent.</summary>
    public bool IsSent { get; } = true;

    /// <inheritdoc />
    public static IReadOnlyList<Check> Checks(Microversion version) => [Rules.Type("string", "null"), Rules.Format("base64"), Rules.Length(0, MaxLength)];

    static SentUserData ISentText<SentUserData>.Of(string? text) => new(text);
}

/// <summary>Certificates that may be taken away.</summary>
[JsonConverter(typeof(Converter))]
public readonly record struct SentCertificates(IReadOnlyList<string>? Value) : IWireType
{
    private const int Most = 50;

    /// <summary>False for the default: nothing was sent.</summary>
    public bool IsSent { get; } = true;

    /// <inheritdoc />
    public static IReadOnlyList<Check> Checks(Microversion version) =>
        [Rules.Type("array", "null"), Rules.Each([Rules.Type("string"), Rules.Length(1, int.MaxValue)]), Rules.Items(1, Most), Rules.UniqueItems()];

    private sealed class Converter : JsonConverter<SentCertificates>
    {
        public override bool HandleNull => true;

        public override SentCertificates Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            new(JsonSerializer.Deserialize<List<string>>(ref reader, options));

        public override void Write(Utf8JsonWriter writer, SentCertificates value, JsonSerializerOptions options) => JsonSerializer.Serialize(writer, value.Value, options);
    }
}
