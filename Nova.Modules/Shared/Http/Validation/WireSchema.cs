using System.Collections;
using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Reflection;
using System.Text.Json;

namespace Nova.Modules.Shared.Http.Validation;

/// <summary>
/// The checks of a wire record in one version, compiled from its members and their rules at first use. The order is that
/// of the original's schemas, because the first refusal is what the client reads: type, members, required, unknown.
/// </summary>
public static class WireSchema
{
    private static readonly ConcurrentDictionary<(Type, Microversion), IReadOnlyList<Check>> Bodies = new();
    private static readonly ConcurrentDictionary<(Type, Microversion), IReadOnlyList<Check>> Queries = new();
    private static readonly NullabilityInfoContext Nullability = new();

    /// <summary>The checks of a body.</summary>
    public static IReadOnlyList<Check> OfBody(Type record, Microversion version) =>
        Bodies.GetOrAdd((record, version), static key => BodyChecks(key.Item1, key.Item2));

    /// <summary>The checks of a query, seen as an object whose members are lists of strings.</summary>
    public static IReadOnlyList<Check> OfQuery(Type record, Microversion version) =>
        Queries.GetOrAdd((record, version), static key => QueryChecks(key.Item1, key.Item2));

    /// <summary>The checks of a body, made anew.</summary>
    internal static IReadOnlyList<Check> BodyChecks(Type record, Microversion version) => Of(record, isNullable: false, [], version);

    /// <summary>The checks of a query, made anew.</summary>
    internal static IReadOnlyList<Check> QueryChecks(Type record, Microversion version) => Query(record, version);

    /// <summary>The checks of a whole type, for a wire type that is made of others.</summary>
    public static IReadOnlyList<Check> OfType(Type type, Microversion version) => Of(type, isNullable: false, [], version);

    /// <summary>The members of a record that exist in a version, with their names on the wire.</summary>
    public static IEnumerable<(string Name, PropertyInfo Member)> MembersOf(Type record, Microversion version) =>
        record.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(p => p.CanWrite && WireJson.Applies(p, version))
            .OrderBy(p => p.MetadataToken)
            .Select(p => (WireJson.NameOf(p), p));

    private static List<Check> Record(Type record, Microversion version)
    {
        var members = MembersOf(record, version).ToList();
        List<Check> checks = [Checks.Type("object"), Checks.Properties([.. members.Select(m => KeyValuePair.Create(m.Name, Member(m.Member, version)))])];
        string[] required = [.. members.Where(m => RulesOf(m.Member, version).Any(r => r is RequiredAttribute)).Select(m => m.Name)];
        if (required.Length > 0)
            checks.Add(Checks.Required(required));
        if (version != Microversion.Legacy && record.GetCustomAttribute<OpenAttribute>() is null)
            checks.Add(Checks.NoOthers(members.Select(m => m.Name).ToFrozenSet(StringComparer.Ordinal)));
        return checks;
    }

    private static List<Check> Query(Type record, Microversion version)
    {
        var members = MembersOf(record, version).ToList();
        List<Check> checks = [Checks.Properties([.. members.Select(m => KeyValuePair.Create(m.Name, Parameter(m.Member, version)))])];
        if (record.GetCustomAttribute<StrictQueryAttribute>() is { } strict && strict.Since <= version.Minor)
            checks.Add(Checks.NoOthers(members.Select(m => m.Name).ToFrozenSet(StringComparer.Ordinal), strict.DroppedPrefix));
        return checks;
    }

    private static IReadOnlyList<Check> Parameter(PropertyInfo member, Microversion version)
    {
        var rules = RulesOf(member, version);
        var type = Nullable.GetUnderlyingType(member.PropertyType) ?? member.PropertyType;
        var item = type.IsArray ? type.GetElementType()! : type;
        List<Check> checks = [Checks.Each(Of(item, isNullable: false, rules, version))];
        if (rules.Any(r => r is OnceAttribute))
            checks.Add(Checks.Items(0, 1));
        return checks;
    }

    private static IReadOnlyList<Check> Member(PropertyInfo member, Microversion version)
    {
        var rules = RulesOf(member, version);
        var type = member.PropertyType;
        var isValue = Nullable.GetUnderlyingType(type) is not null;
        var isNullable = isValue || MayBeNull(member);
        if (rules.Any(r => r is NotNullAttribute))
            isNullable = false;
        return Of(Nullable.GetUnderlyingType(type) ?? type, isNullable, rules, version);
    }

    private static IReadOnlyList<Check> Of(Type type, bool isNullable, IReadOnlyList<WireRuleAttribute> rules, Microversion version)
    {
        if (type == typeof(JsonElement) || type == typeof(object))
            return [];
        if (typeof(IWireType).IsAssignableFrom(type))
            return OfWireType(type, version);
        if (ValueOfDictionary(type) is { } value)
            return Dictionary(value, isNullable, rules, version);
        if (ItemOfList(type) is { } item)
            return List(item, isNullable, rules, version);
        if (TypesOf(type) is { } types)
            return [Checks.Type(isNullable ? [.. types, "null"] : types), .. Scalar(type, rules)];

        var record = Record(type, version);
        return isNullable ? [Checks.Type("object", "null"), .. record.Skip(1)] : record;
    }

    private static IEnumerable<Check> Scalar(Type type, IReadOnlyList<WireRuleAttribute> rules)
    {
        if (type == typeof(Loose<bool>))
            yield return Checks.OneOf(LooseBooleans);
        foreach (var rule in rules)
        {
            if (rule is PatternAttribute pattern)
                yield return Checks.Pattern(pattern.Expression);
            else if (rule is FormatAttribute format)
                yield return Checks.Format(format.Name);
            else if (rule is OneOfAttribute oneOf)
                yield return Checks.OneOf([.. oneOf.Values.Select(v => JsonSerializer.SerializeToElement(v))]);
            else if (rule is LengthAttribute length)
                yield return Checks.Length(length.Min, length.Max);
            else if (rule is RangeAttribute range)
                yield return Checks.Range(range.Min, range.Max, range.IsMinExclusive);
        }
    }

    private static List<Check> List(Type item, bool isNullable, IReadOnlyList<WireRuleAttribute> rules, Microversion version)
    {
        List<Check> checks =
        [
            Checks.Type(isNullable ? ["array", "null"] : ["array"]),
            Checks.Each(Of(item, isNullable: false, rules, version)),
        ];
        foreach (var rule in rules.OfType<ItemsAttribute>())
            checks.Add(Checks.Items(rule.Min, rule.Max));
        if (rules.Any(r => r is UniqueItemsAttribute))
            checks.Add(Checks.UniqueItems());
        return checks;
    }

    private static List<Check> Dictionary(Type value, bool isNullable, IReadOnlyList<WireRuleAttribute> rules, Microversion version)
    {
        var keys = rules.OfType<KeysAttribute>().FirstOrDefault()?.Pattern;
        List<Check> checks =
        [
            Checks.Type(isNullable ? ["object", "null"] : ["object"]),
            Checks.Values(keys, Of(value, isNullable: false, rules, version)),
        ];
        foreach (var rule in rules.OfType<ItemsAttribute>())
            checks.Add(Checks.Members(rule.Min, rule.Max));
        return checks;
    }

    private static IReadOnlyList<Check> OfWireType(Type type, Microversion version) =>
        (IReadOnlyList<Check>)type.GetMethod(nameof(IWireType.Checks), BindingFlags.Public | BindingFlags.Static)!.Invoke(null, [version])!;

    private static IReadOnlyList<WireRuleAttribute> RulesOf(PropertyInfo member, Microversion version) =>
        [.. member.GetCustomAttributes<WireRuleAttribute>().Where(r => r.Applies(version))];

    private static bool MayBeNull(PropertyInfo member)
    {
        // NullabilityInfoContext is not safe for several threads; schemas are built rarely.
        lock (Nullability)
            return !member.PropertyType.IsValueType && Nullability.Create(member).WriteState == NullabilityState.Nullable;
    }

    private static string[]? TypesOf(Type type) =>
        type == typeof(string) ? ["string"]
        : type == typeof(bool) ? ["boolean"]
        : type == typeof(int) || type == typeof(long) ? ["integer"]
        : type == typeof(double) ? ["number"]
        : type == typeof(Guid) ? ["string"]
        : type == typeof(Loose<bool>) ? ["boolean", "string"]
        : type == typeof(Loose<int>) || type == typeof(Loose<long>) ? ["integer", "string"]
        : type == typeof(Loose<double>) ? ["number", "string"]
        : type == typeof(Loose<string>) ? ["string", "number"]
        : null;

    private static Type? ValueOfDictionary(Type type) => ArgumentOf(type, typeof(IReadOnlyDictionary<,>), 1) ?? ArgumentOf(type, typeof(IDictionary<,>), 1);

    private static Type? ItemOfList(Type type) => type == typeof(string) || !typeof(IEnumerable).IsAssignableFrom(type) ? null : ArgumentOf(type, typeof(IEnumerable<>), 0);

    private static Type? ArgumentOf(Type type, Type definition, int index) => type.GetInterfaces().Append(type)
        .FirstOrDefault(i => i.IsGenericType && i.GetGenericTypeDefinition() == definition)?.GetGenericArguments()[index];

    private static readonly JsonElement[] LooseBooleans =
    [
        JsonSerializer.SerializeToElement(true), .. LooseBool.True.Select(t => JsonSerializer.SerializeToElement(t)),
        JsonSerializer.SerializeToElement(false), .. LooseBool.False.Select(t => JsonSerializer.SerializeToElement(t)),
    ];
}
