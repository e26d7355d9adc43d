using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Nova.Modules.Shared.Http;

/// <summary>
/// Tells browsers which pages of other origins may call the APIs (https://www.w3.org/TR/2020/SPSD-cors-20200602/). A preflight
/// carries no token, so it is answered before anything else: with 200, as the original's middleware does, also when it is refused.
/// </summary>
public sealed class CrossOrigin(RequestDelegate next, CorsSettings settings, ILoggerFactory loggers)
{
    private readonly CorsService _cors = new(Options.Create(new CorsOptions()), loggers);
    private readonly CorsPolicy _policy = PolicyOf(settings);

    /// <summary>Answers a preflight, or adds the headers to the answer of the request.</summary>
    public Task InvokeAsync(HttpContext http)
    {
        _cors.ApplyResult(_cors.EvaluatePolicy(http, _policy), http.Response);
        if (!HttpMethods.IsOptions(http.Request.Method))
            return next(http);

        http.Response.StatusCode = StatusCodes.Status200OK;
        return Task.CompletedTask;
    }

    private static CorsPolicy PolicyOf(CorsSettings settings) => new CorsPolicyBuilder()
        .WithOrigins([.. settings.Origins])
        .WithHeaders([.. settings.AllowHeaders])
        .WithExposedHeaders([.. settings.ExposeHeaders])
        .WithMethods("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD")
        .SetPreflightMaxAge(TimeSpan.FromSeconds(settings.MaxAge))
        .Build();
}
