namespace Nova.Modules.Rpc;

/// <summary>
/// The time that a call has: the caller's token, the deadline, a second token. Makes nothing when there is only one
/// token.
/// </summary>
internal readonly struct CallScope : IDisposable
{
    private readonly CancellationTokenSource? _deadline;
    private readonly CancellationTokenSource? _linked;

    public CallScope(TimeSpan? timeout, TimeProvider time, CancellationToken caller, CancellationToken second = default)
    {
        if (timeout is { } wait)
            _deadline = new(wait > TimeSpan.Zero ? RpcText.Clamp(wait.Ticks) : TimeSpan.Zero, time);
        if (_deadline is not null || second.CanBeCanceled)
            _linked = CancellationTokenSource.CreateLinkedTokenSource(caller, second, _deadline?.Token ?? default);

        Caller = caller;
        Token = _linked?.Token ?? caller;
    }

    public CancellationToken Caller { get; }

    /// <summary>Fires for whatever comes first.</summary>
    public CancellationToken Token { get; }

    public bool IsOver => _deadline is { IsCancellationRequested: true };

    public static RpcStatus Expired => new(RpcCode.DeadlineExceeded, "The deadline of the call has passed.");

    public void Dispose()
    {
        _linked?.Dispose();
        _deadline?.Dispose();
    }
}
