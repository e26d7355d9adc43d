using System.Collections.Concurrent;
using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Nova.Modules.Shared.Http;

/// <summary>
/// Serializer options per microversion: a member outside its <see cref="SinceAttribute"/>/<see cref="UntilAttribute"/>
/// range is neither written nor accepted, so the wire record is the only place that knows the history.
/// </summary>
public static class WireJson
{
    private static readonly ConcurrentDictionary<Microversion, JsonSerializerOptions> ByVersion = new();

    /// <summary>The options of a version, made at first use.</summary>
    public static JsonSerializerOptions For(Microversion version) => ByVersion.GetOrAdd(version, Make);

    /// <summary>The options of a version, made anew, for work that is done once.</summary>
    internal static JsonSerializerOptions Fresh(Microversion version) => Make(version);

    /// <summary>A member's name on the wire.</summary>
    internal static string NameOf(MemberInfo member) =>
        member.GetCustomAttribute<WireNameAttribute>()?.Name ?? JsonNamingPolicy.SnakeCaseLower.ConvertName(member.Name);

    private static JsonSerializerOptions Make(Microversion version)
    {
        var options = new JsonSerializerOptions
        {
            PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            UnmappedMemberHandling = version == Microversion.Legacy ? JsonUnmappedMemberHandling.Skip : JsonUnmappedMemberHandling.Disallow,
            AllowDuplicateProperties = true,
            RespectNullableAnnotations = true,
            MaxDepth = 64,
            TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { type => KeepMembersOf(version, type) } },
        };
        options.MakeReadOnly();
        return options;
    }

    private static void KeepMembersOf(Microversion version, JsonTypeInfo type)
    {
        if (type.Kind != JsonTypeInfoKind.Object)
            return;

        if (type.Type.IsDefined(typeof(Validation.OpenAttribute), inherit: false))
            type.UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip;
        for (var i = type.Properties.Count - 1; i >= 0; i--)
        {
            var member = type.Properties[i].AttributeProvider as MemberInfo;
            if (!Applies(member, version))
                type.Properties.RemoveAt(i);
        }

        // Two members may share a name when the type changed at a version: they are told apart only once one is gone.
        foreach (var property in type.Properties)
            if ((property.AttributeProvider as MemberInfo)?.GetCustomAttribute<WireNameAttribute>() is { } wire)
                property.Name = wire.Name;
    }

    internal static bool Applies(MemberInfo? member, Microversion version)
    {
        if (member is null)
            return true;

        var since = member.GetCustomAttribute<SinceAttribute>()?.Minor ?? 0;
        var until = member.GetCustomAttribute<UntilAttribute>()?.Minor ?? int.MaxValue;
        var minor = version == Microversion.Legacy ? 1 : version.Minor;
        return since <= minor && minor <= until;
    }
}

/// <summary>The member's name on the wire, where two members of one record share it in different versions, or where snake case is not it.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class WireNameAttribute(string name) : Attribute
{
    /// <summary>As written.</summary>
    public string Name => name;
}
