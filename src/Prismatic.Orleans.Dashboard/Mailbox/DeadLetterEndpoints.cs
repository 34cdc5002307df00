using System.ComponentModel;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Prismatic.Mailbox;
using Prismatic.Runtime;

namespace Prismatic.Dashboard;

/// <summary>Poisonous requests: listed, replayed after a fix, or discarded.</summary>
internal static class DeadLetterEndpoints
{
    private const int LargestPage = 500;

    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/dead-letters", List)
            .WithSummary("Requests that crash their worker each time they are sent, seen last first. Arguments are redacted.")
            .Produces<DeadLetterPageWire>().ProducesProblem(400).ProducesProblem(503);
        api.MapPost("/dead-letters/{id}/replay", Replay)
            .Changes<ReasonRequest>()
            .WithSummary("Sends the kept request to its worker again, through all gates. The id is percent-encoded as one segment.")
            .WithDescription("Only of workers that keep their requests (ReplayDeadLetters), and only when nothing in the request looks like a secret: 409 says why not. One that is served is over, and the kept request is deleted.")
            .Produces<DeadLetterWire>().ProducesProblem(404).ProducesProblem(409);
        api.MapPost("/dead-letters/{id}/discard", Discard)
            .Changes<ReasonRequest>()
            .WithSummary("Deletes a dead letter and the request kept with it.")
            .Produces(StatusCodes.Status204NoContent).ProducesProblem(404);
    }

    private static async Task<IResult> List(
        [Description("A child's or a supervisor's path: only the letters of it and of what is below.")] string? under,
        [Description("At most this many, 1 to 500; 50 when left out.")] string? limit,
        SupervisionGrains grains,
        CancellationToken stop)
    {
        var (most, wrong) = Sent.Limit(limit, 50, LargestPage);
        if ((Sent.Under(under) ?? wrong) is { } mistake)
        {
            return Problems.BadQuery(mistake);
        }

        var list = await grains.DeadLetters(under ?? "", most, stop);
        return SupervisionJson.Ok(new DeadLetterPageWire { Items = [.. list.Letters.Select(DeadLetterWire.Of)], Dropped = list.Dropped }, SupervisionJson.Default.DeadLetterPageWire);
    }

    private static async Task<IResult> Replay(string id, HttpContext context, SupervisionGrains grains)
    {
        var exact = RawSegment.Read(context, fromEnd: 1);
        var (reason, problem) = await ReasonRequest.Read(context.Request);
        if (reason is null)
        {
            return problem!;
        }

        var by = JsonBody.By(context.User);
        await grains.Note(by, "dead letter replayed", exact, reason);
        try
        {
            return await grains.Replay(exact, by) is { } letter
                ? SupervisionJson.Ok(DeadLetterWire.Of(letter), SupervisionJson.Default.DeadLetterWire)
                : Problems.NotFound($"There is no dead letter '{exact}'.");
        }
        catch (InvalidOperationException refused)
        {
            return Problems.Of(StatusCodes.Status409Conflict, "It cannot be replayed", refused.Sentence());
        }
    }

    private static async Task<IResult> Discard(string id, HttpContext context, SupervisionGrains grains)
    {
        var exact = RawSegment.Read(context, fromEnd: 1);
        var (reason, problem) = await ReasonRequest.Read(context.Request);
        if (reason is null)
        {
            return problem!;
        }

        await grains.Note(JsonBody.By(context.User), "dead letter discarded", exact, reason);
        return await grains.Discard(exact) ? TypedResults.NoContent() : Problems.NotFound($"There is no dead letter '{exact}'.");
    }
}

/// <summary>Why somebody does what the call does.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record ReasonRequest
{
    /// <summary>1 to 500 characters.</summary>
    public string? Reason { get; init; }

    public static async Task<(string? Reason, IResult? Problem)> Read(HttpRequest request)
    {
        var (body, problem) = await JsonBody.Read(request, SupervisionJson.Default.ReasonRequest, "reason");
        if (body is null)
        {
            return (null, problem);
        }

        var (reason, mistake) = Sent.Reason(body.Reason);
        return (reason, mistake is null ? null : Problems.BadBody(mistake));
    }
}

/// <summary>Dead letters.</summary>
internal sealed record DeadLetterPageWire
{
    /// <summary>The letters, seen last first.</summary>
    public required DeadLetterWire[] Items { get; init; }

    /// <summary>Letters that there was no room for.</summary>
    public required long Dropped { get; init; }
}

/// <summary>One dead letter.</summary>
internal sealed record DeadLetterWire
{
    /// <summary>Its id.</summary>
    public required string Id { get; init; }

    /// <summary>The child that it was sent to.</summary>
    public required string Child { get; init; }

    /// <summary>The method.</summary>
    public required string Method { get; init; }

    /// <summary>The arguments, redacted.</summary>
    public required DeadLetterArgumentWire[] Arguments { get; init; }

    /// <summary>What it ended with, redacted.</summary>
    public required string Failure { get; init; }

    /// <summary>The correlation id of the last time.</summary>
    public required string CorrelationId { get; init; }

    /// <summary>How often it was sent since it was recognised.</summary>
    public required long Count { get; init; }

    /// <summary>When it was recognised.</summary>
    public required DateTimeOffset FirstSeen { get; init; }

    /// <summary>When it was sent last.</summary>
    public required DateTimeOffset LastSeen { get; init; }

    /// <summary>Whether it can be replayed.</summary>
    public required bool Replayable { get; init; }

    /// <summary>Why not; null when it can.</summary>
    public required string? NotReplayable { get; init; }

    /// <summary>The last replay, or null.</summary>
    public required DeadLetterReplayWire? LastReplay { get; init; }

    public static DeadLetterWire Of(DeadLetter letter) => new()
    {
        Id = letter.Id,
        Child = letter.Child,
        Method = letter.Method,
        Arguments = [.. letter.Arguments.Select(argument => new DeadLetterArgumentWire(argument.Name, argument.Type, argument.Value))],
        Failure = letter.Failure,
        CorrelationId = letter.CorrelationId,
        Count = letter.Count,
        FirstSeen = letter.FirstSeen,
        LastSeen = letter.LastSeen,
        Replayable = letter.NotReplayable is null,
        NotReplayable = letter.NotReplayable,
        LastReplay = letter.LastReplay is { } replay ? new DeadLetterReplayWire(replay.At, replay.By, replay.Failure is null, replay.Failure) : null,
    };
}

/// <summary>An argument, redacted.</summary>
internal sealed record DeadLetterArgumentWire(string Name, string Type, string Value);

/// <summary>What came of a replay.</summary>
internal sealed record DeadLetterReplayWire(DateTimeOffset At, string By, bool Served, string? Failure);
