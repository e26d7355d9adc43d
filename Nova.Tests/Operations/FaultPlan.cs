namespace Nova.Tests.Operations;

/// <summary>Where something can go wrong.</summary>
internal enum Moment
{
    /// <summary>Before a step does anything; local ones inside their unit of work.</summary>
    BeforeStep,
    /// <summary>After a step's work, before its result is saved.</summary>
    AfterStep,
    /// <summary>Before a step is undone.</summary>
    BeforeUndo,
    /// <summary>After a step was undone, before that is saved.</summary>
    AfterUndo,
    /// <summary>The host has done a step's command; the answer is not yet sent.</summary>
    AfterCommand,
    /// <summary>Before the runner's unit of work begins; named by its number from 0.</summary>
    BeforeSave,
    /// <summary>After it is durable, before the runner is told.</summary>
    AfterSave,
}

/// <summary>What goes wrong in the operation under test, and when. Empty: nothing.</summary>
internal sealed class FaultPlan
{
    private readonly Lock _gate = new();
    private readonly List<Strike> _strikes = [];
    private int _saves;

    /// <summary>How many units the runner has begun since <see cref="Clear"/>.</summary>
    public int Saves => _saves;

    /// <summary>Steps whose command is delivered twice.</summary>
    public HashSet<string> Twice { get; } = [];

    /// <summary>Units that are run, rolled back and run again.</summary>
    public HashSet<int> RunAgain { get; } = [];

    /// <summary>Units that are run and then lost, without anybody knowing.</summary>
    public HashSet<int> Torn { get; } = [];

    /// <summary>How often something struck since <see cref="Clear"/>.</summary>
    public int Struck { get; private set; }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        lock (_gate)
            (_saves, Struck) = (0, 0);
        _strikes.Clear();
        Twice.Clear();
        RunAgain.Clear();
        Torn.Clear();
    }

    /// <summary>The next <paramref name="times"/> times this moment comes in this step (of a kind, or of any), do this.</summary>
    public void On(Moment moment, string step, Func<CancellationToken, Task> strike, int times = 1, string? kind = null) =>
        _strikes.Add(new(moment, kind, step, strike) { Left = times });

    /// <summary>The same for what happens at once, which local steps can bear too.</summary>
    public void On(Moment moment, string step, Action strike, int times = 1, string? kind = null) => On(
        moment, step, _ =>
        {
            strike();
            return Task.CompletedTask;
        }, times, kind);

    /// <summary>The moment has come.</summary>
    public async Task Reach(Moment moment, string kind, string step, CancellationToken ct)
    {
        if (Take(moment, kind, step) is { } strike)
            await strike.Do(ct);
    }

    /// <summary>The same inside a unit of work, where nothing can be awaited.</summary>
    public void ReachNow(Moment moment, string kind, string step)
    {
        if (Take(moment, kind, step) is not { } strike)
            return;

        var done = strike.Do(CancellationToken.None);
        if (!done.IsCompleted)
            throw new InvalidOperationException("What strikes inside a unit of work must not wait.");
        done.GetAwaiter().GetResult();
    }

    /// <summary>The number of the unit that begins now.</summary>
    public int NextSave() => Interlocked.Increment(ref _saves) - 1;

    private Strike? Take(Moment moment, string kind, string step)
    {
        lock (_gate)
        {
            var strike = _strikes.Find(s => s.Moment == moment && s.Step == step && (s.Kind is null || s.Kind == kind) && s.Left > 0);
            if (strike is not null)
                (strike.Left, Struck) = (strike.Left - 1, Struck + 1);
            return strike;
        }
    }

    private sealed record Strike(Moment Moment, string? Kind, string Step, Func<CancellationToken, Task> Do)
    {
        public int Left { get; set; }
    }
}
