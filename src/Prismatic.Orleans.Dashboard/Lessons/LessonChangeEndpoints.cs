using System.ComponentModel;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Prismatic.Lessons;
using Prismatic.Runtime;

namespace Prismatic.Dashboard;

/// <summary>What people do with lessons: edit them, carry them to another cluster, make a drill of one.</summary>
internal static class LessonChangeEndpoints
{
    private const int LargestFile = 32 * 1024 * 1024;

    public static void Map(RouteGroupBuilder api)
    {
        api.MapPatch("/lessons/{id}", Edit)
            .Changes<LessonEditRequest>()
            .WithSummary("Edits a lesson: its root cause, its remediation, or whether it is resolved or muted.")
            .WithDescription("version is the one that was seen; when somebody else edited the lesson since, the answer is 409 and nothing changes.")
            .Produces<LessonDetailWire>().ProducesProblem(404).ProducesProblem(409);
        api.MapGet("/lessons/{id}/audit", Audit)
            .WithSummary("The changes that people made to a lesson, newest first.")
            .Produces<LessonAuditWire[]>().ProducesProblem(400).ProducesProblem(404).ProducesProblem(503);
        api.MapGet("/lessons/{id}/drill", Drill)
            .WithSummary("The last crash of a lesson as a drill file.")
            .Produces<object>().ProducesProblem(404).ProducesProblem(503);
        api.MapGet("/lessons/export", Export)
            .WithSummary("Lessons with an answer or a learned remedy as a signed file for another cluster, 500 in one; the header Prismatic-Next names the cursor of the next file.")
            .Produces<object>().ProducesProblem(400).ProducesProblem(403).ProducesProblem(409).ProducesProblem(503);
        api.MapPost("/lessons/import", Import)
            .Changes<object>(LargestFile)
            .WithSummary("Takes in a file that another cluster exported with the same key. A file with any mistake has no effect; each is named by line and field.")
            .Produces<LessonImportWire>().ProducesProblem(409);
    }

    private static async Task<IResult> Edit(string id, HttpContext context, SupervisionGrains grains)
    {
        var exact = RawSegment.Read(context, fromEnd: 0);
        var (body, problem) = await JsonBody.Read(context.Request, SupervisionJson.Default.LessonEditRequest, "version, and what changes: rootCause, remediation, status, mute, inNextBuild, note");
        if (body is null)
        {
            return problem!;
        }

        var by = JsonBody.By(context.User);
        var (edit, mistake) = body.ToEdit(exact, by);
        if (edit is null)
        {
            return Problems.BadBody(mistake!);
        }

        if (await grains.Lesson(exact, CancellationToken.None) is null)
        {
            return Problems.NotFound($"There is no lesson '{exact}'.");
        }

        await grains.Note(by, "lesson edited", exact, edit.Note);
        try
        {
            return SupervisionJson.Ok(WireMapping.ToDetail(await grains.Edit(edit)), SupervisionJson.Default.LessonDetailWire);
        }
        catch (LessonConflictException conflict)
        {
            return Problems.Of(StatusCodes.Status409Conflict, "Edited by somebody else", conflict.Message);
        }
        catch (ArgumentException refused)
        {
            return Problems.BadBody(refused.Sentence());
        }
    }

    private static async Task<IResult> Audit(
        string id,
        [Description("Only entries with a smaller number.")] string? before,
        HttpContext context,
        SupervisionGrains grains,
        CancellationToken stop)
    {
        var exact = RawSegment.Read(context, fromEnd: 1);
        var (from, mistake) = Sent.Before(before);
        if (mistake is not null)
        {
            return Problems.BadQuery(mistake);
        }

        return await grains.Lesson(exact, stop) is null
            ? Problems.NotFound($"There is no lesson '{exact}'.")
            : SupervisionJson.Ok([.. (await grains.LessonAudit(exact, from, 100, stop)).Select(LessonAuditWire.Of)], SupervisionJson.Default.LessonAuditWireArray);
    }

    private static async Task<IResult> Drill(string id, HttpContext context, SupervisionGrains grains, CancellationToken stop)
    {
        var exact = RawSegment.Read(context, fromEnd: 1);
        return await grains.LessonDrill(exact, stop) is { } drill
            ? TypedResults.Text(drill, "application/json")
            : Problems.NotFound($"There is no lesson '{exact}', or it never crashed here.");
    }

    private static async Task<IResult> Export([Description("The value of Prismatic-Next of the file before.")] string? cursor, HttpContext context, SupervisionGrains grains)
    {
        await grains.Note(JsonBody.By(context.User), "lessons exported", cursor ?? "from the newest", "");
        try
        {
            var export = await grains.Export(cursor);
            if (export.Next is { } next)
            {
                context.Response.Headers["Prismatic-Next"] = next;
            }

            context.Response.Headers.ContentDisposition = "attachment; filename=\"lessons.json\"";
            return TypedResults.Text(export.File, "application/json");
        }
        catch (ArgumentException refused)
        {
            return Problems.BadQuery(refused.Sentence());
        }
        catch (InvalidOperationException noKey)
        {
            return Problems.Of(StatusCodes.Status409Conflict, "Lessons are not exchanged", noKey.Message);
        }
    }

    private static async Task<IResult> Import(HttpContext context, SupervisionGrains grains)
    {
        var (file, problem) = await JsonBody.ReadText(context.Request);
        if (file is null)
        {
            return problem!;
        }

        var by = JsonBody.By(context.User);
        await grains.Note(by, "lessons imported", $"a file of {file.Length} characters", "");
        try
        {
            var import = await grains.Import(file, by);
            return import.Mistakes.IsEmpty
                ? SupervisionJson.Ok(new LessonImportWire(import.Added, import.Completed, import.Kept), SupervisionJson.Default.LessonImportWire)
                : JsonBody.Mistakes("The file is not valid", import.Mistakes);
        }
        catch (ArgumentException refused)
        {
            return Problems.BadBody(refused.Sentence());
        }
        catch (InvalidOperationException noKey)
        {
            return Problems.Of(StatusCodes.Status409Conflict, "Lessons are not exchanged", noKey.Message);
        }
    }
}

/// <summary>An edit as it is sent. What is left out stays as it is.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record LessonEditRequest
{
    /// <summary>The version that was seen.</summary>
    public long? Version { get; init; }

    /// <summary>Why it happens.</summary>
    public string? RootCause { get; init; }

    /// <summary>What heals it.</summary>
    public RemediationRequest? Remediation { get; init; }

    /// <summary><c>Resolved</c>, <c>Muted</c>, or <c>Ongoing</c> to take either back.</summary>
    public string? Status { get; init; }

    /// <summary>With Muted: until when.</summary>
    public MuteRequest? Mute { get; init; }

    /// <summary>With Resolved: whether the cure comes with the next build.</summary>
    public bool InNextBuild { get; init; }

    /// <summary>Why it was edited.</summary>
    public string? Note { get; init; }

    public (LessonEdit? Edit, string? Mistake) ToEdit(string lesson, string by)
    {
        if (Version is not { } version)
        {
            return (null, "'version' is missing; it must be the version of the lesson that was seen.");
        }

        var status = Sent.Named<LessonStatus>(Status);
        if (Status is not null && status is null)
        {
            return (null, $"'status' is '{Status}'; it must be Resolved, Muted or Ongoing.");
        }

        var (action, mistake) = Remediation is null ? (null, null) : Remediation.Read();
        return mistake is not null
            ? (null, mistake)
            : (new LessonEdit
            {
                LessonId = lesson,
                Version = version,
                By = by,
                RootCause = RootCause,
                Remediation = action,
                Status = status,
                Mute = Mute is null ? null : new LessonMute { Until = Mute.Until, Crashes = Mute.Crashes, Build = Mute.Build },
                InNextBuild = InNextBuild,
                Note = Note ?? "",
            }, null);
    }
}

/// <summary>Until when a lesson is muted: the first condition that is met ends it.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record MuteRequest
{
    /// <summary>Until this time.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>For this many further crashes.</summary>
    public long? Crashes { get; init; }

    /// <summary>While crashes come from this build.</summary>
    public string? Build { get; init; }
}

/// <summary>One change that a person made.</summary>
internal sealed record LessonAuditWire
{
    /// <summary>1 for the lesson's first.</summary>
    public required long Number { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Who.</summary>
    public required string By { get; init; }

    /// <summary>What.</summary>
    public required string What { get; init; }

    /// <summary>The fields that changed, as they were.</summary>
    public required IReadOnlyDictionary<string, string> Before { get; init; }

    /// <summary>The fields that changed, as they are since.</summary>
    public required IReadOnlyDictionary<string, string> After { get; init; }

    /// <summary>What the person added.</summary>
    public required string Note { get; init; }

    public static LessonAuditWire Of(LessonAuditEntry entry) => new()
    {
        Number = entry.Number,
        At = entry.At,
        By = entry.By,
        What = entry.What,
        Before = entry.Before,
        After = entry.After,
        Note = entry.Note,
    };
}

/// <summary>What an import did: lessons that were new, that were completed, and that stay as this cluster knows them.</summary>
internal sealed record LessonImportWire(int Added, int Completed, int Kept);
