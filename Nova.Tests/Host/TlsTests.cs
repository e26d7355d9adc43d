using System.Diagnostics;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Nova.Host;
using Nova.Modules.Shared.Settings;
using Nova.Modules.Shared.Startup;
using Nova.Tests.Support;

namespace Nova.Tests.Host;

/// <summary>TLS on the public port.</summary>
public sealed class TlsTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _folder = Directory.CreateTempSubdirectory("nova-tls").FullName;
    private readonly PemFiles _pem;

    public TlsTests() => _pem = new(_folder);

    public void Dispose()
    {
        _pem.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_client_that_knows_the_authority_is_served_and_any_other_turns_away()
    {
        using var shown = _pem.Issue("first");
        await using var cloud = await SecureCloud.Start(_pem);
        Assert.StartsWith("https://127.0.0.1:", cloud.Url, StringComparison.Ordinal);

        using var knows = Client(_pem.Authority);
        using var answer = await knows.GetAsync(cloud.Url + "/v2.1/");
        Assert.Equal(200, (int)answer.StatusCode);
        Assert.Contains($"\"href\":\"{cloud.Url}/v2.1/\"", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        using var another = new HttpClient();
        await Assert.ThrowsAsync<HttpRequestException>(() => another.GetAsync(cloud.Url + "/v2.1/"));
        await Assert.ThrowsAsync<HttpRequestException>(() => another.GetAsync(cloud.Url.Replace("https:", "http:", StringComparison.Ordinal) + "/v2.1/"));
    }

    [Fact]
    public async Task A_new_certificate_is_shown_to_new_connections_while_open_ones_go_on()
    {
        using var first = _pem.Issue("first");
        await using var cloud = await SecureCloud.Start(_pem);
        using var open = await Connection.Open(cloud.Url);
        Assert.Equal(first.Thumbprint, open.Shown);
        await open.Get("/v2.1/");

        using var second = _pem.Issue("second");
        cloud.Services.GetRequiredService<Reloader>().ReloadAll();

        await open.Get("/v2.1/");
        using var late = await Connection.Open(cloud.Url);
        Assert.Equal(second.Thumbprint, late.Shown);
        await late.Get("/v2.1/");
    }

    [Fact]
    public async Task Files_that_cannot_be_used_leave_the_old_certificate_in_force_until_they_are_mended()
    {
        using var first = _pem.Issue("first");
        await using var cloud = await SecureCloud.Start(_pem);
        var reloader = cloud.Services.GetRequiredService<Reloader>();
        var part = cloud.Services.GetServices<IReloadable>().Single(p => p.Files.Contains(_pem.Key));

        var oldKey = await File.ReadAllTextAsync(_pem.Key);
        using var second = _pem.Issue("second");
        var newKey = await File.ReadAllTextAsync(_pem.Key);
        foreach (var bad in (string[])[oldKey, "", "no key"])
        {
            await File.WriteAllTextAsync(_pem.Key, bad);
            Assert.Contains(_pem.Key, Assert.Throws<ReloadException>(part.Reload).Message, StringComparison.Ordinal);
            reloader.ReloadAll();
            using var still = await Connection.Open(cloud.Url);
            Assert.Equal(first.Thumbprint, still.Shown);
        }

        await File.WriteAllTextAsync(_pem.Key, newKey);
        reloader.Look();
        reloader.Look();
        using var late = await Connection.Open(cloud.Url);
        Assert.Equal(second.Thumbprint, late.Shown);
    }

    [Theory]
    [InlineData("no certificate file", "tls.certificate", "cannot be read")]
    [InlineData("no certificate in it", "tls.certificate", "-----BEGIN CERTIFICATE-----")]
    [InlineData("another key", "tls.key", "cannot be used with the certificate")]
    [InlineData("a passphrase", "tls.key", "has a passphrase")]
    [InlineData("no key in it", "tls.key", "-----BEGIN PRIVATE KEY-----")]
    [InlineData("no key at all", "tls.certificate", "Name its file with tls.key")]
    [InlineData("a key alone", "tls.key", "is of use with tls.certificate alone")]
    [InlineData("no authority", "tls.ca", "cannot be read")]
    public async Task At_start_it_is_one_message_that_names_the_setting(string what, string setting, string reason)
    {
        _pem.Issue("first").Dispose();
        var oldKey = await File.ReadAllTextAsync(_pem.Key);
        List<string> options = ["--tls-certificate", _pem.Certificate, "--tls-key", _pem.Key];
        switch (what)
        {
            case "no certificate file": File.Delete(_pem.Certificate); break;
            case "no certificate in it": await File.WriteAllTextAsync(_pem.Certificate, "hello"); break;
            case "another key": _pem.Issue("second").Dispose(); await File.WriteAllTextAsync(_pem.Key, oldKey); break;
            case "a passphrase": await File.WriteAllTextAsync(_pem.Key, Encrypted(oldKey)); break;
            case "no key in it": await File.WriteAllTextAsync(_pem.Key, "hello"); break;
            case "no key at all": options.RemoveRange(2, 2); break;
            case "a key alone": options.RemoveRange(0, 2); break;
            case "no authority": options.AddRange(["--tls-ca", Path.Combine(_folder, "none.pem")]); break;
        }

        using var process = Start([.. options, "--driver", "fake", "--data", Path.Combine(_folder, "data")]);
        using var patience = new CancellationTokenSource(Patience);
        var error = await process.StandardError.ReadToEndAsync(patience.Token);
        await process.WaitForExitAsync(patience.Token);

        Assert.Equal(ExitCode.Usage, (ExitCode)process.ExitCode);
        Assert.Contains(setting + " = ", error, StringComparison.Ordinal);
        Assert.Contains(reason, error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    [NeedsTheory(Need.OpenStackClient)]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_stock_client_and_our_own_commands_work_with_what_openrc_says(bool isSelfSigned)
    {
        (isSelfSigned ? _pem.IssueAlone("cloud") : _pem.Issue("cloud")).Dispose();
        var data = Path.Combine(_folder, "data");
        string[] tls = ["--tls-certificate", _pem.Certificate, "--tls-key", _pem.Key, .. isSelfSigned ? Array.Empty<string>() : ["--tls-ca", _pem.Authority], "--data", data];
        using var process = Start([.. tls, "--driver", "fake", "--port", "0", "--admin-listen", "127.0.0.1:0"]);
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            var url = (await process.StandardOutput.ReadLineAsync(patience.Token))!.Split(' ')[1];
            Assert.StartsWith("https://127.0.0.1:", url, StringComparison.Ordinal);
            var openrc = OpenRc.Read(Path.Combine(data, "openrc"));
            Assert.Equal(isSelfSigned ? _pem.Certificate : _pem.Authority, openrc["OS_CACERT"]);

            var (code, output) = await Shell($"source {data}/openrc && /usr/bin/openstack project list -f value -c Name");
            Assert.True(code == 0, output);
            Assert.Contains("demo", output, StringComparison.Ordinal);
            (code, output) = await Shell($"source {data}/openrc && unset OS_CACERT && /usr/bin/openstack --os-cacert {openrc["OS_CACERT"]} network agent list");
            Assert.True(code == 0, output);
            (code, output) = await Shell($"source {data}/openrc && unset OS_CACERT && /usr/bin/openstack project list");
            Assert.NotEqual(0, code);
            Assert.Contains("CERTIFICATE_VERIFY_FAILED", output, StringComparison.OrdinalIgnoreCase);

            using var operations = Start(["operations", "list", .. tls, "--port", new Uri(url).Port.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
            var error = await operations.StandardError.ReadToEndAsync(patience.Token);
            await operations.WaitForExitAsync(patience.Token);
            Assert.True(operations.ExitCode == 0, error);
        }
        finally
        {
            process.Kill();
        }
    }

    private static string Encrypted(string keyPem)
    {
        using var key = ECDsa.Create();
        key.ImportFromPem(keyPem);
        return key.ExportEncryptedPkcs8PrivateKeyPem("passphrase", new(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000));
    }

    private static HttpClient Client(string authority) => new(new SocketsHttpHandler
    {
        SslOptions = new()
        {
            CertificateChainPolicy = new()
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, CustomTrustStore = { X509CertificateLoader.LoadCertificateFromFile(authority) },
            },
        },
    });

    private Process Start(params string[] arguments) => Process.Start(
        new ProcessStartInfo("dotnet", [typeof(Server).Assembly.Location, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = _folder })!;

    private static async Task<(int Code, string Output)> Shell(string script)
    {
        using var process = Process.Start(new ProcessStartInfo("bash", ["-c", script + " 2>&1"]) { RedirectStandardOutput = true })!;
        using var patience = new CancellationTokenSource(Patience);
        var output = await process.StandardOutput.ReadToEndAsync(patience.Token);
        await process.WaitForExitAsync(patience.Token);
        return (process.ExitCode, output);
    }

    private sealed class SecureCloud(PemFiles pem) : TestCloud, IAsyncDisposable
    {
        protected override IReadOnlyDictionary<string, string> Changed => new Dictionary<string, string> { ["tls.certificate"] = pem.Certificate, ["tls.key"] = pem.Key };

        public static async Task<SecureCloud> Start(PemFiles pem)
        {
            var cloud = new SecureCloud(pem);
            await cloud.InitializeAsync();
            return cloud;
        }

        async ValueTask IAsyncDisposable.DisposeAsync() => await DisposeAsync();
    }

    /// <summary>One connection that stays open for several requests.</summary>
    private sealed class Connection : IDisposable
    {
        private readonly TcpClient _tcp;
        private readonly SslStream _stream;
        private readonly string _host;

        private Connection(TcpClient tcp, SslStream stream, string host) => (_tcp, _stream, _host) = (tcp, stream, host);

        public string Shown => ((X509Certificate2)_stream.RemoteCertificate!).Thumbprint;

        public static async Task<Connection> Open(string url)
        {
            var at = new Uri(url);
            var tcp = new TcpClient();
            await tcp.ConnectAsync(at.Host, at.Port);
            var stream = new SslStream(tcp.GetStream(), false, (_, _, _, _) => true);
            await stream.AuthenticateAsClientAsync(at.Host);
            return new(tcp, stream, at.Authority);
        }

        public async Task Get(string path)
        {
            await _stream.WriteAsync(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: {_host}\r\n\r\n"));
            var (buffer, text) = (new byte[4096], "");
            while (!IsWhole(text))
                text += Encoding.UTF8.GetString(buffer, 0, await _stream.ReadAtLeastAsync(buffer, 1));
            Assert.StartsWith("HTTP/1.1 200", text, StringComparison.Ordinal);
        }

        public void Dispose()
        {
            _stream.Dispose();
            _tcp.Dispose();
        }

        private static bool IsWhole(string text) =>
            text.Split("\r\n\r\n", 2) is [var head, var body]
            && head.Split("\r\n").First(h => h.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase)).Split(':')[1].Trim() is var length
            && body.Length >= int.Parse(length, System.Globalization.CultureInfo.InvariantCulture);
    }
}
