namespace Nova.Modules.Shared.Http;

/// <summary>What only this program has, below <c>/nova-host/v1</c>: operations, the audit. Faults look like Compute's.</summary>
public sealed class NovaHostSurface : ApiSurface
{
    /// <summary>The name under which endpoints of this surface are registered.</summary>
    public const string Key = "nova-host";

    /// <summary>Where its routes are.</summary>
    public const string Prefix = "/nova-host/v1";

    /// <inheritdoc />
    public override string Name => Key;

    /// <inheritdoc />
    public override Answer Render(Fault fault, RequestContext? caller)
    {
        var status = (int)fault.Kind;
        var answer = Answer.Json(new Dictionary<string, object> { [Fault.NameOf(fault.Kind)] = new { code = status, message = fault.Text.ToString() } }, status);
        return fault.RetryAfterSeconds is { } seconds ? answer.With("Retry-After", $"{seconds}") : answer;
    }
}
