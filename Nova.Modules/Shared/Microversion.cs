using System.Globalization;

namespace Nova.Modules.Shared;

/// <summary>A microversion such as 2.90. See https://docs.openstack.org/api-guide/compute/microversions.html.</summary>
/// <param name="Major">2 for Compute, 1 for Placement.</param>
/// <param name="Minor">0 stands for the unversioned <c>/v2</c> tree.</param>
public readonly record struct Microversion(int Major, int Minor) : IComparable<Microversion>
{
    /// <summary>The <c>/v2</c> tree: no microversions, unknown members dropped.</summary>
    public static readonly Microversion Legacy = new(2, 0);

    /// <summary>The oldest Compute microversion.</summary>
    public static readonly Microversion Min = new(2, 1);

    /// <summary>The newest Compute microversion.</summary>
    public static readonly Microversion Max = new(2, 104);

    /// <inheritdoc />
    public int CompareTo(Microversion other) => Major != other.Major ? Major.CompareTo(other.Major) : Minor.CompareTo(other.Minor);

    /// <summary>Orders by major, then minor.</summary>
    public static bool operator <(Microversion left, Microversion right) => left.CompareTo(right) < 0;

    /// <summary>Orders by major, then minor.</summary>
    public static bool operator >(Microversion left, Microversion right) => left.CompareTo(right) > 0;

    /// <summary>Orders by major, then minor.</summary>
    public static bool operator <=(Microversion left, Microversion right) => left.CompareTo(right) <= 0;

    /// <summary>Orders by major, then minor.</summary>
    public static bool operator >=(Microversion left, Microversion right) => left.CompareTo(right) >= 0;

    /// <summary>Reads <c>MAJOR.MINOR</c> without leading zeros; false for anything else.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out Microversion version)
    {
        version = default;
        var dot = text.IndexOf('.');
        if (dot <= 0 || !TryNumber(text[..dot], out var major) || major == 0 || !TryNumber(text[(dot + 1)..], out var minor))
            return false;

        version = new(major, minor);
        return true;
    }

    /// <inheritdoc />
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Major}.{Minor}");

    private static bool TryNumber(ReadOnlySpan<char> digits, out int number) =>
        int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out number)
        && (digits.Length == 1 || digits[0] != '0');
}

/// <summary>The member, route or rule exists from this minor version on.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field, Inherited = false)]
public sealed class SinceAttribute(int minor) : Attribute
{
    /// <summary>The first minor version, inclusive.</summary>
    public int Minor => minor;
}

/// <summary>The member, route or rule exists up to and including this minor version.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field, Inherited = false)]
public sealed class UntilAttribute(int minor) : Attribute
{
    /// <summary>The last minor version, inclusive.</summary>
    public int Minor => minor;
}
