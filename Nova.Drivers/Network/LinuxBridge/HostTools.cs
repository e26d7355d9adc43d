using Nova.Modules.Shared;

namespace Nova.Drivers.Network.LinuxBridge;

/// <summary>The programs ip and nft and the kernel's settings, in the host's namespace or in a network's.</summary>
internal sealed class HostTools(CommandRunner runner, string? hostNamespace)
{
    /// <summary>The namespace in which bridges and taps are; null for the process's own.</summary>
    public string? HostNamespace => hostNamespace;

    /// <summary>Lines of <c>ip -batch</c> in the host's namespace; the first that fails ends it.</summary>
    public Task HostLinks(string batch, CancellationToken ct) => Links(hostNamespace, batch, ct);

    /// <summary>Lines of <c>ip -batch</c> in a namespace.</summary>
    public Task Links(string? space, string batch, CancellationToken ct) =>
        batch.Length == 0 ? Task.CompletedTask : runner.Run(new("ip", [.. InIp(space), "-batch", "-"], batch), ct);

    /// <summary>The JSON answer of one ip command in the host's namespace.</summary>
    public Task<string> AskHost(string[] arguments, CancellationToken ct) => Ask(hostNamespace, arguments, ct);

    /// <summary>The JSON answer of one ip command in a namespace.</summary>
    public Task<string> Ask(string? space, string[] arguments, CancellationToken ct) => runner.Run(new("ip", [.. InIp(space), "-j", .. arguments]), ct);

    /// <summary>Makes or removes a namespace.</summary>
    public Task Namespace(string verb, string name, CancellationToken ct) => runner.Run(new("ip", ["netns", verb, name]), ct);

    /// <summary>One nft transaction in the host's namespace: all of it or nothing.</summary>
    public Task HostRules(string text, CancellationToken ct) => Rules(hostNamespace, text, ct);

    /// <summary>One nft transaction in a namespace.</summary>
    public Task Rules(string? space, string text, CancellationToken ct) =>
        text.Length == 0 ? Task.CompletedTask : RunIn(space, new("nft", ["-f", "-"], text), ct);

    /// <summary>Runs any program in a namespace.</summary>
    public Task<string> RunIn(string? space, Command command, CancellationToken ct) =>
        runner.Run(space is null ? command : new("nsenter", [$"--net={NetworkNamespace.PathOf(space)}", command.Program, .. command.Arguments], command.Input), ct);

    /// <summary>True when the host's namespace has an interface of this name. Asked of /proc, which costs no process.</summary>
    public Task<bool> HasLink(string name) => NetworkNamespace.Run(hostNamespace, () => Directory.Exists($"/proc/sys/net/ipv4/conf/{name}"));

    /// <summary>A kernel setting by its path below /proc/sys, such as net/ipv4/ip_forward; null when the kernel has none.</summary>
    public static Task<string?> ReadSetting(string? space, string key) =>
        NetworkNamespace.Run(space, () => File.Exists("/proc/sys/" + key) ? File.ReadAllText("/proc/sys/" + key).Trim() : null);

    /// <summary>Changes kernel settings in a namespace.</summary>
    public static Task WriteSettings(string? space, params (string Key, string Value)[] settings) => NetworkNamespace.Run(space, () =>
    {
        foreach (var (key, value) in settings)
            Write(key, value);
        return true;
    });

    private static void Write(string key, string value)
    {
        try
        {
            File.WriteAllText("/proc/sys/" + key, value);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            throw new Fault(FaultKind.Unavailable,
                Message.Of($"The kernel setting {key} could not be set to {value}: start nova-host with CAP_NET_ADMIN and a writable /proc/sys, or set it beforehand."), e.Message);
        }
    }

    private static string[] InIp(string? space) => space is null ? [] : ["-n", space];
}
