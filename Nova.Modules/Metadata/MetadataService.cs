using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.Unicode;
using Nova.Modules.Compute;
using Nova.Modules.Shared;

namespace Nova.Modules.Metadata;

/// <summary>A guest's question.</summary>
/// <param name="Network">The network whose listener was asked.</param>
/// <param name="Source">The address that asks; anti-spoofing guarantees that it is the guest's own.</param>
/// <param name="Method">GET, HEAD or POST.</param>
/// <param name="Path">Unescaped, such as <c>/openstack/latest/meta_data.json</c>.</param>
/// <param name="Body">What was sent.</param>
public sealed record MetadataQuestion(Guid Network, IPAddress Source, string Method, string Path, byte[] Body);

/// <summary>The answer to a guest.</summary>
public sealed record MetadataAnswer(int Status, string ContentType, byte[] Body)
{
    internal static MetadataAnswer Text(string text, int status = 200) => new(status, "text/plain; charset=UTF-8", Encoding.UTF8.GetBytes(text));
}

/// <summary>
/// Answers guests. Who asks is known from the network and the source address alone: no header is looked at, and a guest
/// that the host does not know (any more) gets 404 for everything.
/// </summary>
public sealed class MetadataService(MetadataOptions options, IGuestDirectory guests, IGuestPasswords passwords)
{
    /// <summary>The longest password that a guest may store, in bytes.</summary>
    public const int LongestPassword = 1020;

    private static readonly MetadataAnswer NotFound = MetadataAnswer.Text("404 Not Found", 404);

    private readonly OpenStackTree openStack = new(options);
    private readonly Ec2Tree ec2 = new(options);

    /// <summary>The answer to one question.</summary>
    public async ValueTask<MetadataAnswer> Answer(MetadataQuestion question, CancellationToken ct)
    {
        if (guests.Find(question.Network, question.Source) is not { } guest)
            return NotFound;

        var path = question.Path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (path is ["openstack", var version, "password"] && IsOpenStack(version) && MetadataVersions.Has(version, "2013-04-04"))
            return await Answered(Password(question, guest, ct));
        if (question.Method is not ("GET" or "HEAD"))
            return MetadataAnswer.Text("405 Method Not Allowed", 405);

        return path is ["openstack", .. var below] ? OpenStack(below, guest) : Ec2(path is ["ec2", .. var rest] ? rest : path, guest);
    }

    // Passwords are kept elsewhere, which may not answer now.
    private static async ValueTask<MetadataAnswer> Answered(ValueTask<MetadataAnswer> answer)
    {
        try
        {
            return await answer;
        }
        catch (Fault fault)
        {
            return MetadataAnswer.Text(fault.Message, (int)fault.Kind);
        }
    }

    private MetadataAnswer OpenStack(string[] path, GuestSpec guest) => path switch
    {
        [] => Lines(MetadataVersions.OpenStack),
        [var version] when IsOpenStack(version) => Lines(OpenStackTree.Names(version, guest)),
        [var version, var name] when IsOpenStack(version) && OpenStackTree.Names(version, guest).Contains(name) =>
            new(200, name == "user_data" ? "application/octet-stream" : "application/json", openStack.Content(version, name, guest, configDrive: false)!),
        _ => NotFound,
    };

    private MetadataAnswer Ec2(string[] path, GuestSpec guest) => path switch
    {
        [] => Lines(MetadataVersions.Ec2),
        [var version, ..] when !MetadataVersions.Ec2.Contains(version) => NotFound,
        [_] => Lines(guest.Metadata.UserData is null ? ["meta-data/"] : ["meta-data/", "user-data"]),
        [_, "user-data"] when guest.Metadata.UserData is { } userData => new(200, "application/octet-stream", Convert.FromBase64String(userData)),
        [var version, "meta-data", .. var below] => Below(ec2.MetaData(version, guest), below),
        _ => NotFound,
    };

    private static MetadataAnswer Below(JsonNode? node, string[] path)
    {
        foreach (var name in path)
            node = node is JsonObject folder && name != "_name" ? folder[name] : null;
        return Ec2Tree.Show(node) is { } text ? MetadataAnswer.Text(text) : NotFound;
    }

    private async ValueTask<MetadataAnswer> Password(MetadataQuestion question, GuestSpec guest, CancellationToken ct) => question switch
    {
        { Method: "GET" or "HEAD" } => MetadataAnswer.Text(await passwords.Find(guest.ServerId, ct)),
        { Method: not "POST" } => MetadataAnswer.Text("GET and POST only are supported.", 400),
        { Body.Length: > LongestPassword } => MetadataAnswer.Text("Request is too large.", 400),
        _ => await Store(question.Body, guest, ct),
    };

    // Nothing at all stores nothing, as in the original. What is no text could not be shown.
    private async ValueTask<MetadataAnswer> Store(byte[] body, GuestSpec guest, CancellationToken ct)
    {
        if (!Utf8.IsValid(body) || body.Contains((byte)0))
            return MetadataAnswer.Text("The password must be text in UTF-8.", 400);

        var isStored = body.Length == 0
            ? (await passwords.Find(guest.ServerId, ct)).Length == 0
            : await passwords.TrySet(guest.ServerId, Encoding.UTF8.GetString(body), ct);
        return isStored ? MetadataAnswer.Text("") : MetadataAnswer.Text("409 Conflict", 409);
    }

    private static bool IsOpenStack(string version) => MetadataVersions.OpenStack.Contains(version);

    private static MetadataAnswer Lines(IEnumerable<string> lines) => MetadataAnswer.Text(string.Join('\n', lines));
}
