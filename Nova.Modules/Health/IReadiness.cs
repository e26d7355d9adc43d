namespace Nova.Modules.Health;

/// <summary>One thing without which this process cannot serve.</summary>
public interface IReadiness
{
    /// <summary>Such as <c>database</c>.</summary>
    string Name { get; }

    /// <summary>What is wrong with it, in a sentence, or null.</summary>
    ValueTask<string?> Problem(CancellationToken ct);
}
