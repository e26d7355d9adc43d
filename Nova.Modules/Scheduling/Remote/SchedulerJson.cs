using System.Text.Json;
using System.Text.Json.Serialization;

namespace Nova.Modules.Scheduling.Remote;

/// <summary>How requests and selections travel: members that are null are left out, unknown ones ignored.</summary>
internal static class SchedulerJson
{
    public static readonly JsonSerializerOptions Options = new() { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };
}
