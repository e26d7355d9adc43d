namespace Nova.Tests.Support;

/// <summary>Waits for what the outside world does, where there is no event to wait for.</summary>
public static class Eventually
{
    /// <summary>How long anything may take before a test gives up: generous, since emulated guests are slow.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(180);

    /// <summary>Looks until it is so; fails when the limit is over.</summary>
    public static async Task Is(Func<Task<bool>> isSo)
    {
        using var limit = new CancellationTokenSource(Limit);
        while (!await isSo())
            await Task.Delay(TimeSpan.FromMilliseconds(100), limit.Token);
    }
}
