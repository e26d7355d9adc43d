using System.Text.Json;
using Nova.Modules.Operations;
using Nova.Modules.Shared;

namespace Nova.Modules.Servers;

/// <summary>The last fault of a server, as the column <c>fault</c> keeps it.</summary>
/// <param name="Fault">JSON of the fault.</param>
/// <param name="At">Milliseconds since 1970 UTC.</param>
public sealed record ServerFault(string Fault, long At)
{
    /// <summary>The column's value.</summary>
    public static string Json(Fault fault, long now) => JsonSerializer.Serialize(new ServerFault(FaultJson.Write(fault), now), StateJson.Options);

    /// <summary>Reads the column's value.</summary>
    public static (Fault Fault, long At) Read(string json)
    {
        var stored = JsonSerializer.Deserialize<ServerFault>(json, StateJson.Options)!;
        return (FaultJson.Read(stored.Fault), stored.At);
    }
}
