using Orleans.Runtime;

namespace Prismatic.Silo;

/// <summary>The three probes. Open to anybody, so they say nothing but their state.</summary>
internal static class Health
{
    public static void MapHealth(this WebApplication app)
    {
        var health = app.MapGroup("/health").AllowAnonymous();
        health.MapGet("/live", () => Answer(true, "live"));
        health.MapGet("/startup", (IHostApplicationLifetime lifetime) => Answer(lifetime.ApplicationStarted.IsCancellationRequested, "started"));
        health.MapGet("/ready", (IHostApplicationLifetime lifetime, ISiloStatusOracle silo) =>
            Answer(!lifetime.ApplicationStopping.IsCancellationRequested && silo.CurrentStatus == SiloStatus.Active, "ready"));
    }

    private static IResult Answer(bool yes, string state) => yes
        ? Results.Text(state)
        : Results.Text($"not {state}", statusCode: StatusCodes.Status503ServiceUnavailable);
}
