using System.Globalization;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;
using Nova.Modules.Shared.Http.Validation;

namespace Nova.Modules.Retention;

/// <summary>What to remove.</summary>
public sealed record PurgeRequest
{
    /// <summary>What ended before it.</summary>
    [Required, Format("date-time")]
    public string Before { get; set; } = "";

    /// <summary>Only counts.</summary>
    [NotNull]
    public Loose<bool>? DryRun { get; set; }
}

/// <summary>What was removed, or would be, by kind.</summary>
public sealed record PurgeResponse(string Before, bool DryRun, IReadOnlyDictionary<string, long> Rows);

/// <summary>Removes rows by hand: the settings of retention do it by themselves.</summary>
public sealed class PurgeEndpoints(RetentionSweep retention) : IEndpoints
{
    /// <inheritdoc />
    public void Map(Routes routes) => routes.Post("/purge", Purge).Requires("nova_host:purge");

    private async Task<Answer> Purge(RequestContext caller, CancellationToken ct)
    {
        var request = await caller.Body<PurgeRequest>(ct);
        var before = DateTimeOffset.Parse(request.Before, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
        var dryRun = request.DryRun?.Value ?? false;
        var removed = await retention.Remove(before, dryRun, ct);
        return Answer.Json(new PurgeResponse(WireTime.Seconds(before.ToUnixTimeMilliseconds()), dryRun, removed.ToDictionary(kind => kind.Kind, kind => kind.Rows)));
    }
}
