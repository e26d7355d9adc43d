namespace Nova.Modules.Scheduling.Explain;

/// <summary>Answers from the picture of this process: small questions on its thread, large ones on a copy.</summary>
public sealed class Explainer(Scheduler scheduler, SchedulerOptions options, TimeProvider time) : IExplainer, IDisposable
{
    /// <summary>On the scheduler's own thread only so many hosts are looked at one by one.</summary>
    private const int FittedBesideChoices = 100;

    // One copy at a time: that of a large cloud takes tens of megabytes.
    private readonly SemaphoreSlim _oneCopy = new(1);

    /// <inheritdoc />
    public Task<Verdict> DryRun(PlacementRequest request, CancellationToken ct) =>
        scheduler.Look(chooser => chooser.Try(request, FittedBesideChoices)).WaitAsync(ct);

    /// <inheritdoc />
    public async Task<Capacity> Room(PlacementRequest one, CancellationToken ct) =>
        await scheduler.Look(chooser => chooser.HasToFill(one) ? null : chooser.Room(one, ct)).WaitAsync(ct)
        ?? await OnCopy(picture => Copy(picture).Room(one, ct), ct);

    /// <inheritdoc />
    public Task<Outcome> WhatIf(Change change, CancellationToken ct) => OnCopy(picture => new Trial(picture, options, time).Run(change, ct), ct);

    /// <inheritdoc />
    public Task<byte[]> Record(Question question, CancellationToken ct) => OnCopy(picture => Recording.Of(question, picture, options, time).ToJson(), ct);

    /// <inheritdoc />
    public void Dispose() => _oneCopy.Dispose();

    private async Task<T> OnCopy<T>(Func<PictureSnapshot, T> ask, CancellationToken ct)
    {
        await _oneCopy.WaitAsync(ct);
        try
        {
            var picture = await scheduler.Look(chooser => chooser.Picture.Export()).WaitAsync(ct);
            return await Task.Run(() => ask(picture), ct);
        }
        finally
        {
            _oneCopy.Release();
        }
    }

    private Chooser Copy(PictureSnapshot picture)
    {
        var chooser = new Chooser(options, time);
        chooser.Load(picture);
        chooser.Begin();
        return chooser;
    }
}
