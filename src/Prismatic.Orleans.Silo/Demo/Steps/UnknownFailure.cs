using System.Text.Json.Nodes;
using Prismatic.Domains.DueDiligence;
using Prismatic.Events;
using Prismatic.Lessons;
using Prismatic.Remediation;

namespace Prismatic.Silo.Demo.Steps;

/// <summary>
/// A list is read while its download is still writing it: the last line ends in the middle. No built-in rule knows that failure, so the
/// first time a person is asked; the answer becomes a lesson, and from then on the failure heals by itself.
/// </summary>
internal sealed class UnknownFailure(DemoSilo silo, DemoData data, Narrator narrator)
{
    private const string Child = "prismatic/dd/entity-resolver";
    private const string RootCause = "The list was loaded while its download was still writing it; a moment later the file is whole.";

    private string ListFile => Path.Combine(data.ListDirectory, Story.ListPath);

    public async Task Tell()
    {
        narrator.Step("A list is loaded in the middle of its download");
        var crash = await LoadHalfWritten();
        if (crash.Remediation == nameof(Escalate))
        {
            await AskPerson(crash);
            narrator.Step("The same failure again");
            crash = await LoadHalfWritten();
        }

        await CheckLesson(crash);
    }

    /// <summary>Loads the list in the middle of its download, then once more when that has come to its end; the crash in between.</summary>
    private async Task<SupervisionEvent> LoadHalfWritten()
    {
        var whole = await File.ReadAllBytesAsync(ListFile);
        await File.WriteAllBytesAsync(ListFile, whole[..(whole.Length * 2 / 3)]);
        narrator.Say($"A download has written two thirds of {Story.ListPath} when the entity resolver is told to load it.");
        Exception seen;
        try
        {
            seen = await Expect.Failure<InvalidDataException>("Loading half a list", Load);
        }
        finally
        {
            await File.WriteAllBytesAsync(ListFile, whole);
        }

        narrator.Say($"The caller gets its own exception: {seen.GetType().Name}.");
        var crash = await silo.Events.WaitFor(SupervisionEventKind.Crashed, Expect.Crash(seen));
        narrator.Say("The download has come to its end; the same call is made again.");
        await Expect.Served("Loading the whole list", Load);
        await silo.Events.WaitFor(SupervisionEventKind.Recovered, crash.CorrelationId);
        return crash;
    }

    private Task<int> Load() => silo.Resolver.LoadList(Story.List, ListFormat.FtmJsonLines, Story.ListPath);

    private async Task AskPerson(SupervisionEvent crash)
    {
        // Counted by the supervisor means stored with its ticket; an earlier run that was killed may have opened it.
        await silo.Events.WaitFor(SupervisionEventKind.Restarted, crash.CorrelationId);
        var ticket = (await silo.Admin.OpenTickets()).FirstOrDefault(ticket => Text(ticket, "child") == Child && Text(ticket, "correlationId") == crash.CorrelationId)
            ?? throw new StepFailedException($"crash {Narrator.Short(crash.CorrelationId)} has no ticket.");
        narrator.Say("No rule knows this failure: the worker is restarted, and a ticket asks a person.");
        await silo.Events.WaitForHealing(crash.CorrelationId);

        var id = Text(ticket, "id");
        narrator.Say($"A person answers the ticket (POST /admin/supervision/api/escalations/{Uri.EscapeDataString(id)}/resolve):");
        narrator.Say($"\"{RootCause}\" RestartWithBackoff, 1 s the first time.");
        var lesson = await silo.Admin.Resolve(id, RootCause, new { action = nameof(RestartWithBackoff), firstSeconds = 1 });
        narrator.Say($"That is lesson {Text(lesson, "id")} now: {Text(lesson, "failureMode")}");
    }

    private async Task CheckLesson(SupervisionEvent crash)
    {
        Expect.That(
            crash is { Remediation: nameof(RestartWithBackoff), Rule: { } rule } && rule.StartsWith("lesson-", StringComparison.Ordinal),
            $"the crash was answered with {crash.Remediation} by rule {crash.Rule}, not by the lesson.");
        await silo.Events.WaitForHealing(crash.CorrelationId);
        Expect.That(
            !silo.Events.HasSeen(SupervisionEventKind.TicketOpened, crash.CorrelationId),
            "a ticket was opened for a failure that a lesson knows.");
        var lesson = (await silo.Lessons.List(new LessonQuery { Limit = 500 })).Items.First(lesson => lesson.CorrelationId == crash.CorrelationId);
        narrator.Say($"No ticket this time. Lesson {lesson.Id} decided, and the failure stayed away: \"{lesson.RootCause}\"");
    }

    private static string Text(JsonNode node, string name) => node[name]!.GetValue<string>();
}
