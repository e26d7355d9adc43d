using Nova.Tests.Support;

namespace Nova.Tests.Placement.Candidates;

/// <summary>A cloud without hosts: Placement has nothing in it but what a test puts there.</summary>
public class EmptyCloud : TestCloud
{
    /// <inheritdoc />
    protected override IReadOnlyDictionary<string, string> Changed { get; } = new Dictionary<string, string> { ["compute.hosts"] = "0" };
}
