using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Nova.Modules.Shared;

/// <summary>
/// A sentence for people: a template with named arguments. The English template is its key in the catalogue of another
/// language. Written as an interpolated string, whose expressions become the names:
/// <c>Message.Of($"Instance {serverId} could not be found.")</c> has the template "Instance {serverId} could not be found.".
/// </summary>
public sealed record Message
{
    /// <summary>The English text with <c>{name}</c> where an argument stands; braces of the text itself are doubled.</summary>
    public required string Template { get; init; }

    /// <summary>The arguments in the order in which the template names them.</summary>
    public IReadOnlyList<MessageArgument> Arguments { get; init; } = [];

    /// <summary>Captures the template and the arguments of an interpolated string.</summary>
    public static Message Of(MessageTemplate template) => template.ToMessage();

    /// <summary>A text that somebody else worded (a library, a hypervisor) and that no catalogue knows.</summary>
    public static Message Verbatim(string text) => new() { Template = Escape(text) };

    /// <summary>The English sentence.</summary>
    public override string ToString() => Render(Template);

    /// <summary>The sentence in another language, given that language's template.</summary>
    public string Render(string template)
    {
        var text = new StringBuilder(template.Length + 32);
        for (var i = 0; i < template.Length; i++)
        {
            var c = template[i];
            if (c is '{' or '}' && i + 1 < template.Length && template[i + 1] == c)
            {
                text.Append(c);
                i++;
            }
            else if (c == '{' && template.IndexOf('}', i) is var end and > 0)
            {
                text.Append(Value(template.AsSpan(i + 1, end - i - 1)));
                i = end;
            }
            else
            {
                text.Append(c);
            }
        }

        return text.ToString();
    }

    /// <summary>Two messages are equal when they say the same in English.</summary>
    public bool Equals(Message? other) => other is not null && ToString() == other.ToString();

    /// <inheritdoc />
    public override int GetHashCode() => ToString().GetHashCode(StringComparison.Ordinal);

    internal static string Escape(string text) => text.Replace("{", "{{", StringComparison.Ordinal).Replace("}", "}}", StringComparison.Ordinal);

    private string Value(ReadOnlySpan<char> name)
    {
        foreach (var argument in Arguments)
            if (name.SequenceEqual(argument.Name))
                return argument.Value;

        return $"{{{name}}}";
    }
}

/// <summary>One argument of a <see cref="Message"/>, already as text in the invariant culture.</summary>
public sealed record MessageArgument(string Name, string Value);

/// <summary>What the compiler fills when <see cref="Message.Of"/> is called with <c>$"…"</c>.</summary>
[InterpolatedStringHandler]
public readonly struct MessageTemplate
{
    private readonly StringBuilder _template;
    private readonly List<MessageArgument> _arguments;
    private readonly List<string> _expressions;

    /// <summary>Called by the compiler.</summary>
    public MessageTemplate(int literalLength, int formattedCount)
    {
        _template = new(literalLength + formattedCount * 12);
        _arguments = new(formattedCount);
        _expressions = new(formattedCount);
    }

    /// <summary>Called by the compiler for each literal part.</summary>
    public void AppendLiteral(string text) => _template.Append(Message.Escape(text));

    /// <summary>Called by the compiler for each expression, with the expression's own text as its name.</summary>
    public void AppendFormatted<T>(T value, [CallerArgumentExpression(nameof(value))] string expression = "")
    {
        var known = _expressions.IndexOf(expression);
        if (known < 0)
        {
            known = _expressions.Count;
            _expressions.Add(expression);
            _arguments.Add(new(Unused(NameOf(expression)), value is IFormattable f ? f.ToString(null, CultureInfo.InvariantCulture) : value?.ToString() ?? ""));
        }

        _template.Append('{').Append(_arguments[known].Name).Append('}');
    }

    // Numbered by what was written, never by the values, because the template is a key.
    private string Unused(string name)
    {
        var unused = name;
        for (var n = 2; _arguments.Exists(a => a.Name == unused); n++)
            unused = name + n.ToString(CultureInfo.InvariantCulture);
        return unused;
    }

    internal Message ToMessage() => new() { Template = _template.ToString(), Arguments = _arguments };

    // "request.Flavor.Id" is named "Id"; "Join(names)" is named "Join".
    private static string NameOf(string expression)
    {
        var end = expression.IndexOfAny(['(', '[', '?', '!', ' ']);
        var path = end > 0 ? expression[..end] : expression;
        var name = path[(path.LastIndexOf('.') + 1)..].Trim('"', '@');
        return name.Length == 0 || !name.All(c => char.IsLetterOrDigit(c) || c == '_') ? "value" : name;
    }
}
