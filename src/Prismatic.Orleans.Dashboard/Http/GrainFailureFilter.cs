using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Prismatic.Supervision;

namespace Prismatic.Dashboard;

/// <summary>Turns what the cluster could not answer into a problem that says so, with no text of the failure itself.</summary>
internal sealed partial class GrainFailureFilter(ILogger<GrainFailureFilter> log) : IEndpointFilter
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(2);

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        http.Response.Headers.CacheControl = "no-store";
        try
        {
            return await next(context);
        }
        catch (GrainUnansweredException failure)
        {
            LogUnanswered(failure, failure.What, http.Request.Method, http.Request.Path);
            var why = failure.TimedOut ? "the grain did not answer in time" : "the grain that knows it failed or cannot be reached";
            return Unavailable(http, $"{failure.What} is not available: {why}.", RetryAfter);
        }
        catch (ControlRefusedException refused)
        {
            LogRefused(refused, http.Request.Path);
            return Problems.Of(StatusCodes.Status403Forbidden, "Refused by the cluster", "This host may not control the tree: it holds no control key. Use the admin API of a silo.");
        }
        catch (SupervisionRefusedException refused)
        {
            LogRefused(refused, http.Request.Path);
            return Unavailable(http, refused.Message, refused.RetryAfter ?? RetryAfter);
        }
    }

    private static IResult Unavailable(HttpContext http, string sentence, TimeSpan retryAfter)
    {
        http.Response.Headers.RetryAfter = Math.Max(1, (long)Math.Ceiling(retryAfter.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        return Problems.Of(StatusCodes.Status503ServiceUnavailable, "Not available", sentence);
    }

    [LoggerMessage(1, LogLevel.Warning, "{What} could not be served to {Method} {Path}.")]
    private partial void LogUnanswered(Exception exception, string what, string method, string? path);

    [LoggerMessage(2, LogLevel.Warning, "The cluster refused a call made for {Path}.")]
    private partial void LogRefused(Exception exception, string? path);
}
