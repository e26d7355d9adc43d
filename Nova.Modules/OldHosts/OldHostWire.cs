using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;
using Nova.Modules.Shared.Http.Validation;

namespace Nova.Modules.OldHosts;

/// <summary>The query of the list.</summary>
public sealed record OldHostQuery
{
    /// <summary>Of this availability zone.</summary>
    public string? Zone { get; set; }
}

/// <summary>PUT /os-hosts/{name}: at least one of the members.</summary>
public sealed record OldHostChange : IWireType
{
    private static readonly string[] Words = ["enable", "disable", "Enable", "Disable", "ENABLE", "DISABLE"];

    /// <summary>enable or disable.</summary>
    public string? Status { get; set; }

    /// <summary>enable or disable.</summary>
    public string? MaintenanceMode { get; set; }

    /// <inheritdoc />
    public static IReadOnlyList<Check> Checks(Microversion version)
    {
        IReadOnlyList<Check> word = [Shared.Http.Validation.Checks.Type("string"), Shared.Http.Validation.Checks.OneOf([.. Words.Select(w => System.Text.Json.JsonSerializer.SerializeToElement(w))])];
        return
        [
            Shared.Http.Validation.Checks.Type("object"),
            Shared.Http.Validation.Checks.Properties([new("status", word), new("maintenance_mode", word)]),
            Shared.Http.Validation.Checks.AnyOf([Shared.Http.Validation.Checks.Required(["status"])], [Shared.Http.Validation.Checks.Required(["maintenance_mode"])]),
            Shared.Http.Validation.Checks.NoOthers(["status", "maintenance_mode"]),
        ];
    }
}

/// <summary>GET /os-hosts.</summary>
public sealed record OldHostListResponse(IReadOnlyList<OldHostSummary> Hosts);

/// <summary>One service of a host.</summary>
public sealed record OldHostSummary(string HostName, string Service, string Zone);

/// <summary>GET /os-hosts/{name}.</summary>
public sealed record OldHostResponse(IReadOnlyList<OldHostRow> Host);

/// <summary>One row.</summary>
public sealed record OldHostRow(OldHostResource Resource);

/// <summary>What a host has, or what a project has there.</summary>
/// <param name="Host">The host's name.</param>
/// <param name="Project">A project, or a word in parentheses.</param>
/// <param name="Cpu">Virtual CPUs.</param>
/// <param name="MemoryMb">MiB.</param>
/// <param name="DiskGb">GiB.</param>
public sealed record OldHostResource(string Host, string Project, long Cpu, long MemoryMb, long DiskGb);

/// <summary>The answer to a change.</summary>
public sealed record OldHostStatus(string Host, string Status);
