using System.Collections.Immutable;
using Prismatic.Breakers;
using Prismatic.Control;
using Prismatic.Drills;
using Prismatic.Introspection;
using Prismatic.Lessons;
using Prismatic.Mailbox;
using Prismatic.Remediation;
using Prismatic.Supervision;

namespace Prismatic.Dashboard;

/// <summary>Every question that the API puts to the cluster. A question that is not answered in time ends as <see cref="GrainUnansweredException"/>.</summary>
internal sealed class SupervisionGrains(IGrainFactory grains, TimeProvider time)
{
    /// <summary>Well under Orleans' own 30 s: somebody looks at a page that asks again every two seconds.</summary>
    public static readonly TimeSpan ReadTimeout = TimeSpan.FromSeconds(5);

    /// <summary>A change may have to wait for its write.</summary>
    public static readonly TimeSpan ChangeTimeout = TimeSpan.FromSeconds(20);

    /// <summary>A replay lasts as long as the call that it repeats.</summary>
    public static readonly TimeSpan ReplayTimeout = TimeSpan.FromSeconds(40);

    private static readonly TimeSpan SettleLook = TimeSpan.FromMilliseconds(50);

    private ISupervisionIntrospectorGrain Introspector => grains.GetGrain<ISupervisionIntrospectorGrain>(ISupervisionIntrospectorGrain.Key);

    private ILessonsLearnedGrain LearnedLessons => grains.GetGrain<ILessonsLearnedGrain>(ILessonsLearnedGrain.Key);

    private IRemediationRegistryGrain Registry => grains.GetGrain<IRemediationRegistryGrain>(IRemediationRegistryGrain.Key);

    private IOperatorGrain Desk => grains.GetGrain<IOperatorGrain>(IOperatorGrain.Key);

    private IDeadLettersGrain Letters => grains.GetGrain<IDeadLettersGrain>(IDeadLettersGrain.Key);

    public Task<TreeHealth> Tree(CancellationToken stop) =>
        Ask("The supervision tree", () => Introspector.GetTreeHealth(), stop);

    public Task<ImmutableArray<Ticket>> Tickets(CancellationToken stop) =>
        Ask("The list of escalations", () => Introspector.GetTickets(), stop);

    public Task<LessonStatistics> Statistics(CancellationToken stop) =>
        Ask("The statistics of lessons", () => LearnedLessons.GetStatistics(), stop);

    public Task<LessonPage> Lessons(LessonQuery query, CancellationToken stop) =>
        Ask("The list of lessons", () => LearnedLessons.List(query), stop, mayRefuse: true);

    public Task<Lesson?> Lesson(string id, CancellationToken stop) =>
        Ask("The lesson", () => LearnedLessons.Get(id), stop);

    public Task<RuleTable> Rules(CancellationToken stop) =>
        Ask("The table of remediation rules", () => Registry.GetRules(), stop);

    /// <summary>Resolves at the ticket's supervisor. Not tied to the request: once asked for, a change is not abandoned because a browser left.</summary>
    public Task<Lesson?> Resolve(string supervisor, string ticket, Resolution resolution) =>
        Ask("The resolution", () => grains.GetGrain<ISupervisorGrain>(supervisor).ResolveTicket(ticket, resolution), CancellationToken.None, ChangeTimeout, mayRefuse: true);

    public Task<ImmutableArray<BreakerView>> Breakers(CancellationToken stop) =>
        Ask("The list of breakers", () => Introspector.GetBreakers(), stop);

    /// <summary>Accepts an operator's order. Not tied to the request, as every change.</summary>
    public Task<OrderAnswer> Submit(OperatorOrder order) =>
        Ask("The action", () => Desk.Submit(order), CancellationToken.None, ChangeTimeout);

    public Task<OperatorAction?> Action(string id, CancellationToken stop) =>
        Ask("The action", () => Desk.Get(id), stop);

    /// <summary>The action when it is over, or as it stands after a moment.</summary>
    public async Task<OperatorAction> Settled(OperatorAction action, CancellationToken stop)
    {
        for (var look = 0; look < 10 && action.Status == OperatorActionStatus.Accepted; look++)
        {
            await Task.Delay(SettleLook, time, stop);
            action = await Action(action.Id, stop) ?? action;
        }

        return action;
    }

    public Task<ImmutableArray<AuditEntry>> Audit(long? before, int limit, CancellationToken stop) =>
        Ask("The audit", () => Desk.Audit(before, limit), stop);

    /// <summary>Writes into the audit what a person is about to do; what cannot be written there is not done.</summary>
    public Task Note(string by, string what, string subject, string reason) =>
        Ask("The audit", async () =>
        {
            await Desk.Note(by, what, subject, reason);
            return true;
        }, CancellationToken.None, ChangeTimeout);

    public Task<DeadLetterList> DeadLetters(string under, int limit, CancellationToken stop) =>
        Ask("The list of dead letters", () => Letters.List(under, limit), stop);

    public Task<DeadLetter?> Replay(string id, string by) =>
        Ask("The replay", () => Letters.Replay(id, by), CancellationToken.None, ReplayTimeout, refusal: typeof(InvalidOperationException));

    public Task<bool> Discard(string id) =>
        Ask("The dead letter", () => Letters.Discard(id), CancellationToken.None, ChangeTimeout);

    public Task<Lesson> Edit(LessonEdit edit) =>
        Ask("The edit", () => LearnedLessons.Edit(edit), CancellationToken.None, ChangeTimeout, mayRefuse: true, refusal: typeof(LessonConflictException));

    public Task<ImmutableArray<LessonAuditEntry>> LessonAudit(string id, long? before, int limit, CancellationToken stop) =>
        Ask("The audit of the lesson", () => LearnedLessons.Audit(id, before, limit), stop);

    public Task<LessonExport> Export(string? cursor) =>
        Ask("The export", () => LearnedLessons.Export(cursor), CancellationToken.None, ChangeTimeout, mayRefuse: true, refusal: typeof(InvalidOperationException));

    public Task<LessonImport> Import(string file, string by) =>
        Ask("The import", () => LearnedLessons.Import(file, by), CancellationToken.None, ChangeTimeout, mayRefuse: true, refusal: typeof(InvalidOperationException));

    public Task<string?> LessonDrill(string id, CancellationToken stop) =>
        Ask("The lesson's drill", () => LearnedLessons.ExportDrill(id), stop);

    public Task<CrashTrial> Try(string exception, string child, CancellationToken stop) =>
        Ask("The trial", () => Registry.Try(exception, child), stop, mayRefuse: true);

    public Task<RuleReceipt> Register(RemediationRule rule) =>
        Ask("The rule", () => Registry.Register(rule), CancellationToken.None, ChangeTimeout, mayRefuse: true);

    public Task<bool> Remove(string rule) =>
        Ask("The rule", () => Registry.Remove(rule), CancellationToken.None, ChangeTimeout, mayRefuse: true);

    public Task<RuleReceipt> SetMode(RemediationMode mode, string reason) =>
        Ask("The mode of remediation", () => Registry.SetMode(mode, reason), CancellationToken.None, ChangeTimeout, mayRefuse: true);

    /// <summary>Reads a drill file and starts it. Not tied to the request, as every change.</summary>
    public Task<DrillStart> StartDrill(string file) =>
        Ask("The drill", () => grains.GetGrain<IDrillsGrain>(IDrillsGrain.Key).Start(file), CancellationToken.None, ChangeTimeout);

    public Task<DrillView?> Drill(string id, CancellationToken stop) =>
        Ask("The drill", () => grains.GetGrain<IDrillsGrain>(IDrillsGrain.Key).Get(id), stop);

    private async Task<T> Ask<T>(string what, Func<Task<T>> question, CancellationToken stop, TimeSpan? timeout = null, bool mayRefuse = false, Type? refusal = null)
    {
        try
        {
            return await question().WaitAsync(timeout ?? ReadTimeout, time, stop);
        }
        catch (Exception failure) when (!stop.IsCancellationRequested
            && failure is not SupervisionRefusedException
            && !(mayRefuse && failure is ArgumentException)
            && refusal?.IsInstanceOfType(failure) != true)
        {
            throw new GrainUnansweredException(what, failure);
        }
    }
}
