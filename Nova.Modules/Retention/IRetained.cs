using Nova.Modules.Shared.Database;

namespace Nova.Modules.Retention;

/// <summary>Rows of one kind that nobody needs after some time.</summary>
public interface IRetained
{
    /// <summary>What they are, for people and as the name in answers: <c>servers</c>.</summary>
    string Name { get; }

    /// <summary>How many days they are kept; 0 is for ever.</summary>
    int Days(RetentionOptions options);

    /// <summary>Removes rows that ended before a time (milliseconds since 1970 UTC), the oldest first and at most <see cref="Purge.SliceRows"/>; returns how many.</summary>
    int RemoveSlice(Tx tx, long before);

    /// <summary>How many there are to remove.</summary>
    Task<long> Count(Rows rows, long before);
}
