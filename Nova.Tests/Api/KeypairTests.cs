using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Nova.Modules.Keypairs;
using Nova.Tests.Support;

namespace Nova.Tests.Api;

public class KeypairTests(TestCloud cloud) : IClassFixture<TestCloud>
{
    private const string Ed25519 = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f me@home";

    private CloudClient Ada => cloud.As("ada:blue");

    [Fact]
    public async Task An_imported_key_is_listed_shown_and_deleted()
    {
        var made = (await cloud.As("one:blue").Post("/v2.1/os-keypairs", Import("mine"))).Is(200);
        Assert.Equal(32 + 15, made["keypair", "fingerprint"].GetString()!.Length);
        Assert.False(made["keypair"].TryGetProperty("private_key", out _));
        Assert.False(made["keypair"].TryGetProperty("type", out _));

        var shown = (await cloud.As("one:red").Get("/v2.1/os-keypairs/mine")).Is(200);
        Assert.Equal("one", shown["keypair", "user_id"].GetString());
        Assert.False(shown["keypair", "deleted"].GetBoolean());
        Assert.Equal(["mine"], Names(await cloud.As("one:blue").Get("/v2.1/os-keypairs")));
        (await Ada.Get("/v2.1/os-keypairs/mine")).Is(404, "Keypair mine not found for user ada");
        (await cloud.As("one:blue").Delete("/v2.1/os-keypairs/mine")).Is(202);
        (await cloud.As("one:blue").Delete("/v2.1/os-keypairs/mine")).Is(404);
    }

    [Fact]
    public async Task From_2_2_there_are_types_and_better_statuses()
    {
        (await Ada.At("2.1").Post("/v2.1/os-keypairs", Import("typed", "ssh"))).Is(400);
        Assert.Equal("ssh", (await Ada.At("2.2").Post("/v2.1/os-keypairs", Import("typed", "ssh"))).Is(201)["keypair", "type"].GetString());
        Assert.Equal("ssh", (await Ada.At("2.2").Get("/v2.1/os-keypairs/typed"))["keypair", "type"].GetString());
        (await Ada.At("2.2").Delete("/v2.1/os-keypairs/typed")).Is(204);
        (await Ada.At("2.2").Post("/v2.1/os-keypairs", Import("typed", "pgp"))).Is(400, "Invalid input for field/attribute type. Value: pgp. 'pgp' is not one of ['ssh', 'x509']");
    }

    [Fact]
    public async Task From_2_10_an_administrator_acts_for_another_user()
    {
        var admin = cloud.As("admin");
        var body = new { keypair = new { name = "given", public_key = Ed25519, user_id = "eve" } };

        (await admin.At("2.9").Post("/v2.1/os-keypairs", body)).Is(400);
        (await admin.At("2.10").Post("/v2.1/os-keypairs", body)).Is(201);
        (await cloud.As("eve:blue").Get("/v2.1/os-keypairs/given")).Is(200);
        (await admin.At("2.9").Get("/v2.1/os-keypairs/given?user_id=eve")).Is(404);
        (await admin.At("2.10").Get("/v2.1/os-keypairs/given?user_id=eve")).Is(200);
        (await Ada.At("2.10").Get("/v2.1/os-keypairs/given?user_id=eve")).Is(403, "Policy doesn't allow os_compute_api:os-keypairs:show to be performed.");
        (await Ada.At("2.10").Post("/v2.1/os-keypairs", body)).Is(403);
        (await admin.At("2.10").Delete("/v2.1/os-keypairs/given?user_id=eve")).Is(204);
    }

    [Fact]
    public async Task From_2_35_the_list_has_pages()
    {
        var user = cloud.As("paul:blue");
        foreach (var name in (string[])["c", "a", "b"])
            (await user.Post("/v2.1/os-keypairs", Import(name))).Is(200);

        Assert.Equal(["a", "b", "c"], Names(await user.At("2.34").Get("/v2.1/os-keypairs?limit=1")));
        var page = await user.At("2.35").Get("/v2.1/os-keypairs?limit=2");
        Assert.Equal(["a", "b"], Names(page));
        Assert.Equal(["c"], Names(await user.At("2.35").Get(page["keypairs_links"][0].GetProperty("href").GetString()![cloud.Url.Length..])));
        (await user.At("2.35").Get("/v2.1/os-keypairs?marker=z")).Is(400, "Marker z could not be found.");
        (await user.At("2.74").Get("/v2.1/os-keypairs?x=1")).Is(200);
        (await user.At("2.75").Get("/v2.1/os-keypairs?x=1")).Is(400);
    }

    [Fact]
    public async Task A_generated_ssh_pair_belongs_together()
    {
        var made = (await Ada.At("2.91").Post("/v2.1/os-keypairs", new { keypair = new { name = "generated" } })).Is(201);

        using var rsa = RSA.Create();
        rsa.ImportFromPem(made["keypair", "private_key"].GetString());
        var publicKey = made["keypair", "public_key"].GetString()!;
        Assert.EndsWith(" Generated-by-Nova", publicKey, StringComparison.Ordinal);
        Assert.Contains(Convert.ToHexString(rsa.ExportParameters(false).Modulus!), Convert.ToHexString(Convert.FromBase64String(publicKey.Split(' ')[1])), StringComparison.Ordinal);
        Assert.Equal(PublicKeys.FingerprintOf(publicKey, "ssh"), made["keypair", "fingerprint"].GetString());
    }

    [Fact]
    public async Task A_generated_certificate_comes_with_its_key()
    {
        var made = (await Ada.At("2.91").Post("/v2.1/os-keypairs", new { keypair = new { name = "windows", type = "x509" } })).Is(201);

        using var certificate = X509Certificate2.CreateFromPem(made["keypair", "public_key"].GetString());
        using var bundle = X509CertificateLoader.LoadPkcs12(Convert.FromBase64String(made["keypair", "private_key"].GetString()!), "");
        Assert.Equal("CN=ada", certificate.Subject);
        Assert.Equal(certificate.Thumbprint, bundle.Thumbprint);
        Assert.True(bundle.HasPrivateKey);
        Assert.Equal(certificate.Thumbprint, made["keypair", "fingerprint"].GetString()!.Replace(":", "", StringComparison.Ordinal).ToUpperInvariant());
        (await Ada.At("2.91").Post("/v2.1/os-keypairs", new { keypair = new { name = "again", type = "x509", public_key = certificate.ExportCertificatePem() } })).Is(201);
    }

    [Fact]
    public async Task From_2_92_a_public_key_is_needed_and_names_may_hold_at_and_dot()
    {
        (await Ada.At("2.92").Post("/v2.1/os-keypairs", new { keypair = new { name = "nokey" } }))
            .Is(400, "Invalid input for field/attribute keypair. Value: {'name': 'nokey'}. 'public_key' is a required property");
        (await Ada.At("2.91").Post("/v2.1/os-keypairs", Import("me@home.org"))).Is(400);
        (await Ada.At("2.92").Post("/v2.1/os-keypairs", Import("me@home.org"))).Is(201);
    }

    [Theory]
    [InlineData("ssh-rsa")]
    [InlineData("ssh-rsa AAAA")]
    [InlineData("nonsense")]
    [InlineData("ssh-ed25519 AAAAB3NzaC1yc2EAAAADAQAB")]
    public async Task What_is_no_key_is_400(string key)
    {
        (await Ada.Post("/v2.1/os-keypairs", new { keypair = new { name = "bad", public_key = key } })).Is(400, "Keypair data is invalid: failed to generate fingerprint");
    }

    [Fact]
    public async Task A_taken_name_is_409()
    {
        (await Ada.Post("/v2.1/os-keypairs", Import("taken"))).Is(200);
        (await Ada.Post("/v2.1/os-keypairs", Import("taken"))).Is(409, "Key pair 'taken' already exists.");
    }

    [Fact]
    public async Task More_than_the_quota_is_403()
    {
        var user = cloud.As("many:blue");
        for (var i = 0; i < 100; i++)
            (await user.Post("/v2.1/os-keypairs", Import($"k{i}"))).Is(200);

        (await user.Post("/v2.1/os-keypairs", Import("one-more"))).Is(403, "Quota exceeded, too many key pairs.");
    }

    private static object Import(string name, string? type = null) =>
        type is null ? new { keypair = new { name, public_key = Ed25519 } } : new { keypair = new { name, public_key = Ed25519, type } };

    private static IEnumerable<string?> Names(CloudAnswer answer) =>
        answer.Is(200)["keypairs"].EnumerateArray().Select(k => k.GetProperty("keypair").GetProperty("name").GetString());
}
