using Nova.Modules.Shared;
using Nova.Tests.Conformance;

namespace Nova.Tests.Support;

/// <summary>Checks answers against the published response schemas of the Compute API, where the reference is there.</summary>
public static class ResponseSchemas
{
    // The original lists names of hosts here, and its schema says UUIDs.
    private const string NamesNotIds = "hosts_not_run[";

    /// <summary>Fails when a successful answer of the Compute API does not fit the schema of its operation and version.</summary>
    public static void Check(string method, string path, CloudAnswer answer, string body)
    {
        if (Machine.ReasonToSkip(Need.Reference) is not null || answer.Status is < 200 or >= 300 || answer.Text.Length == 0)
            return;
        if (!answer.Headers.TryGetValue("X-OpenStack-Nova-API-Version", out var text) || !Microversion.TryParse(text, out var version))
            return;
        if (Find(method, path, body) is not { } operation)
            return;

        foreach (var schema in ApiReference.ResponseSchemas(operation.Id).Where(s => s.Holds(version)))
        {
            var problems = JsonSchema.Problems(schema.Schema, answer.Json).Where(p => !p.Contains(NamesNotIds, StringComparison.Ordinal)).ToList();
            Assert.True(problems.Count == 0, $"{operation.Id} at {version}: {string.Join("; ", problems)}\n{answer.Text}");
        }
    }

    private static ApiOperation? Find(string method, string path, string body)
    {
        if (!path.StartsWith("/v2.1/", StringComparison.Ordinal))
            return null;

        var parts = path["/v2.1".Length..].Split('/');
        return ApiReference.Operations
            .Where(o => o.Method == method && Fits(o.Path.Split('/'), parts) && (o.Action.Length == 0 || body.Contains($"\"{o.Action}\"", StringComparison.Ordinal)))
            .OrderBy(o => o.Path.Count(c => c == '{')).FirstOrDefault();
    }

    private static bool Fits(string[] template, string[] parts) =>
        template.Length == parts.Length && template.Zip(parts).All(p => p.First == p.Second || p.First.StartsWith('{'));
}
