namespace Nova.Modules.Placement.Schemas;

/// <summary>The words in which the requests of the Placement API are defined.</summary>
internal static class Parts
{
    /// <summary>The greatest integer that the original's database holds.</summary>
    public const long MaxInteger = int.MaxValue;

    /// <summary>Names of resource classes, of any kind.</summary>
    public const string ClassPattern = "^[A-Z0-9_]+$";

    /// <summary>Names of custom resource classes and traits.</summary>
    public const string CustomPattern = "^CUSTOM_[A-Z0-9_]+$";

    /// <summary>The names of members that are UUIDs.</summary>
    public const string UuidPattern = "^[0-9a-fA-F-]{36}$";

    /// <summary>The longest name of a class, trait, project, user or consumer type, in characters.</summary>
    public const int MaxName = 255;

    public static readonly Schema Text = new(Type("string"));

    public static readonly Schema Uuid = new(Type("string"), new UuidFormatKeyword());

    public static readonly Schema Integer = new(Type("integer"));

    public static readonly Schema Identifier = new(Type("string"), MinLength(1), MaxLength(MaxName));

    public static Keyword Type(string type) => new TypeKeyword(isList: false, type);

    public static Keyword Types(params string[] types) => new TypeKeyword(isList: true, types);

    public static Keyword Members(params (string Name, Schema Schema)[] members) => new PropertiesKeyword(members);

    public static Keyword Named(params (string Pattern, Schema Schema)[] members) => new PatternPropertiesKeyword(members);

    public static Keyword Required(params string[] names) => new RequiredKeyword(names);

    public static Keyword Closed => new ClosedKeyword();

    public static Keyword MinLength(int count) => new LengthKeyword("minLength", count);

    public static Keyword MaxLength(int count) => new LengthKeyword("maxLength", count);

    public static Keyword Minimum(double bound) => new BoundKeyword("minimum", bound);

    public static Keyword Maximum(double bound) => new BoundKeyword("maximum", bound);

    public static Keyword Pattern(string expression) => new PatternKeyword(expression);
}
