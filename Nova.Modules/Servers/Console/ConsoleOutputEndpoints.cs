using System.Text.RegularExpressions;
using Nova.Modules.Hosts;
using Nova.Modules.Shared.Http;
using Nova.Modules.Shared.Http.Validation;

namespace Nova.Modules.Servers.Console;

/// <summary>https://docs.openstack.org/api-ref/compute/#show-console-output-os-getconsoleoutput-action.</summary>
public sealed partial class ConsoleOutputEndpoints(ServerAccess access, IHostConsoles consoles) : IEndpoints
{
    private const string Rule = "os_compute_api:os-console-output";

    /// <inheritdoc />
    public void Map(Routes routes) => routes.Action("/servers/{id}/action", "os-getConsoleOutput", Output).Requires(Rule);

    private async Task<Answer> Output(RequestContext caller, CancellationToken ct)
    {
        var lines = (await caller.Body<ConsoleOutputRequest>(ct)).Options.Length?.Value;
        var server = await access.Load(caller, caller.Route("id"), Rule, ct);
        Transitions.ConsoleOutput.Check(caller, server);
        var text = await consoles.Read(server.HostId!.Value, server.Id, lines is null or < 0 ? null : lines, ct);
        return Answer.Json(new ConsoleOutputResponse(Unprintable().Replace(Last(text, lines), "")));
    }

    // A log that ends with a line feed has an empty last line, which the original counts as one of those asked for.
    private static string Last(string text, int? lines)
    {
        if (lines is not > 0)
            return lines == 0 ? "" : text;

        var start = text.Length;
        for (var n = lines; n > 0; n--)
        {
            start = start > 0 ? text.LastIndexOf('\n', start - 1) : -1;
            if (start < 0)
                return text;
        }

        return text[(start + 1)..];
    }

    // What a terminal would take as a command; line feeds and tabs stay.
    [GeneratedRegex(@"[\x00-\x08\x0B-\x1F]")]
    private static partial Regex Unprintable();
}

/// <summary>The action os-getConsoleOutput.</summary>
public sealed record ConsoleOutputRequest
{
    /// <summary>How much.</summary>
    [Required, WireName("os-getConsoleOutput")]
    public ConsoleOutputOptions Options { get; set; } = null!;
}

/// <summary>How much of a console log is read.</summary>
public sealed record ConsoleOutputOptions
{
    /// <summary>Lines from the end; absent, null and -1 are all.</summary>
    [Pattern("^-?[0-9]+$"), Range(-1)]
    public Loose<int>? Length { get; set; }
}

/// <summary>The console log.</summary>
public sealed record ConsoleOutputResponse(string Output);
