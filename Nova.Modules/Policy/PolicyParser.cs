using System.Text;

namespace Nova.Modules.Policy;

/// <summary>
/// Compiles the rule language of oslo.policy: <c>role:</c>, <c>rule:</c>, attributes of the caller against a literal or an
/// attribute of the target (<c>project_id:%(project_id)s</c>), <c>@</c>, <c>!</c>, <c>and</c>, <c>or</c>, <c>not</c>,
/// parentheses. <c>not</c> binds closest, then <c>and</c>, then <c>or</c>.
/// </summary>
internal sealed class PolicyParser
{
    private readonly string _rule;
    private readonly List<string> _tokens;
    private int _next;

    private PolicyParser(string rule) => (_rule, _tokens) = (rule, Split(rule));

    /// <summary>The rule as a delegate.</summary>
    /// <exception cref="FormatException">Not of the language; says what is wrong.</exception>
    public static PolicyCheck Compile(string rule)
    {
        if (rule.Length == 0)
            return static (in PolicyQuestion _) => true;

        var parser = new PolicyParser(rule);
        var check = parser.Or();
        return parser._next == parser._tokens.Count ? check : throw parser.Wrong($"'{parser._tokens[parser._next]}' is one too many");
    }

    private PolicyCheck Or()
    {
        var left = And();
        while (Take("or"))
        {
            var (first, second) = (left, And());
            left = (in PolicyQuestion q) => first(q) || second(q);
        }

        return left;
    }

    private PolicyCheck And()
    {
        var left = Not();
        while (Take("and"))
        {
            var (first, second) = (left, Not());
            left = (in PolicyQuestion q) => first(q) && second(q);
        }

        return left;
    }

    private PolicyCheck Not()
    {
        if (!Take("not"))
            return Atom();

        var check = Not();
        return (in PolicyQuestion q) => !check(q);
    }

    private PolicyCheck Atom()
    {
        if (_next == _tokens.Count)
            throw Wrong("it ends too early");

        if (Take("("))
        {
            var inner = Or();
            return Take(")") ? inner : throw Wrong("a parenthesis is not closed");
        }

        var token = _tokens[_next++];
        return token switch
        {
            "@" => static (in PolicyQuestion _) => true,
            "!" => static (in PolicyQuestion _) => false,
            _ when token.IndexOf(':', StringComparison.Ordinal) is var colon and > 0 => Compare(token[..colon], token[(colon + 1)..]),
            _ => throw Wrong($"'{token}' is not KIND:VALUE"),
        };
    }

    private PolicyCheck Compare(string kind, string match)
    {
        if (kind == "rule")
            return (in PolicyQuestion q) => q.Ask(match);
        if (kind == "http" || kind == "https")
            throw Wrong("checks by a remote service are not supported");

        var right = match.StartsWith("%(", StringComparison.Ordinal) && match.EndsWith(")s", StringComparison.Ordinal)
            ? PolicyAttributes.OfTarget(match[2..^2])
            : (in PolicyQuestion _) => match;
        if (kind == "role")
            return (in PolicyQuestion q) => right(q) is { } role && q.Caller.HasRole(role);

        var left = kind is ['\'', .., '\''] or ['"', .., '"'] ? Literal(kind[1..^1]) : PolicyAttributes.OfCaller(kind) ?? Literal(kind);
        return (in PolicyQuestion q) => left(q) is { } value && right(q) is { } expected && value == expected;
    }

    private static PolicyAttribute Literal(string text) => (in PolicyQuestion _) => text;

    private bool Take(string token)
    {
        if (_next == _tokens.Count || !_tokens[_next].Equals(token, StringComparison.OrdinalIgnoreCase))
            return false;

        _next++;
        return true;
    }

    private FormatException Wrong(string why) => new($"The rule \"{_rule}\" cannot be read: {why}.");

    // Parentheses may stick to words, except those of %(name)s.
    private static List<string> Split(string rule)
    {
        var tokens = new List<string>();
        var word = new StringBuilder();
        for (var i = 0; i < rule.Length; i++)
        {
            if (rule[i] == '%' && i + 1 < rule.Length && rule[i + 1] == '(' && rule.IndexOf(')', i) is var end and > 0)
            {
                word.Append(rule, i, end - i + 1);
                i = end;
            }
            else if (rule[i] is '(' or ')' || char.IsWhiteSpace(rule[i]))
            {
                Flush();
                if (!char.IsWhiteSpace(rule[i]))
                    tokens.Add(rule[i].ToString());
            }
            else
            {
                word.Append(rule[i]);
            }
        }

        Flush();
        return tokens;

        void Flush()
        {
            if (word.Length > 0)
                tokens.Add(word.ToString());
            word.Clear();
        }
    }
}
