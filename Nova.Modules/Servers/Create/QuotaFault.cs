using System.Globalization;
using Nova.Modules.Quotas;
using Nova.Modules.Shared;

namespace Nova.Modules.Servers.Create;

/// <summary>The 403 of a create that does not fit the project's quota, in the words of the original.</summary>
internal static class QuotaFault
{
    public static Fault For(NewServers request, ServerUsage used, IReadOnlyDictionary<string, long> limits) =>
        For(new ServerUsage(request.MinCount, (long)request.MinCount * request.Flavor.Vcpus, (long)request.MinCount * request.Flavor.MemoryMb), used, limits);

    public static Fault For(ServerUsage wanted, ServerUsage used, IReadOnlyDictionary<string, long> limits)
    {
        (string Name, long Wanted, long Used, long Limit)[] all =
        [
            ("cores", wanted.Cores, used.Cores, limits["cores"]),
            ("instances", wanted.Instances, used.Instances, limits["instances"]),
            ("ram", wanted.RamMb, used.RamMb, limits["ram"]),
        ];
        var over = Array.FindAll(all, r => r.Limit >= 0 && r.Used + r.Wanted > r.Limit);
        if (over.Length == 0)
            over = all;

        var resources = string.Join(", ", over.Select(r => r.Name));
        var requested = string.Join(", ", over.Select(r => Number(r.Wanted)));
        var taken = string.Join(", ", over.Select(r => Number(r.Used)));
        var allowed = string.Join(", ", over.Select(r => Number(r.Limit)));
        return Fault.Forbidden($"Quota exceeded for {resources}: Requested {requested}, but already used {taken} of {allowed} {resources}");
    }

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
