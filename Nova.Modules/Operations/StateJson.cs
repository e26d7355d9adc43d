using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Nova.Modules.Operations;

/// <summary>How states, progress and callers are written into rows: members that are null are left out, unknown ones are kept out of the way.</summary>
public static class StateJson
{
    /// <summary>Without secrets: a state that holds a <see cref="Nova.Modules.Shared.Secret"/> needs <see cref="With"/>.</summary>
    public static readonly JsonSerializerOptions Options = Make(null);

    /// <summary>The same, with secrets sealed by the installation's key.</summary>
    public static JsonSerializerOptions With(Nova.Modules.Shared.SecretBox box) => Make(box);

    private static JsonSerializerOptions Make(Nova.Modules.Shared.SecretBox? box)
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.General)
        {
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        };
        if (box is not null)
            options.Converters.Add(new Nova.Modules.Shared.SealedSecretConverter(box));
        return options;
    }
}
