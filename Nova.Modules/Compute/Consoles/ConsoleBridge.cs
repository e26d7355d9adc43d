namespace Nova.Modules.Compute.Consoles;

/// <summary>Carries bytes between two ends of a console.</summary>
public static class ConsoleBridge
{
    /// <summary>Until either end closes or breaks, or cancelled; the ends are the caller's to dispose of.</summary>
    public static async Task Join(IConsoleStream one, IConsoleStream other, CancellationToken ct)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(ct);
        Task[] ways = [Copy(one, other, over.Token), Copy(other, one, over.Token)];
        await Task.WhenAny(ways);
        await over.CancelAsync();
        foreach (var way in ways)
            await way.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        ct.ThrowIfCancellationRequested();
    }

    private static async Task Copy(IConsoleStream from, IConsoleStream to, CancellationToken ct)
    {
        while (await from.Read(ct) is { Length: > 0 } bytes)
            await to.Write(bytes, ct);
    }
}
