using Nova.Modules.Compute.Wire;
using Nova.Modules.Shared;

namespace Nova.Modules.Compute.Link;

/// <summary>What the guests of a host ask a conductor about their passwords, over one stream.</summary>
internal sealed class PasswordQuestions
{
    private readonly Dictionary<long, TaskCompletionSource<PasswordAnswer>> _waiting = [];
    private readonly Lock _gate = new();
    private long _number;
    private bool _ended;

    /// <summary>Asks, and waits for the answer.</summary>
    /// <exception cref="Fault">503: the stream is over. Whatever the conductor answers.</exception>
    public async Task<PasswordAnswer> Ask(Guid serverId, string? text, Action<FromHost> post, CancellationToken ct)
    {
        var answer = new TaskCompletionSource<PasswordAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
        var question = new PasswordQuestion { ServerId = serverId.ToString() };
        if (text is not null)
            question.Text = text;
        lock (_gate)
        {
            if (_ended)
                throw Lost();
            question.Number = ++_number;
            _waiting[question.Number] = answer;
        }

        try
        {
            post(new() { Password = question });
            var answered = await answer.Task.WaitAsync(ct);
            return LinkJson.ReadFault(answered.Fault) is { } fault ? throw fault : answered;
        }
        finally
        {
            lock (_gate)
                _waiting.Remove(question.Number);
        }
    }

    /// <summary>The conductor has answered.</summary>
    public void Take(PasswordAnswer answer)
    {
        lock (_gate)
            if (_waiting.TryGetValue(answer.Number, out var waiting))
                waiting.TrySetResult(answer);
    }

    /// <summary>The stream is over: nobody is answered any more.</summary>
    public void End()
    {
        lock (_gate)
        {
            _ended = true;
            foreach (var waiting in _waiting.Values)
                waiting.TrySetException(Lost());
        }
    }

    private static Fault Lost() => Fault.Unavailable($"The service is temporarily unavailable.");
}
