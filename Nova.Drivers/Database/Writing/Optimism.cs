namespace Nova.Drivers.Database.Writing;

/// <summary>
/// Whether the next batch may run on assumptions. A batch that runs twice costs more than one that never assumed anything, so
/// after failures in a row some batches do without: none after the first, then one, three, seven, and at most fifteen.
/// </summary>
internal sealed class Optimism
{
    private const int MostBatches = 16;

    private int _pause = 1;
    private int _left;

    /// <summary>True when the next batch may; asked once for each.</summary>
    public bool MayTry => _left == 0 || _left-- < 0;

    /// <summary>A batch had to run again.</summary>
    public void Failed() => (_left, _pause) = (_pause - 1, Math.Min(MostBatches, _pause * 2));

    /// <summary>A batch went well.</summary>
    public void Succeeded() => _pause = 1;
}
