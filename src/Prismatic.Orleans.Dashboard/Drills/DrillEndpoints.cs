using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Prismatic.Drills;

namespace Prismatic.Dashboard;

/// <summary>Drills over HTTP. Off, and answered with 404, unless the silos were built with AddSupervisionDrills.</summary>
internal static class DrillEndpoints
{
    private const int LargestFile = 256 * 1024;

    public static void Map(RouteGroupBuilder api)
    {
        api.MapPost("/drills", Start)
            .Changes<object>(LargestFile)
            .WithSummary("Starts a drill: the body is the drill file. Off unless the silos switch drills on.")
            .WithDescription("Answers 202 as soon as it runs; ask for it by its id. Faults are injected into the running workers. One drill at a time.")
            .Produces<DrillWire>(StatusCodes.Status202Accepted).ProducesProblem(404).ProducesProblem(409);
        api.MapGet("/drills/{id}", Get)
            .WithSummary("A drill: where it stands, and its report when it is over.")
            .Produces<DrillWire>().ProducesProblem(404).ProducesProblem(503);
    }

    private static async Task<IResult> Start(HttpContext context, SupervisionGrains grains)
    {
        var (file, problem) = await JsonBody.ReadText(context.Request);
        if (file is null)
        {
            return problem!;
        }

        await grains.Note(JsonBody.By(context.User), "drill asked for", $"{file.Length} characters", "");
        var start = await grains.StartDrill(file);
        if (start.Off)
        {
            return Problems.NotFound("Drills are switched off on this cluster.");
        }

        if (start.Busy is { } busy)
        {
            return Problems.Of(StatusCodes.Status409Conflict, "Another drill runs", $"The drill '{busy.Name}' ({busy.Id}) must end first: two at once would count each other's crashes.");
        }

        if (start.Started is not { } started)
        {
            return JsonBody.Mistakes("The drill file is not valid", start.Mistakes);
        }

        context.Response.Headers.Location = $"{SupervisionRoutes.Root}/api/drills/{started.Id}";
        return TypedResults.Json(DrillWire.Of(started), SupervisionJson.Default.DrillWire, statusCode: StatusCodes.Status202Accepted);
    }

    private static async Task<IResult> Get(string id, SupervisionGrains grains, CancellationToken stop) =>
        await grains.Drill(id, stop) is { } drill
            ? SupervisionJson.Ok(DrillWire.Of(drill), SupervisionJson.Default.DrillWire)
            : Problems.NotFound("There is no such drill; the last 20 are kept, on the silo where they ran.");
}

/// <summary>One drill.</summary>
internal sealed record DrillWire
{
    /// <summary>Its id.</summary>
    public required string Id { get; init; }

    /// <summary>The name from its file.</summary>
    public required string Name { get; init; }

    /// <summary><c>running</c>, <c>passed</c>, <c>failed</c> or <c>broken</c>.</summary>
    public required string Status { get; init; }

    /// <summary>What it does now, in a sentence.</summary>
    public required string Progress { get; init; }

    /// <summary>Why it could not be carried out; null unless broken.</summary>
    public string? Trouble { get; init; }

    /// <summary>The report; null until it is over.</summary>
    public JsonElement? Report { get; init; }

    public static DrillWire Of(DrillView drill)
    {
        JsonElement? report = null;
        if (drill.Report is { } text)
        {
            using var document = JsonDocument.Parse(text);
            report = document.RootElement.Clone();
        }

        return new DrillWire
        {
            Id = drill.Id,
            Name = drill.Name,
            Status = drill.Status.ToString().ToLowerInvariant(),
            Progress = drill.Progress,
            Trouble = drill.Trouble,
            Report = report,
        };
    }
}
