using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging.Abstractions;
using Nova.Modules.Rpc;
using Nova.Tests.Rpc.Wire;

namespace Nova.Tests.Rpc;

public sealed class RpcTlsTests : IDisposable
{
    private readonly Authority _ours = new("our authority");
    private readonly Authority _theirs = new("another authority");
    private readonly EchoService _echo = new();

    [Fact]
    public async Task Both_ends_know_each_other_by_certificate()
    {
        await using var listener = await Listen(_ours.Tls("server"));
        await using var channel = Channel(listener, _ours.Tls("compute-1"));

        Assert.Equal("secret", (await channel.Unary<Said, Said>(EchoService.Say, new() { Text = "secret" }, default, default)).Text);
        Assert.Equal("CN=compute-1", _echo.LastPeer);
    }

    [Fact]
    public Task A_client_of_another_authority_is_refused() => Refused(_ours.Tls("server"), new(_theirs.Issue("compute-1"), _ours.Roots));

    [Fact]
    public Task A_server_of_another_authority_is_refused() => Refused(new(_theirs.Issue("server"), _ours.Roots), _ours.Tls("compute-1"));

    [Fact]
    public Task A_client_without_TLS_is_refused() => Refused(_ours.Tls("server"), null);

    [Fact]
    public async Task A_client_without_a_certificate_is_refused()
    {
        await using var listener = await Listen(_ours.Tls("server"));
        using var http = new HttpMessageInvoker(new SocketsHttpHandler { SslOptions = new() { RemoteCertificateValidationCallback = (_, _, _, _) => true } });
        var request = new HttpRequestMessage(HttpMethod.Post, $"https://127.0.0.1:{listener.Address.Port}/") { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };

        await Assert.ThrowsAsync<HttpRequestException>(() => http.SendAsync(request, default));
    }

    public void Dispose()
    {
        _ours.Dispose();
        _theirs.Dispose();
    }

    private async Task Refused(RpcTls server, RpcTls? client)
    {
        await using var listener = await Listen(server);
        await using var channel = Channel(listener, client);

        var failure = await Assert.ThrowsAsync<RpcException>(() => channel.Unary<Said, Said>(EchoService.Say, new(), default, default));

        Assert.Equal(RpcCode.Unavailable, failure.Code);
        Assert.Null(_echo.LastContext);
    }

    private Task<RpcListener> Listen(RpcTls tls) =>
        RpcListener.Start(new(IPAddress.Loopback, 0), [_echo.Service], new() { Tls = tls }, TimeProvider.System, NullLoggerFactory.Instance, default);

    private static HttpRpcChannel Channel(RpcListener listener, RpcTls? tls) =>
        new("127.0.0.1", listener.Address.Port, new() { Tls = tls }, TimeProvider.System);

    private sealed class Authority : IDisposable
    {
        private static readonly DateTimeOffset From = TimeProvider.System.GetUtcNow().AddHours(-1);
        private readonly X509Certificate2 _root;
        private readonly List<X509Certificate2> _issued = [];

        public Authority(string name)
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
            request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
            _root = request.CreateSelfSigned(From, From.AddDays(1));
        }

        public X509Certificate2Collection Roots => [_root];

        public RpcTls Tls(string name) => new(Issue(name), Roots);

        public X509Certificate2 Issue(string name)
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
            var names = new SubjectAlternativeNameBuilder();
            names.AddIpAddress(IPAddress.Loopback);
            request.CertificateExtensions.Add(names.Build());
            using var signed = request.Create(_root, From, From.AddHours(12), RandomNumberGenerator.GetBytes(8));
            _issued.Add(signed.CopyWithPrivateKey(key));
            return _issued[^1];
        }

        public void Dispose()
        {
            _root.Dispose();
            _issued.ForEach(c => c.Dispose());
        }
    }
}
