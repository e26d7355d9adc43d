using System.Text.Json;

namespace Nova.Modules.Shared.Http.Validation;

/// <summary>The first thing that is wrong with a body or a query, in the words of the original's schema library.</summary>
public sealed class Refusal(string message, JsonElement value)
{
    private string? _inner, _outer;

    /// <summary>The whole sentence, for a rule that words it itself; else null.</summary>
    public string? Sentence { get; init; }

    /// <summary>Adds the member or the index through which the value was reached, from the inside out.</summary>
    public Refusal In(string name)
    {
        _inner ??= name;
        _outer = name;
        return this;
    }

    /// <summary>What a client reads about a body.</summary>
    public string ForBody() => Sentence ?? (_inner is null
        ? message
        : $"Invalid input for field/attribute {_inner}. Value: {PythonText.Plain(value)}. {message}");

    /// <summary>What a client reads about a query.</summary>
    public string ForQuery() => Sentence ?? (_outer is null
        ? message
        : $"Invalid input for query parameters {_outer}. Value: {PythonText.Plain(value)}. {message}");
}
