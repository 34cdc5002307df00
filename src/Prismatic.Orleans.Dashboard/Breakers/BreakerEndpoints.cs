using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Prismatic.Breakers;

namespace Prismatic.Dashboard;

internal static class BreakerEndpoints
{
    public static void Map(RouteGroupBuilder api) =>
        api.MapGet("/breakers", List)
            .WithSummary("The breakers that are not closed.")
            .Produces<BreakerWire[]>().ProducesProblem(503);

    private static async Task<IResult> List(SupervisionGrains grains, CancellationToken stop) =>
        SupervisionJson.Ok([.. (await grains.Breakers(stop)).Select(BreakerWire.Of)], SupervisionJson.Default.BreakerWireArray);
}

/// <summary>One breaker.</summary>
internal sealed record BreakerWire
{
    /// <summary>What calls it refuses.</summary>
    public required string Target { get; init; }

    /// <summary>Its state.</summary>
    [JsonConverter(typeof(JsonStringEnumConverter<BreakerState>))]
    public required BreakerState State { get; init; }

    /// <summary>Grows each time it opens.</summary>
    public required long Epoch { get; init; }

    /// <summary>Seconds until one call is let through to see whether the target answers again.</summary>
    public required double? ProbeInSeconds { get; init; }

    /// <summary>How long the break is as a whole.</summary>
    public required double BreakSeconds { get; init; }

    /// <summary>Why it opened.</summary>
    public required string Reason { get; init; }

    public static BreakerWire Of(BreakerView breaker) => new()
    {
        Target = breaker.Target,
        State = breaker.State,
        Epoch = breaker.Epoch,
        ProbeInSeconds = breaker.ProbeIn?.TotalSeconds,
        BreakSeconds = breaker.Break.TotalSeconds,
        Reason = breaker.Reason,
    };
}
