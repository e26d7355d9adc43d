namespace Nova.Drivers.Hypervisor.Libvirt.Disks;

/// <summary>
/// Runs work once for all who ask for it at the same time. It is cancelled when the last of them has lost interest, and
/// not before.
/// </summary>
internal sealed class SharedWork
{
    private readonly Dictionary<string, Running> _running = [];
    private readonly Lock _gate = new();

    /// <summary>Waits for the work under this key, starting it when nobody else has.</summary>
    public async Task Run(string key, Func<CancellationToken, Task> work, CancellationToken ct)
    {
        var running = Join(key, work);
        try
        {
            await running.Task!.WaitAsync(ct);
        }
        finally
        {
            Leave(running);
        }
    }

    private Running Join(string key, Func<CancellationToken, Task> work)
    {
        lock (_gate)
        {
            _running.TryGetValue(key, out var running);
            if (running is not { Waiting: > 0 })
            {
                // One that everybody has left is on its way out: the next begins when it has ended.
                var previous = running?.Task ?? Task.CompletedTask;
                _running[key] = running = new();
                running.Task = Task.Run(() => Work(key, running, previous, work));
            }

            running.Waiting++;
            return running;
        }
    }

    private async Task Work(string key, Running running, Task previous, Func<CancellationToken, Task> work)
    {
        await previous.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        try
        {
            await work(running.Stop.Token);
        }
        finally
        {
            lock (_gate)
                if (_running.GetValueOrDefault(key) == running)
                    _running.Remove(key);
        }
    }

    private void Leave(Running running)
    {
        lock (_gate)
            if (--running.Waiting > 0)
                return;

        running.Stop.Cancel();
    }

    private sealed class Running
    {
        public Task? Task { get; set; }

        public CancellationTokenSource Stop { get; } = new();

        public int Waiting { get; set; }
    }
}
