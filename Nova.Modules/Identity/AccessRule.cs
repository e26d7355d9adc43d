namespace Nova.Modules.Identity;

/// <summary>One kind of request that an application credential lets its holder make.</summary>
/// <param name="Id">As identity names it.</param>
/// <param name="Service">The type of the service, such as <c>compute</c>.</param>
/// <param name="Method">GET, POST …</param>
/// <param name="Path">A path in which <c>*</c> and <c>{name}</c> stand for at least one character of a segment, and <c>**</c> for anything.</param>
public sealed record AccessRule(string Id, string Service, string Method, string Path)
{
    private enum Part
    {
        Literal,
        OneOfSegment,
        RestOfSegment,
        Anything,
    }

    /// <summary>True when this rule is for such a request.</summary>
    public bool Allows(string service, string method, string path) => Service == service && Method == method && Matches(path);

    /// <summary>True when the path is one of those that the rule means. The time is bounded by the product of both lengths, whatever they hold.</summary>
    public bool Matches(string path)
    {
        var pattern = Compile(Path);
        var (now, next) = (new bool[pattern.Count + 1], new bool[pattern.Count + 1]);
        now[0] = true;
        Skip(pattern, now);
        foreach (var character in path)
        {
            Array.Clear(next);
            for (var i = 0; i < pattern.Count; i++)
            {
                var (part, literal) = pattern[i];
                if (!now[i] || (part == Part.Literal ? character != literal : part != Part.Anything && character == '/'))
                    continue;

                next[part is Part.RestOfSegment or Part.Anything ? i : i + 1] = true;
            }

            Skip(pattern, next);
            (now, next) = (next, now);
        }

        return now[^1];
    }

    // What may stand for nothing lets through what has come so far.
    private static void Skip(List<(Part Part, char Literal)> pattern, bool[] states)
    {
        for (var i = 0; i < pattern.Count; i++)
            if (states[i] && pattern[i].Part is (Part.RestOfSegment or Part.Anything))
                states[i + 1] = true;
    }

    private static List<(Part Part, char Literal)> Compile(string text)
    {
        var pattern = new List<(Part, char)>(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '*' && i + 1 < text.Length && text[i + 1] == '*')
            {
                pattern.Add((Part.Anything, default));
                i++;
            }
            else if (text[i] == '*' || (text[i] == '{' && text.IndexOf('}', i) > 0))
            {
                pattern.Add((Part.OneOfSegment, default));
                pattern.Add((Part.RestOfSegment, default));
                if (text[i] == '{')
                    i = text.IndexOf('}', i);
            }
            else
            {
                pattern.Add((Part.Literal, text[i]));
            }
        }

        return pattern;
    }
}
