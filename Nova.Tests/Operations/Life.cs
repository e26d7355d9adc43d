using Nova.Modules.Operations;

namespace Nova.Tests.Operations;

/// <summary>One life of the process. After <see cref="Kill"/> nothing that it still tries reaches the database or a host.</summary>
internal sealed class Life
{
    private readonly TaskCompletionSource _died = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Set once the runner is made.</summary>
    public OperationRunner? Runner { get; set; }

    /// <summary>True after the death.</summary>
    public bool IsDead { get; private set; }

    /// <summary>Completes with the death.</summary>
    public Task Died => _died.Task;

    /// <summary>Dies in mid-await, as a killed process does.</summary>
    public void Kill()
    {
        IsDead = true;
        Runner!.Abandon();
        _died.TrySetResult();
    }

    /// <summary>Dies, and unwinds the call in which that happens.</summary>
    public OperationCanceledException Die()
    {
        Kill();
        return new("The process died here.");
    }

    /// <summary>To be called before anything that would outlive the process.</summary>
    public void ThrowIfDead()
    {
        if (IsDead)
            throw new OperationCanceledException("The process is dead.");
    }
}
