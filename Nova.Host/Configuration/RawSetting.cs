namespace Nova.Host.Configuration;

/// <summary>What one source says about one key, before anybody knows whether the key exists.</summary>
/// <param name="Key"><c>section.name</c>, lower case.</param>
/// <param name="Value">The value as written.</param>
/// <param name="Source">Where it stands, for people: a file's path, an environment variable, an option.</param>
public sealed record RawSetting(string Key, RawValue Value, string Source);

/// <summary>A value as a source writes it: a text, a list of texts, or texts by name. All null is JSON's null.</summary>
public sealed record RawValue(string? Text, IReadOnlyList<string>? Items = null, IReadOnlyDictionary<string, string>? Members = null)
{
    /// <summary>As messages print it.</summary>
    public override string ToString() =>
        Items is not null ? $"[{string.Join(", ", Items)}]"
        : Members is not null ? $"{{{string.Join(", ", Members.Select(m => $"{m.Key}: {m.Value}"))}}}"
        : Text is null ? "null" : $"'{Text}'";
}

/// <summary>One thing that is wrong with the settings.</summary>
/// <param name="Key">The key.</param>
/// <param name="Value">The value as written, masked where it is a secret.</param>
/// <param name="Source">Where it was written.</param>
/// <param name="Reason">What is wrong and what is allowed.</param>
public sealed record SettingsProblem(string Key, string Value, string Source, string Reason)
{
    /// <summary>One line for people.</summary>
    public override string ToString() => $"{Key} = {Value} ({Source}): {Reason}";
}

/// <summary>The settings cannot be used; the message lists everything that is wrong with them.</summary>
public sealed class SettingsException(IReadOnlyList<SettingsProblem> problems)
    : Exception($"The settings cannot be used:{string.Concat(problems.Select(problem => $"\n  {problem}"))}")
{
    /// <summary>What is wrong, in the order of the sources.</summary>
    public IReadOnlyList<SettingsProblem> Problems => problems;
}
