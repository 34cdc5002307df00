using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Prismatic.Runtime;

namespace Prismatic.Dashboard;

internal static class EscalationEndpoints
{
    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/escalations", List)
            .WithSummary("All tickets, open ones first.")
            .Produces<TicketWire[]>().ProducesProblem(503);
        api.MapPost("/escalations/{id}/resolve", Resolve)
            .Changes<ResolveRequest>()
            .WithSummary("Resolves a ticket: the answer becomes a lesson and applies to the next crash of its kind.")
            .WithDescription("The id is percent-encoded as one segment. The change is durable when this returns; a ticket of a quarantine makes no lesson.")
            .Produces<ResolvedWire>().ProducesProblem(404).ProducesProblem(409);
    }

    /// <summary>The supervisor that keeps a ticket: the part of its id before the last colon; null when there is none.</summary>
    public static string? SupervisorOf(string ticketId)
    {
        var cut = ticketId.LastIndexOf(':');
        return cut <= 0 || cut == ticketId.Length - 1 ? null : ticketId[..cut];
    }

    private static async Task<IResult> List(SupervisionGrains grains, CancellationToken stop)
    {
        var tickets = await grains.Tickets(stop);
        return SupervisionJson.Ok([.. tickets.Select(WireMapping.ToWire)], SupervisionJson.Default.TicketWireArray);
    }

    private static async Task<IResult> Resolve(string id, HttpContext context, SupervisionGrains grains, CancellationToken stop)
    {
        var exact = RawSegment.Read(context, fromEnd: 1);
        var (body, problem) = await JsonBody.Read(context.Request, SupervisionJson.Default.ResolveRequest, "remediation, rootCause and note");
        if (body is null)
        {
            return problem!;
        }

        var (resolution, mistake) = body.ToResolution(JsonBody.By(context.User));
        if (resolution is null)
        {
            return Problems.BadBody(mistake!);
        }

        // Only ids that a supervisor has given out lead to a grain: an id made up by the caller must not activate one.
        var ticket = (await grains.Tickets(stop)).FirstOrDefault(ticket => ticket.Id == exact);
        if (ticket is null || SupervisorOf(exact) is not { } supervisor)
        {
            return Problems.NotFound($"There is no escalation '{exact}'.");
        }

        if (ticket.ResolvedAt is { } resolvedAt)
        {
            return Problems.Of(StatusCodes.Status409Conflict, "Already resolved", $"The escalation was resolved by {ticket.Resolution?.By} at {resolvedAt:u}.");
        }

        await grains.Note(resolution.By, "escalation resolved", exact, resolution.RootCause);
        try
        {
            var lesson = await grains.Resolve(supervisor, exact, resolution);
            var wire = new ResolvedWire { Id = exact, Lesson = lesson is null ? null : WireMapping.ToDetail(lesson) };
            return SupervisionJson.Ok(wire, SupervisionJson.Default.ResolvedWire);
        }
        catch (ArgumentException refused)
        {
            return Problems.Of(StatusCodes.Status409Conflict, "Refused by the supervisor", refused.Sentence());
        }
    }
}
