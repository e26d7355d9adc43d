using System.Text;

namespace Nova.Tests.Secrets;

/// <summary>Words that stand nowhere else, one for each secret that a client or operator gives, and the search for them.</summary>
internal sealed class Canaries
{
    private readonly Dictionary<string, string> _words = [];

    /// <summary>The word for an input; letters and digits, so that no encoding changes it but base64.</summary>
    public string Of(string input) => _words.TryGetValue(input, out var word) ? word : _words[input] = $"Canary{_words.Count:x2}{Guid.NewGuid():N}";

    /// <summary>A secret that the service made up.</summary>
    public void Learn(string input, string word) => _words[input] = word;

    /// <summary>Which inputs are found in these bytes, plain or in base64.</summary>
    public IEnumerable<string> FoundIn(byte[] bytes, Func<string, bool>? ignore = null)
    {
        var text = Encoding.Latin1.GetString(bytes);
        return _words.Where(word => ignore?.Invoke(word.Key) != true && Forms(word.Value).Any(form => text.Contains(form, StringComparison.Ordinal))).Select(word => word.Key);
    }

    // In base64 a word looks different at each of three positions; what its neighbours have no part in is searched.
    private static IEnumerable<string> Forms(string word)
    {
        yield return word;
        yield return Convert.ToHexString(Encoding.UTF8.GetBytes(word)).ToLowerInvariant();
        for (var shift = 0; shift < 3; shift++)
        {
            var packed = Convert.ToBase64String(Encoding.UTF8.GetBytes(new string(' ', shift) + word));
            yield return packed[(shift == 0 ? 0 : 4)..(packed.Length / 4 * 4 - 8)];
        }
    }
}
