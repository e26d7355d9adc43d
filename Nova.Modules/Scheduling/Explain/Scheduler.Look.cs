namespace Nova.Modules.Scheduling;

public sealed partial class Scheduler
{
    /// <summary>Looks at the picture on the thread that owns it, between two passes; has to leave it as it was, and to be quick.</summary>
    internal Task<T> Look<T>(Func<Chooser, T> look)
    {
        if (Volatile.Read(ref _stopping) != 0)
            throw Stopped();

        var looking = new Looking<T>(look);
        Post(looking);
        if (Volatile.Read(ref _stopping) != 0)
            looking.Refuse(Stopped());
        return looking.Result;
    }

    private abstract class Looking
    {
        public abstract void At(Chooser chooser);

        public abstract void Refuse(Exception why);
    }

    private sealed class Looking<T>(Func<Chooser, T> look) : Looking
    {
        private readonly TaskCompletionSource<T> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<T> Result => _result.Task;

        public override void At(Chooser chooser)
        {
            try
            {
                chooser.Begin();
                _result.TrySetResult(look(chooser));
            }
#pragma warning disable CA1031 // Whatever a filter threw goes to who asked; the thread serves the others.
            catch (Exception e)
#pragma warning restore CA1031
            {
                _result.TrySetException(e);
            }
        }

        public override void Refuse(Exception why) => _result.TrySetException(why);
    }
}
