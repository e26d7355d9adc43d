using System.Collections.Frozen;
using System.Text.Json;
using Nova.Modules.Shared;

namespace Nova.Modules.Operations;

/// <summary>The kinds of operations that this release knows, and the rows that begin them.</summary>
public sealed class OperationRows(IEnumerable<IOperation> operations, TimeProvider time, SecretBox secrets)
{
    private readonly FrozenDictionary<(string, int), IOperation> _operations = operations.ToFrozenDictionary(o => (o.Kind, o.Version));

    internal JsonSerializerOptions Json { get; } = StateJson.With(secrets);

    /// <summary>The row of a new operation that starts at its first step.</summary>
    /// <param name="start">Who asks for what.</param>
    /// <param name="state">The operation's state.</param>
    /// <param name="epoch">The server's fencing token.</param>
    /// <param name="owner">The incarnation of the conductor that will drive it.</param>
    /// <param name="step">The step to begin with; null for the first.</param>
    public OperationRow New(OperationStart start, object state, long epoch, Guid owner, string? step = null)
    {
        var operation = Newest(start.Kind) ?? throw new InvalidOperationException($"There is no operation '{start.Kind}'.");
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        return new()
        {
            Id = start.Id,
            ServerId = start.ServerId,
            ProjectId = start.ProjectId,
            UserId = start.Caller.UserId,
            RequestId = start.Caller.RequestId,
            Action = start.Action,
            Kind = operation.Kind,
            KindVersion = operation.Version,
            WrittenBy = Release.Version,
            Status = OperationStatus.Running,
            Step = step ?? operation.Describe()[0].Name,
            State = operation.WriteState(state, Json),
            Caller = JsonSerializer.Serialize(start.Caller, StateJson.Options),
            Steps = start.Kept is null ? "{}" : JsonSerializer.Serialize(new OperationProgress { Kept = start.Kept }, StateJson.Options),
            Owner = owner,
            Epoch = epoch,
            WaitsFor = start.WaitsFor,
            StartedAt = now,
            UpdatedAt = now,
            Origin = new(state, start.Caller, start.Kept),
        };
    }

    /// <summary>True when the operation has done a step from whose end on it only goes forward.</summary>
    public bool IsPastReturn(OperationRow row) =>
        Find(row.Kind, row.KindVersion) is { } operation
        && operation.Describe().TakeWhile(s => s.Name != row.Step).Any(s => s.PointOfNoReturn);

    internal IOperation? Find(string kind, int version) => _operations.GetValueOrDefault((kind, version));

    private IOperation? Newest(string kind) =>
        _operations.Where(o => o.Key.Item1 == kind).OrderByDescending(o => o.Key.Item2).Select(o => o.Value).FirstOrDefault();
}
