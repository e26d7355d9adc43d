using System.Collections;
using System.Globalization;
using System.Text.Json;
using Nova.Modules.Shared;

namespace Nova.Host.Configuration;

/// <summary>How values are written: the one table from the text of a source to the value of a property, and back.</summary>
internal static class SettingText
{
    private static readonly CultureInfo Invariant = CultureInfo.InvariantCulture;

    private static readonly (string Unit, TimeSpan Length)[] Units =
    [
        ("ms", TimeSpan.FromMilliseconds(1)), ("s", TimeSpan.FromSeconds(1)), ("m", TimeSpan.FromMinutes(1)), ("h", TimeSpan.FromHours(1)), ("d", TimeSpan.FromDays(1)),
    ];

    /// <summary>What may be written for a type, in words.</summary>
    public static string Describe(Type type)
    {
        if (Nullable.GetUnderlyingType(type) is { } underlying)
            return Describe(underlying);
        if (ElementOf(type) is { } element)
            return $"a list of: {Describe(element)}";
        if (MappedOf(type) is { } mapped)
            return $"an object whose values are: {Describe(mapped)}";
        if (type.IsEnum)
            return string.Join(" or ", Enum.GetNames(type).Select(Spell));
        if (type == typeof(bool))
            return "true or false";
        if (type == typeof(int) || type == typeof(long))
            return "a whole number";
        if (type == typeof(double) || type == typeof(float) || type == typeof(decimal))
            return "a number";
        if (type == typeof(TimeSpan))
            return "a time such as 500ms, 30s, 5m, 24h, 7d";
        if (type == typeof(string) || type == typeof(Secret))
            return "text";

        throw new InvalidOperationException($"Settings cannot be of type {type}: add it to {nameof(SettingText)}.");
    }

    /// <summary>The element type of a list, or null for any other type.</summary>
    public static Type? ElementOf(Type type) =>
        type.IsArray ? type.GetElementType() : ArgumentOf(type, typeof(IReadOnlyList<>), typeof(IReadOnlyCollection<>), typeof(IEnumerable<>), typeof(IList<>), typeof(List<>));

    /// <summary>The value type of an object with free keys, or null for any other type.</summary>
    public static Type? MappedOf(Type type) =>
        type.IsGenericType && (type.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>) || type.GetGenericTypeDefinition() == typeof(Dictionary<,>))
        && type.GetGenericArguments()[0] == typeof(string)
            ? type.GetGenericArguments()[1]
            : null;

    /// <summary>The value that a source's text stands for. False when it is none of the type.</summary>
    public static bool TryRead(RawValue raw, Type type, out object? value)
    {
        value = null;
        if (MappedOf(type) is { } mapped)
            return raw.Members is { } members && TryReadMap(members, mapped, out value);
        if (ElementOf(type) is { } element)
            return raw.Members is null && TryReadList(raw.Items ?? Split(raw.Text), element, out value);

        if (raw.Items is not null || raw.Members is not null)
            return false;
        return raw.Text is { } text ? TryReadScalar(text, Nullable.GetUnderlyingType(type) ?? type, out value) : IsNullable(type);
    }

    /// <summary>A value as JSON, as the example file shows it.</summary>
    public static string Write(object? value) => value switch
    {
        null => "null",
        Secret => "null",
        bool flag => flag ? "true" : "false",
        int or long or double or float or decimal => Convert.ToString(value, Invariant)!,
        string text => JsonSerializer.Serialize(text),
        IDictionary map => "{" + string.Join(", ", map.Keys.Cast<object>().Select(key => $"{Write(key)}: {Write(map[key])}")) + "}",
        IEnumerable list => "[" + string.Join(", ", list.Cast<object?>().Select(Write)) + "]",
        Enum name => $"\"{Spell(name.ToString())}\"",
        TimeSpan time => $"\"{Spell(time)}\"",
        _ => throw new InvalidOperationException($"Settings cannot be of type {value.GetType()}: add it to {nameof(SettingText)}."),
    };

    /// <summary>True when two values of one setting are written alike.</summary>
    public static bool Same(object? one, object? other) => one is Secret || other is Secret ? Equals(one, other) : Write(one) == Write(other);

    private static bool TryReadScalar(string text, Type type, out object? value)
    {
        value = type switch
        {
            _ when type == typeof(string) => text,
            _ when type == typeof(Secret) => new Secret(text),
            _ when type == typeof(bool) => bool.TryParse(text, out var flag) ? flag : null,
            _ when type == typeof(int) => int.TryParse(text, NumberStyles.AllowLeadingSign, Invariant, out var number) ? number : null,
            _ when type == typeof(long) => long.TryParse(text, NumberStyles.AllowLeadingSign, Invariant, out var number) ? number : null,
            _ when type == typeof(double) => double.TryParse(text, NumberStyles.Float, Invariant, out var number) ? number : null,
            _ when type == typeof(float) => float.TryParse(text, NumberStyles.Float, Invariant, out var number) ? number : null,
            _ when type == typeof(decimal) => decimal.TryParse(text, NumberStyles.Float, Invariant, out var number) ? number : null,
            _ when type == typeof(TimeSpan) => ReadTime(text),
            _ when type.IsEnum => Array.Find(Enum.GetNames(type), name => Spell(name).Equals(text, StringComparison.OrdinalIgnoreCase)) is { } name ? Enum.Parse(type, name) : null,
            _ => null,
        };
        return value is not null;
    }

    private static bool TryReadList(IReadOnlyList<string> items, Type element, out object? value)
    {
        var list = Array.CreateInstance(element, items.Count);
        value = list;
        for (var i = 0; i < items.Count; i++)
        {
            if (!TryReadScalar(items[i], element, out var item))
                return false;
            list.SetValue(item, i);
        }

        return true;
    }

    private static bool TryReadMap(IReadOnlyDictionary<string, string> members, Type mapped, out object? value)
    {
        var map = (IDictionary)Activator.CreateInstance(typeof(Dictionary<,>).MakeGenericType(typeof(string), mapped))!;
        value = map;
        foreach (var (key, text) in members)
        {
            if (!TryReadScalar(text, mapped, out var item))
                return false;
            map[key] = item;
        }

        return true;
    }

    private static object? ReadTime(string text)
    {
        foreach (var (unit, length) in Units)
            if (text.EndsWith(unit, StringComparison.Ordinal) && double.TryParse(text.AsSpan(0, text.Length - unit.Length), NumberStyles.AllowDecimalPoint, Invariant, out var count))
                return count * length;

        return TimeSpan.TryParseExact(text, "c", Invariant, out var time) ? time : null;
    }

    private static string Spell(TimeSpan time)
    {
        var (unit, length) = Units.Last(unit => unit.Length <= time && time.Ticks % unit.Length.Ticks == 0 || unit.Unit == "ms");
        return $"{(time / length).ToString(Invariant)}{unit}";
    }

    private static string Spell(string name) => JsonNamingPolicy.SnakeCaseLower.ConvertName(name);

    private static string[] Split(string? text) =>
        (text ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static bool IsNullable(Type type) => !type.IsValueType || Nullable.GetUnderlyingType(type) is not null;

    private static Type? ArgumentOf(Type type, params Type[] definitions) =>
        type.IsGenericType && definitions.Contains(type.GetGenericTypeDefinition()) ? type.GetGenericArguments()[0] : null;
}
