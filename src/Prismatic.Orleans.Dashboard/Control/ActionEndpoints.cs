using System.ComponentModel;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Prismatic.Control;

namespace Prismatic.Dashboard;

/// <summary>What operators do, and the audit of it.</summary>
internal static class ActionEndpoints
{
    private const int LargestPage = 200;

    public static void Map(RouteGroupBuilder api)
    {
        api.MapPost("/actions", Submit)
            .Changes<ActionRequest>()
            .WithSummary("Restarts, resets, stops or starts a child; isolates or closes a breaker.")
            .WithDescription("Answers 202 when the action is stored with its audit entry; it is carried out also when every silo is killed then. The same idempotencyKey names the same action. When the child has another incarnation than the one named, the answer is 409 and nothing changes.")
            .Produces<ActionWire>(StatusCodes.Status202Accepted).ProducesProblem(404).ProducesProblem(409);
        api.MapGet("/actions/{id}", Get)
            .WithSummary("An action, and what became of it.")
            .Produces<ActionWire>().ProducesProblem(404).ProducesProblem(503);
        api.MapGet("/audit", Audit)
            .WithSummary("What people asked of this cluster, newest first.")
            .Produces<AuditPageWire>().ProducesProblem(400).ProducesProblem(503);
    }

    private static async Task<IResult> Submit(HttpContext context, SupervisionGrains grains)
    {
        var (body, problem) = await JsonBody.Read(context.Request, SupervisionJson.Default.ActionRequest, "action, target, reason, idempotencyKey, and optionally incarnation and durationSeconds");
        if (body is null)
        {
            return problem!;
        }

        var (order, mistake) = body.ToOrder(JsonBody.By(context.User));
        if (order is null)
        {
            return Problems.BadBody(mistake!);
        }

        var answer = await grains.Submit(order);
        return answer.Problem switch
        {
            OrderProblem.None => await Accepted(context, grains, answer.Action!),
            OrderProblem.UnknownTarget => Problems.NotFound(answer.Text),
            OrderProblem.KeyInUse => Problems.Of(StatusCodes.Status409Conflict, "The idempotency key is in use", answer.Text),
            _ => Problems.BadBody(answer.Text),
        };
    }

    /// <summary>An action is mostly over in a moment: one that was refused is a conflict, which is better told at once than asked for.</summary>
    private static async Task<IResult> Accepted(HttpContext context, SupervisionGrains grains, OperatorAction action)
    {
        action = await grains.Settled(action, context.RequestAborted);
        if (action.Status == OperatorActionStatus.Refused)
        {
            return TypedResults.Problem(action.Outcome, statusCode: StatusCodes.Status409Conflict, title: "Refused", extensions: new Dictionary<string, object?> { ["action"] = action.Id });
        }

        context.Response.Headers.Location = $"{SupervisionRoutes.Root}/api/actions/{action.Id}";
        return TypedResults.Json(ActionWire.Of(action), SupervisionJson.Default.ActionWire, statusCode: StatusCodes.Status202Accepted);
    }

    private static async Task<IResult> Get(string id, SupervisionGrains grains, CancellationToken stop) =>
        await grains.Action(id, stop) is { } action
            ? SupervisionJson.Ok(ActionWire.Of(action), SupervisionJson.Default.ActionWire)
            : Problems.NotFound($"There is no action '{id}'.");

    private static async Task<IResult> Audit(
        [Description("Only entries with a smaller number; the value of next of the page before.")] string? before,
        [Description("At most this many, 1 to 200; 50 when left out.")] string? limit,
        SupervisionGrains grains,
        CancellationToken stop)
    {
        var (from, wrong) = Sent.Before(before);
        var (most, tooMany) = Sent.Limit(limit, 50, LargestPage);
        if ((wrong ?? tooMany) is { } mistake)
        {
            return Problems.BadQuery(mistake);
        }

        var entries = await grains.Audit(from, most, stop);
        return SupervisionJson.Ok(
            new AuditPageWire { Items = [.. entries.Select(AuditWire.Of)], Next = entries.Length == most && entries[^1].Number > 1 ? entries[^1].Number : null },
            SupervisionJson.Default.AuditPageWire);
    }
}

/// <summary>An order as it is sent.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record ActionRequest
{
    /// <summary><c>restart</c>, <c>reset</c>, <c>stop</c>, <c>start</c>, <c>isolate</c> or <c>close</c>.</summary>
    public string? Action { get; init; }

    /// <summary>A child's path; of isolate and close, a breaker's target.</summary>
    public string? Target { get; init; }

    /// <summary>The incarnation of the child that was seen.</summary>
    public long? Incarnation { get; init; }

    /// <summary>How long isolate lasts; 300 when left out, at most 86,400.</summary>
    public double? DurationSeconds { get; init; }

    /// <summary>Why.</summary>
    public string? Reason { get; init; }

    /// <summary>Names the order, so that sending it again is no second one.</summary>
    public string? IdempotencyKey { get; init; }

    public (OperatorOrder? Order, string? Mistake) ToOrder(string by)
    {
        if (Sent.Named<OperatorActionKind>(Action) is not { } kind)
        {
            return (null, $"'action' is '{Action}'; it must be one of restart, reset, stop, start, isolate, close.");
        }

        if (DurationSeconds is { } seconds && (kind != OperatorActionKind.Isolate || !(seconds > 0 && seconds <= 86_400)))
        {
            return (null, $"'durationSeconds' is {seconds}; it belongs to isolate, and must be more than 0 and at most 86400.");
        }

        var order = new OperatorOrder
        {
            Kind = kind,
            Target = Target ?? "",
            Incarnation = Incarnation,
            Reason = Reason ?? "",
            By = by,
            IdempotencyKey = IdempotencyKey ?? "",
        };
        return (DurationSeconds is { } given ? order with { Duration = TimeSpan.FromSeconds(given) } : order, null);
    }
}

/// <summary>An action.</summary>
internal sealed record ActionWire
{
    /// <summary>Its id.</summary>
    public required string Id { get; init; }

    /// <summary>What was asked for.</summary>
    public required string Action { get; init; }

    /// <summary>Of what.</summary>
    public required string Target { get; init; }

    /// <summary>The incarnation that was seen.</summary>
    public required long? Incarnation { get; init; }

    /// <summary>Why.</summary>
    public required string Reason { get; init; }

    /// <summary>Who.</summary>
    public required string By { get; init; }

    /// <summary>Where it stands.</summary>
    [JsonConverter(typeof(JsonStringEnumConverter<OperatorActionStatus>))]
    public required OperatorActionStatus Status { get; init; }

    /// <summary>What came of it.</summary>
    public required string Outcome { get; init; }

    /// <summary>When it was accepted.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>When it was over.</summary>
    public required DateTimeOffset? EndedAt { get; init; }

    public static ActionWire Of(OperatorAction action) => new()
    {
        Id = action.Id,
        Action = action.Order.Kind.ToString().ToLowerInvariant(),
        Target = action.Order.Target,
        Incarnation = action.Order.Incarnation,
        Reason = action.Order.Reason,
        By = action.Order.By,
        Status = action.Status,
        Outcome = action.Outcome,
        At = action.At,
        EndedAt = action.EndedAt,
    };
}

/// <summary>A page of the audit.</summary>
internal sealed record AuditPageWire
{
    /// <summary>The entries, newest first.</summary>
    public required AuditWire[] Items { get; init; }

    /// <summary>What to ask the next page with, as <c>before</c>; null when this is the last.</summary>
    public required long? Next { get; init; }
}

/// <summary>One entry of the audit.</summary>
internal sealed record AuditWire
{
    /// <summary>1 for the first.</summary>
    public required long Number { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Who.</summary>
    public required string By { get; init; }

    /// <summary>What.</summary>
    public required string What { get; init; }

    /// <summary>Of what.</summary>
    public required string Subject { get; init; }

    /// <summary>Why.</summary>
    public required string Reason { get; init; }

    /// <summary>The action behind it, or null.</summary>
    public required string? Action { get; init; }

    /// <summary>What became of that action.</summary>
    [JsonConverter(typeof(JsonStringEnumConverter<OperatorActionStatus>))]
    public required OperatorActionStatus? Status { get; init; }

    public static AuditWire Of(AuditEntry entry) => new()
    {
        Number = entry.Number,
        At = entry.At,
        By = entry.By,
        What = entry.What,
        Subject = entry.Subject,
        Reason = entry.Reason,
        Action = entry.Action,
        Status = entry.Status,
    };
}
