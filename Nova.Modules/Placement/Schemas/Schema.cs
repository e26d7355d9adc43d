using System.Buffers;
using System.Text.Json;

namespace Nova.Modules.Placement.Schemas;

/// <summary>
/// What a body or a query of the Placement API may be, as a list of JSON Schema keywords in the order in which the original
/// names them (the order decides which of several faults a client is told). Accepting is compiled once; only what was
/// refused is walked again, by <see cref="SchemaRefusal"/>, for the sentence.
/// </summary>
public sealed class Schema
{
    private readonly Func<JsonElement, bool>[] _accepts;

    /// <summary>A schema of these keywords.</summary>
    public Schema(params Keyword[] keywords)
    {
        Keywords = keywords;
        Document = Write(keywords);
        _accepts = [.. keywords.Select(k => k.Compile(this)).OfType<Func<JsonElement, bool>>()];
    }

    /// <summary>In order.</summary>
    public IReadOnlyList<Keyword> Keywords { get; }

    /// <summary>The schema as JSON.</summary>
    public JsonElement Document { get; }

    /// <summary>True when the value fits.</summary>
    public bool Accepts(JsonElement value)
    {
        foreach (var accept in _accepts)
            if (!accept(value))
                return false;

        return true;
    }

    /// <summary>The same schema with further or other keywords; a keyword of the same name is replaced in its place.</summary>
    public Schema With(params Keyword[] keywords)
    {
        var all = Keywords.ToList();
        foreach (var keyword in keywords)
        {
            var at = all.FindIndex(k => k.Name == keyword.Name);
            if (at < 0)
                all.Add(keyword);
            else
                all[at] = keyword;
        }

        return new([.. all]);
    }

    /// <summary>The keyword of this kind, or null.</summary>
    internal T? Find<T>() where T : Keyword => Keywords.OfType<T>().FirstOrDefault();

    private static JsonElement Write(Keyword[] keywords)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            foreach (var keyword in keywords)
            {
                writer.WritePropertyName(keyword.Name);
                keyword.Write(writer);
            }

            writer.WriteEndObject();
        }

        return JsonSerializer.Deserialize<JsonElement>(buffer.WrittenSpan);
    }
}
