using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Prismatic.Remediation;
using Prismatic.Runtime;

namespace Prismatic.Dashboard;

internal static class RemediationEndpoints
{
    private const int LargestCrash = 128 * 1024;

    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/remediations", Rules)
            .WithSummary("The remediation rules in the order in which they are tried, each with its sentence.")
            .Produces<RuleWire[]>().ProducesProblem(503);
        api.MapPost("/remediations", Register)
            .Changes<object>()
            .WithSummary("Registers a rule, or replaces the one with its id. The body is one rule as in a rule file.")
            .WithDescription("The rule is durable when this returns, and the answer names every silo that decides from it, and since when.")
            .Produces<ReceiptWire>().ProducesProblem(409);
        api.MapDelete("/remediations/{id}", Remove)
            .Changes()
            .WithSummary("Removes a rule that was registered or learned.")
            .Produces(StatusCodes.Status204NoContent).ProducesProblem(404).ProducesProblem(409);
        api.MapPost("/remediations/try", Try)
            .Changes<TrialRequest>(LargestCrash)
            .WithSummary("What the rules would do about a crash as .NET prints it. Changes nothing.")
            .Produces<TrialWire>();
        api.MapGet("/remediations/mode", Mode)
            .WithSummary("What remediation may do: Active, Shadow or Off.")
            .Produces<ModeWire>().ProducesProblem(503);
        api.MapPut("/remediations/mode", SetMode)
            .Changes<ModeRequest>()
            .WithSummary("The kill switch and the shadow mode, for all silos at once; durable when this returns.")
            .Produces<ReceiptWire>();
    }

    private static async Task<IResult> Rules(SupervisionGrains grains, CancellationToken stop)
    {
        var table = await grains.Rules(stop);
        return SupervisionJson.Ok([.. table.Rules.Select(WireMapping.ToWire)], SupervisionJson.Default.RuleWireArray);
    }

    private static async Task<IResult> Register(HttpContext context, SupervisionGrains grains)
    {
        var (text, problem) = await JsonBody.ReadText(context.Request);
        if (text is null)
        {
            return problem!;
        }

        var file = RuleFile.ReadOne(text);
        if (!file.IsValid)
        {
            return JsonBody.Mistakes("The rule is not valid", file.Errors.Select(error => error.ToString()));
        }

        var rule = file.Rules[0] with { Origin = RuleOrigin.Registered };
        await grains.Note(JsonBody.By(context.User), "rule registered", rule.Id, rule.Describe());
        try
        {
            return SupervisionJson.Ok(ReceiptWire.Of(await grains.Register(rule)), SupervisionJson.Default.ReceiptWire);
        }
        catch (ArgumentException refused)
        {
            return Problems.Of(StatusCodes.Status409Conflict, "Refused by the registry", refused.Sentence());
        }
    }

    private static async Task<IResult> Remove(string id, HttpContext context, SupervisionGrains grains)
    {
        var exact = RawSegment.Read(context, fromEnd: 0);
        await grains.Note(JsonBody.By(context.User), "rule removed", exact, "");
        try
        {
            return await grains.Remove(exact) ? TypedResults.NoContent() : Problems.NotFound($"There is no rule '{exact}' that was registered or learned; built-in rules, and those of the code or of a file, stay.");
        }
        catch (ArgumentException refused)
        {
            return Problems.Of(StatusCodes.Status409Conflict, "Refused by the registry", refused.Sentence());
        }
    }

    private static async Task<IResult> Try(HttpContext context, SupervisionGrains grains, CancellationToken stop)
    {
        var (body, problem) = await JsonBody.Read(context.Request, SupervisionJson.Default.TrialRequest, "exception, and optionally child");
        if (body is null)
        {
            return problem!;
        }

        if (string.IsNullOrWhiteSpace(body.Exception))
        {
            return Problems.BadBody("'exception' must be the text of an exception: type, message, inner exceptions, stack.");
        }

        try
        {
            return SupervisionJson.Ok(TrialWire.Of(await grains.Try(body.Exception, body.Child ?? "", stop)), SupervisionJson.Default.TrialWire);
        }
        catch (ArgumentException refused)
        {
            return Problems.BadBody($"'exception' cannot be read: {refused.Sentence()}");
        }
    }

    private static async Task<IResult> Mode(SupervisionGrains grains, CancellationToken stop)
    {
        var table = await grains.Rules(stop);
        return SupervisionJson.Ok(new ModeWire { Mode = table.Mode, Version = table.Version }, SupervisionJson.Default.ModeWire);
    }

    private static async Task<IResult> SetMode(HttpContext context, SupervisionGrains grains)
    {
        var (body, problem) = await JsonBody.Read(context.Request, SupervisionJson.Default.ModeRequest, "mode and reason");
        if (body is null)
        {
            return problem!;
        }

        if (Sent.Named<RemediationMode>(body.Mode) is not { } mode)
        {
            return Problems.BadBody($"'mode' is '{body.Mode}'; it must be Active, Shadow or Off.");
        }

        var (reason, mistake) = Sent.Reason(body.Reason);
        if (reason is null)
        {
            return Problems.BadBody(mistake!);
        }

        await grains.Note(JsonBody.By(context.User), $"remediation set to {mode}", "remediation", reason);
        return SupervisionJson.Ok(ReceiptWire.Of(await grains.SetMode(mode, reason)), SupervisionJson.Default.ReceiptWire);
    }
}

/// <summary>A mode as it is sent.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record ModeRequest
{
    /// <summary><c>Active</c>, <c>Shadow</c> or <c>Off</c>.</summary>
    public string? Mode { get; init; }

    /// <summary>Why.</summary>
    public string? Reason { get; init; }
}

/// <summary>What remediation may do.</summary>
internal sealed record ModeWire
{
    /// <summary>The mode of the cluster; a silo's own setting can be stricter.</summary>
    [JsonConverter(typeof(JsonStringEnumConverter<RemediationMode>))]
    public required RemediationMode Mode { get; init; }

    /// <summary>The version of the rule table.</summary>
    public required long Version { get; init; }
}

/// <summary>A change of rules that is durable, and where it is in force.</summary>
internal sealed record ReceiptWire
{
    /// <summary>The version of the rule table from which on it is in force.</summary>
    public required long Version { get; init; }

    /// <summary>Whether every silo decides from it.</summary>
    public required bool Everywhere { get; init; }

    /// <summary>The silos.</summary>
    public required SiloRulesWire[] Silos { get; init; }

    public static ReceiptWire Of(RuleReceipt receipt) => new()
    {
        Version = receipt.Version,
        Everywhere = receipt.Everywhere,
        Silos = [.. receipt.Silos.Select(silo => new SiloRulesWire(silo.Silo, silo.Version, silo.Since))],
    };
}

/// <summary>A silo, the version that it decides from, and since when; null when it did not answer and asks for itself within 30 s.</summary>
internal sealed record SiloRulesWire(string Silo, long? Version, DateTimeOffset? Since);

/// <summary>A crash that rules are tried on.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record TrialRequest
{
    /// <summary>The exception as .NET prints it.</summary>
    public string? Exception { get; init; }

    /// <summary>The child's path, for rules that name one.</summary>
    public string? Child { get; init; }
}

/// <summary>What the rules would do.</summary>
internal sealed record TrialWire
{
    /// <summary>The exception types that were read, outermost first.</summary>
    public required string[] Types { get; init; }

    /// <summary>The signature of the text.</summary>
    public required string Signature { get; init; }

    /// <summary>The rules that match, the one that would be applied first.</summary>
    public required RuleWire[] Matching { get; init; }

    public static TrialWire Of(CrashTrial trial) => new()
    {
        Types = [.. trial.Facts.Exceptions.Select(exception => exception.Type)],
        Signature = trial.Signature,
        Matching = [.. trial.Matching.Select(match => WireMapping.ToWire(match.Rule))],
    };
}
