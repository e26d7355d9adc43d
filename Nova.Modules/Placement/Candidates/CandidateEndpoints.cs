using Microsoft.AspNetCore.WebUtilities;
using Nova.Modules.Placement.Api;
using Nova.Modules.Shared.Http;

namespace Nova.Modules.Placement.Candidates;

/// <summary>What could be allocated: https://docs.openstack.org/api-ref/placement/#allocation-candidates.</summary>
internal sealed class CandidateEndpoints(CandidateService candidates, TimeProvider time) : IEndpoints
{
    /// <inheritdoc />
    public void Map(Routes routes) =>
        routes.Get("/allocation_candidates", PlacementRequests.GivesJson(List)).Since(10).Requires("placement:allocation_candidates:list");

    private async Task<Answer> List(RequestContext caller, CancellationToken ct)
    {
        var pairs = Pairs(caller);
        caller.CheckQuery(CandidateForms.All, pairs);
        var minor = caller.Version.Minor;
        var found = await candidates.Find(CandidateQuery.Parse(pairs, minor), ct);
        var answer = new Answer(200)
        {
            ContentType = "application/json",
            Stream = (response, gone) => CandidateWriter.Write(found, minor, response.BodyWriter, gone),
        };
        return answer.Dated(caller, time.GetUtcNow().ToUnixTimeMilliseconds());
    }

    // Suffixes differ by case, which the framework's view of the query does not tell.
    private static List<KeyValuePair<string, string>> Pairs(RequestContext caller)
    {
        var pairs = new List<KeyValuePair<string, string>>();
        foreach (var pair in new QueryStringEnumerable(caller.Http.Request.QueryString.Value))
            pairs.Add(new(pair.DecodeName().ToString(), pair.DecodeValue().ToString()));
        return pairs;
    }
}
