using System.Text.Json;
using Nova.Modules.Shared;

namespace Nova.Modules.Operations;

/// <summary>A <see cref="Fault"/> as it is kept in rows and sent between roles.</summary>
public static class FaultJson
{
    /// <summary>The fault as JSON.</summary>
    public static string Write(Fault fault) => JsonSerializer.Serialize(
        new Stored(fault.Kind, fault.Text, fault.Details, fault.RetryAfterSeconds, fault.IsTransient), StateJson.Options);

    /// <summary>The fault again; kinds of a newer release become Internal.</summary>
    public static Fault Read(string json)
    {
        var stored = JsonSerializer.Deserialize<Stored>(json, StateJson.Options)!;
        var kind = Enum.IsDefined(stored.Kind) && stored.Kind != FaultKind.Unspecified ? stored.Kind : FaultKind.Internal;
        return new(kind, stored.Message, stored.Details) { RetryAfterSeconds = stored.RetryAfterSeconds, IsTransient = stored.IsTransient };
    }

    /// <summary>What a step threw, as a fault: anything unexpected is Internal, with its text for admins only.</summary>
    public static Fault From(Exception exception) => exception switch
    {
        Fault fault => fault,
        RetryFromException retry => retry.Reason,
        _ => new(FaultKind.Internal, Message.Of($"An internal error occurred while working on the server."), exception.ToString()),
    };

    private sealed record Stored(FaultKind Kind, Message Message, string? Details, int? RetryAfterSeconds, bool IsTransient);
}
