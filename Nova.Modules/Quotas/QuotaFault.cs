using System.Globalization;
using Nova.Modules.Shared;

namespace Nova.Modules.Quotas;

/// <summary>The 403 of servers that do not fit a quota, in the words of the original.</summary>
public static class QuotaFault
{
    /// <summary>Says what is too much.</summary>
    /// <param name="wanted">What the request needs.</param>
    /// <param name="used">What the scope has.</param>
    /// <param name="scope">What it may have.</param>
    public static Fault For(QuotaDemand wanted, QuotaDemand used, QuotaScope scope)
    {
        if (scope.Limits.Unified is not null)
            return Unified(wanted, used, scope);

        var all = Counted(wanted.Servers, used.Servers, scope);
        var over = Array.FindAll(all, r => r.Limit >= 0 && r.Used + r.More > r.Limit);
        if (over.Length == 0)
            over = all;

        var resources = string.Join(", ", over.Select(r => r.Resource));
        var requested = string.Join(", ", over.Select(r => Number(r.More)));
        var taken = string.Join(", ", over.Select(r => Number(r.Used)));
        var allowed = string.Join(", ", over.Select(r => Number(r.Limit)));
        return Fault.Forbidden($"Quota exceeded for {resources}: Requested {requested}, but already used {taken} of {allowed} {resources}");
    }

    private static Fault Unified(QuotaDemand wanted, QuotaDemand used, QuotaScope scope)
    {
        var all = Counted(wanted.Servers, used.Servers, scope).Select(r => r with { Resource = UnifiedLimits.Names[r.Resource] })
            .Concat(wanted.Classes.Select(c => new OverLimit("class:" + c.Key, scope.Limits.Unified!.OfClass(c.Key), used.Classes.GetValueOrDefault(c.Key), c.Value)))
            .ToList();
        var over = all.FindAll(r => r.Limit >= 0 && r.Used + r.More > r.Limit);
        return HeldLimits.Refusal(scope.ProjectId, over.Count > 0 ? over : all);
    }

    private static OverLimit[] Counted(ServerUsage wanted, ServerUsage used, QuotaScope scope) =>
    [
        new("cores", scope.Limits["cores"], used.Cores, wanted.Cores),
        new("instances", scope.Limits["instances"], used.Instances, wanted.Instances),
        new("ram", scope.Limits["ram"], used.RamMb, wanted.RamMb),
    ];

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>What servers count against quota, and what they take of the classes that have no counter.</summary>
/// <param name="Servers">Servers, virtual CPUs, memory.</param>
/// <param name="Classes">By class, without VCPU and MEMORY_MB; empty where no limit is about them.</param>
public sealed record QuotaDemand(ServerUsage Servers, IReadOnlyDictionary<string, long> Classes)
{
    /// <summary>No classes.</summary>
    public static readonly IReadOnlyDictionary<string, long> NoClasses = new Dictionary<string, long>();

    /// <summary>The same for so many.</summary>
    public QuotaDemand Times(long servers) => new(
        new(Servers.Instances * servers, Servers.Cores * servers, Servers.RamMb * servers), Classes.Count == 0 ? Classes : Classes.ToDictionary(c => c.Key, c => c.Value * servers));
}
