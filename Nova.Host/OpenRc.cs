using System.Text;

namespace Nova.Host;

/// <summary>A file of shell variables for the <c>openstack</c> command: <c>source DIR/openrc</c>.</summary>
/// <param name="AuthUrl">The address of the identity service, with its version: <c>http://127.0.0.1:8774/identity/v3</c>.</param>
/// <param name="User">The user's name, in the domain <c>default</c>.</param>
/// <param name="Password">The password; the file is readable by its owner alone.</param>
/// <param name="Project">The project's name, in the domain <c>default</c>.</param>
/// <param name="CaFile">By which clients check the certificate of that address; null for the operating system's authorities, or without TLS.</param>
public sealed record OpenRc(string AuthUrl, string User, string Password, string Project, string? CaFile = null)
{
    private const string AuthUrlLine = "export OS_AUTH_URL=";
    private const string CaFileLine = "export OS_CACERT=";
    private const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Writes the file with mode 0600; a reader sees the old one or the whole new one.</summary>
    public void Write(string path) => Replace(path, Render());

    /// <summary>Tells an existing file a new address, and keeps everything else; nothing happens where there is no file.</summary>
    public static void PointTo(string path, string authUrl, string? caFile = null)
    {
        if (!File.Exists(path))
            return;

        var old = File.ReadAllText(path);
        var lines = old.Split('\n').Where(line => !line.StartsWith(CaFileLine, StringComparison.Ordinal))
            .Select(line => line.StartsWith(AuthUrlLine, StringComparison.Ordinal) ? Address(authUrl, caFile) : line);
        var text = string.Join('\n', lines);
        if (text != old)
            Replace(path, text);
    }

    /// <summary>The variables of such a file, by name.</summary>
    public static IReadOnlyDictionary<string, string> Read(string path) =>
        File.ReadLines(path)
            .Where(line => line.StartsWith("export ", StringComparison.Ordinal) && line.Contains('=', StringComparison.Ordinal))
            .Select(line => line["export ".Length..].Split('=', 2))
            .ToDictionary(parts => parts[0], parts => Unquote(parts[1]));

    private string Render() =>
        $"""
        # Variables for the openstack command: source this file. Keep it to yourself, it holds a password.
        unset OS_CACERT OS_TOKEN OS_AUTH_TYPE OS_CLOUD OS_DOMAIN_NAME OS_SYSTEM_SCOPE
        {Address(AuthUrl, CaFile)}
        export OS_IDENTITY_API_VERSION='3'
        export OS_USERNAME={Quote(User)}
        export OS_PASSWORD={Quote(Password)}
        export OS_PROJECT_NAME={Quote(Project)}
        export OS_USER_DOMAIN_ID='default'
        export OS_PROJECT_DOMAIN_ID='default'
        export OS_INTERFACE='public'

        """;

    private static string Address(string authUrl, string? caFile) =>
        AuthUrlLine + Quote(authUrl) + (caFile is null ? "" : "\n" + CaFileLine + Quote(caFile));

    private static void Replace(string path, string text)
    {
        var next = path + ".new";
        File.Delete(next);
        using (var file = new FileStream(next, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = Mode }))
            file.Write(Encoding.UTF8.GetBytes(text));
        File.Move(next, path, overwrite: true);
    }

    // Inside single quotes the shell knows one special character: the quote itself.
    private static string Quote(string value) => $"'{value.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    private static string Unquote(string value) => value.Trim('\'').Replace("'\\''", "'", StringComparison.Ordinal);
}
