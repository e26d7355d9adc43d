using System.Text.RegularExpressions;
using Nova.Modules.Shared;

namespace Nova.Modules.Servers.List;

/// <summary>
/// What a list is narrowed to: exact comparisons in SQL, expressions of users in .NET on what SQL leaves. User input is
/// never part of the SQL text.
/// </summary>
public sealed class ServerFilter
{
    private readonly List<string> _conditions = ["cell = 0"];
    private readonly List<Func<Server, bool>> _tests = [];

    /// <summary>The values of <see cref="Sql"/>.</summary>
    public Dictionary<string, object?> Values { get; } = [];

    /// <summary>True when no server can pass.</summary>
    public bool IsEmpty { get; private set; }

    /// <summary>True when rows have to be looked at one by one.</summary>
    public bool HasTests => _tests.Count > 0;

    /// <summary>After WHERE.</summary>
    public string Sql => string.Join(" AND ", _conditions);

    /// <summary>No server passes.</summary>
    public void Refuse() => IsEmpty = true;

    /// <summary>A condition without values.</summary>
    public void Where(string condition) => _conditions.Add(condition);

    /// <summary>A condition with the value <c>@name</c>.</summary>
    public void Where(string condition, string name, object value)
    {
        _conditions.Add(condition);
        Values[name] = value;
    }

    /// <summary>A column has this value; null is not asked.</summary>
    public void Equal(string column, string? value)
    {
        if (value is not null)
            Where($"{column} = @{column}", column, value);
    }

    /// <summary>A column has one of these values.</summary>
    public void In(string column, IReadOnlyList<string> values)
    {
        var names = values.Select((_, i) => $"@{column}{i}").ToList();
        _conditions.Add(values.Count == 0 ? "FALSE" : $"{column} IN ({string.Join(", ", names)})");
        for (var i = 0; i < values.Count; i++)
            Values[$"{column}{i}"] = values[i];
    }

    /// <summary>A test on the row.</summary>
    public void Test(Func<Server, bool> test) => _tests.Add(test);

    /// <summary>An expression is found in a text of the row; null is not asked. The text null is no text.</summary>
    public void Matches(string? expression, Func<Server, string?> text)
    {
        if (expression is null)
            return;

        var regex = Expression(expression);
        Test(server => text(server) is { } value && regex.IsMatch(value));
    }

    /// <summary>True when the row passes every test.</summary>
    public bool Passes(Server server) => _tests.TrueForAll(test => test(server));

    /// <summary>A user's expression, matched in time linear in the text.</summary>
    /// <exception cref="Fault">400: not an expression, or one that needs backtracking.</exception>
    public static Regex Expression(string expression)
    {
        try
        {
            return new(expression, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            throw Fault.BadRequest($"The filter '{expression}' is not a regular expression that can be matched: back-references and look-around are not supported.");
        }
    }
}
