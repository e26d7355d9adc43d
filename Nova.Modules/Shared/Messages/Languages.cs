using System.Collections.Frozen;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Nova.Modules.Shared.Messages;

/// <summary>
/// Sentences in the language that a client prefers. A catalogue is a file <c>LANGUAGE.json</c> beside this one: an object
/// whose names are English templates, which are the keys, and whose values say the same with the same placeholders. What a
/// catalogue lacks is said in the client's next language, at last in English.
/// </summary>
public static class Languages
{
    private const string Folder = "messages/";
    private const int MostRanges = 20;

    private static readonly FrozenDictionary<string, Lazy<FrozenDictionary<string, string>>> Catalogues = typeof(Languages).Assembly.GetManifestResourceNames()
        .Where(name => name.StartsWith(Folder, StringComparison.Ordinal))
        .ToFrozenDictionary(name => Path.GetFileNameWithoutExtension(name), name => new Lazy<FrozenDictionary<string, string>>(() => Load(name)), StringComparer.OrdinalIgnoreCase);

    /// <summary>The languages beside English.</summary>
    public static IEnumerable<string> All => Catalogues.Keys;

    /// <summary>The catalogue of a language: English template to that language's.</summary>
    public static IReadOnlyDictionary<string, string> Catalogue(string language) => Catalogues[language].Value;

    /// <summary>The message in the language that the header prefers, and which that is; null when it is to be said in English.</summary>
    public static (Message Message, string Language)? Translate(Message message, StringValues acceptLanguage)
    {
        if (acceptLanguage.Count == 0 || !StringWithQualityHeaderValue.TryParseList(acceptLanguage, out var ranges))
            return null;

        foreach (var range in ranges.Take(MostRanges).Where(range => range.Quality is not 0).OrderByDescending(range => range.Quality ?? 1))
        {
            var tag = range.Value.ToString();
            if (tag == "*" || Primary(tag).Equals("en", StringComparison.OrdinalIgnoreCase))
                return null;
            foreach (var language in (ReadOnlySpan<string>)[tag, Primary(tag)])
                if (Catalogues.TryGetValue(language, out var catalogue) && catalogue.Value.TryGetValue(message.Template, out var template))
                    return (message with { Template = template }, language.ToLowerInvariant());
        }

        return null;
    }

    /// <summary>A sentence that is a part of a document, in the language of the request; caches are told that it depends on it.</summary>
    public static string Say(HttpContext http, Message message)
    {
        if (Translate(message, http.Request.Headers.AcceptLanguage) is not { } said)
            return message.ToString();

        DependsOnLanguage(http);
        return said.Message.ToString();
    }

    /// <summary>A fault whose sentence is all that there is to read: the answer is in that language.</summary>
    public static Fault Say(HttpContext http, Fault fault)
    {
        if (Translate(fault.Text, http.Request.Headers.AcceptLanguage) is not { } said)
            return fault;

        DependsOnLanguage(http);
        http.Response.OnStarting(() =>
        {
            http.Response.Headers.ContentLanguage = said.Language;
            return Task.CompletedTask;
        });
        return fault.Saying(said.Message);
    }

    // Late, because each API sets Vary for its versions when it writes the answer.
    private static void DependsOnLanguage(HttpContext http) => http.Response.OnStarting(() =>
    {
        var vary = http.Response.Headers.Vary.ToString();
        if (!vary.Contains(HeaderNames.AcceptLanguage, StringComparison.Ordinal))
            http.Response.Headers.Vary = vary.Length == 0 ? HeaderNames.AcceptLanguage : $"{vary}, {HeaderNames.AcceptLanguage}";
        return Task.CompletedTask;
    });

    private static string Primary(string tag) => tag.Split('-', 2)[0];

    private static FrozenDictionary<string, string> Load(string resource)
    {
        using var stream = typeof(Languages).Assembly.GetManifestResourceStream(resource)!;
        return JsonSerializer.Deserialize<Dictionary<string, string>>(stream)!.ToFrozenDictionary(StringComparer.Ordinal);
    }
}
