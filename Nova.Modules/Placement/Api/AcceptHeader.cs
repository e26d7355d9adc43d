using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Nova.Modules.Placement.Api;

/// <summary>What media types a client takes.</summary>
internal sealed class AcceptHeader
{
    private readonly IList<MediaTypeHeaderValue> _ranges;

    private AcceptHeader(bool isOpen, IList<MediaTypeHeaderValue> ranges) => (IsOpen, _ranges) = (isOpen, ranges);

    /// <summary>True when anything is welcome: no header, or only a star.</summary>
    public bool IsOpen { get; }

    public static AcceptHeader Of(HttpRequest request)
    {
        var text = request.Headers.Accept.ToString();
        if (text.Length == 0 || text == "*/*")
            return new(true, []);

        return new(false, MediaTypeHeaderValue.TryParseList(request.Headers.Accept.ToArray()!, out var ranges) ? ranges : []);
    }

    /// <summary>How welcome a type is, 0 (not) to 1, by the most specific range that covers it.</summary>
    public double Quality(string type)
    {
        if (IsOpen)
            return 1;

        var wanted = new MediaTypeHeaderValue(type);
        return _ranges.Where(range => wanted.IsSubsetOf(range)).OrderBy(range => range.MatchesAllTypes ? 2 : range.MatchesAllSubTypes ? 1 : 0)
            .Select(range => range.Quality ?? 1).FirstOrDefault();
    }
}
