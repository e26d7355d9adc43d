namespace Nova.Modules.Shared.Http.Validation;

/// <summary>A rule on a member of a wire record. It holds in the versions from <see cref="Since"/> to <see cref="Until"/>.</summary>
[AttributeUsage(AttributeTargets.Property, AllowMultiple = true, Inherited = false)]
public abstract class WireRuleAttribute : Attribute
{
    /// <summary>The first minor version, inclusive; 0 is the <c>/v2</c> tree.</summary>
    public int Since { get; init; }

    /// <summary>The last minor version, inclusive.</summary>
    public int Until { get; init; } = int.MaxValue;

    internal bool Applies(Microversion version) => Since <= version.Minor && version.Minor <= Until;
}

/// <summary>The member must be there. Whether it may be null says its type: <c>string?</c> may.</summary>
public sealed class RequiredAttribute : WireRuleAttribute;

/// <summary>The member may be absent, but not null, although its type is nullable. Value types need it, because <c>int?</c> also means absent.</summary>
public sealed class NotNullAttribute : WireRuleAttribute;

/// <summary>Bounds on the characters of a string (on a list or dictionary: of each item or value); the upper bound counts code points, as the original does.</summary>
public sealed class LengthAttribute(int min, int max = int.MaxValue) : WireRuleAttribute
{
    /// <summary>At least.</summary>
    public int Min => min;

    /// <summary>At most.</summary>
    public int Max => max;
}

/// <summary>Bounds on a number, also on a string that holds one; inclusive.</summary>
public sealed class RangeAttribute(double min, double max = double.PositiveInfinity) : WireRuleAttribute
{
    /// <summary>At least.</summary>
    public double Min => min;

    /// <summary>At most.</summary>
    public double Max => max;

    /// <summary>True when a number (not a string) must be greater than <see cref="Min"/>.</summary>
    public bool IsMinExclusive { get; init; }
}

/// <summary>A regular expression that is searched in a string; anchor it when the whole must match.</summary>
public sealed class PatternAttribute(string expression) : WireRuleAttribute
{
    /// <summary>In the dialect that Python and .NET share.</summary>
    public string Expression => expression;
}

/// <summary>The only values that are allowed.</summary>
public sealed class OneOfAttribute(params string[] values) : WireRuleAttribute
{
    /// <summary>As written.</summary>
    public IReadOnlyList<string> Values => values;
}

/// <summary>A named rule of <see cref="Formats"/>: uuid, name, ipv4 …</summary>
public sealed class FormatAttribute(string name) : WireRuleAttribute
{
    /// <summary>A key of <see cref="Formats"/>.</summary>
    public string Name => name;
}

/// <summary>Bounds on the items of a list, or on the members of a dictionary.</summary>
public sealed class ItemsAttribute(int min, int max = int.MaxValue) : WireRuleAttribute
{
    /// <summary>At least.</summary>
    public int Min => min;

    /// <summary>At most.</summary>
    public int Max => max;
}

/// <summary>No two items of the list are equal.</summary>
public sealed class UniqueItemsAttribute : WireRuleAttribute;

/// <summary>The names that a dictionary may have.</summary>
public sealed class KeysAttribute(string pattern) : WireRuleAttribute
{
    /// <summary>A regular expression.</summary>
    public string Pattern => pattern;
}

/// <summary>A query parameter that may be given only once.</summary>
public sealed class OnceAttribute : WireRuleAttribute;

/// <summary>Members that the record does not have are accepted and dropped.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class OpenAttribute : Attribute;

/// <summary>From a version on unknown query parameters are refused; before it they are dropped.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class StrictQueryAttribute : Attribute
{
    /// <summary>The first minor version that refuses.</summary>
    public int Since { get; init; }

    /// <summary>Names that begin so are always dropped; null for none.</summary>
    public string? DroppedPrefix { get; init; }
}

/// <summary>A wire type whose JSON form no attribute can say (one of several shapes): it builds its own schema.</summary>
public interface IWireType
{
    /// <summary>The checks in order; the first refusal is the answer.</summary>
    static abstract IReadOnlyList<Check> Checks(Microversion version);
}
