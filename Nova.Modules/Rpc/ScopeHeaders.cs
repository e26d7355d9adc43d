using System.Net.Http.Headers;
using Microsoft.AspNetCore.Http;
using Nova.Modules.Shared;

namespace Nova.Modules.Rpc;

/// <summary>A <see cref="LogScope"/> among the headers of a call, so that what another process logs for a request can be found by its id.</summary>
internal static class ScopeHeaders
{
    private const string Request = "nova-request-id", Project = "nova-project-id", Server = "nova-server-id", Operation = "nova-operation-id";

    private const int Longest = 255;

    public static void Write(HttpRequestHeaders headers)
    {
        if (LogScope.Current is not { } scope)
            return;

        Add(Request, scope.RequestId);
        Add(Project, scope.ProjectId);
        Add(Server, scope.ServerId?.ToString());
        Add(Operation, scope.OperationId?.ToString());

        void Add(string name, string? value)
        {
            if (IsSafe(value))
                headers.TryAddWithoutValidation(name, value);
        }
    }

    public static LogScope Read(IHeaderDictionary headers) => new()
    {
        RequestId = Text(headers, Request),
        ProjectId = Text(headers, Project),
        ServerId = Id(headers, Server),
        OperationId = Id(headers, Operation),
    };

    private static string? Text(IHeaderDictionary headers, string name) => headers.TryGetValue(name, out var values) && IsSafe(values.ToString()) ? values.ToString() : null;

    private static Guid? Id(IHeaderDictionary headers, string name) => Guid.TryParse(Text(headers, name), out var id) ? id : null;

    private static bool IsSafe(string? value) => value is { Length: > 0 and <= Longest } && !value.AsSpan().ContainsAnyExceptInRange('!', '~');
}
