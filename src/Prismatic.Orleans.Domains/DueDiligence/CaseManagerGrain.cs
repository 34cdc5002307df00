using System.Globalization;
using Prismatic.Storage;

namespace Prismatic.Domains.DueDiligence;

internal sealed class CaseNumbers
{
    public long Last { get; set; }
}

internal sealed class CaseManagerGrain(
    [SupervisedState("case-numbers")] ISupervisedState<CaseNumbers> numbers,
    IGrainFactory grains,
    TimeProvider time) : Grain, ICaseManagerGrain
{
    public async Task<string> Open(CaseRequest r)
    {
        Demand.Text(r.Subject.Name, nameof(r), 500);
        Demand.Text(r.OpenedBy, nameof(r));
        numbers.Value.Last++;
        await numbers.WriteAsync();
        var id = string.Create(CultureInfo.InvariantCulture, $"case-{numbers.Value.Last:D6}");
        var opened = new CaseEvent
        {
            Kind = CaseEvent.Opened, At = time.GetUtcNow(), Actor = r.OpenedBy, Reason = r.Purpose, To = CaseState.Draft, Subject = r.Subject,
        };
        await Record(id).Write(CaseHistory.Append(new CaseRecord { Id = id, Events = [] }, opened));
        return id;
    }

    public async Task<CaseView> Get(string id) => CaseHistory.Fold(await Find(id));

    public async Task Transition(string id, CaseState to, string actor, string reason)
    {
        Demand.Text(actor, nameof(actor));
        var record = await Find(id);
        var view = CaseHistory.Fold(record);
        Demand.That(CaseRules.MayMove(view.State, to), nameof(to), $"Case {id} is {view.State}: there is no step from there to {to}.");
        if (to is CaseState.Decided && CaseRules.FourEyes(view, actor) is { } refusal)
        {
            throw new ArgumentException(refusal, nameof(actor));
        }

        var moved = new CaseEvent { Kind = CaseEvent.Moved, At = time.GetUtcNow(), Actor = actor, Reason = reason, To = to };
        await Record(id).Write(CaseHistory.Append(record, moved));
    }

    public async Task AddEvidence(string id, EvidenceItem e)
    {
        Demand.Text(e.Id, nameof(e));
        Demand.Text(e.Source, nameof(e));
        Demand.Range(e.Risk, 0, 1, nameof(e));
        Demand.Range(e.Confidence, 0, 1, nameof(e));
        var record = await Find(id);
        var view = CaseHistory.Fold(record);
        if (view.Evidence.FirstOrDefault(item => item.Id == e.Id) is { } known)
        {
            Demand.That(known == e, nameof(e), $"Case {id} has other evidence with the id {e.Id}.");
            return;
        }

        Demand.That(CaseRules.TakesEvidence(view.State), nameof(id), $"Case {id} is {view.State} and takes no evidence.");
        var added = new CaseEvent { Kind = CaseEvent.EvidenceAdded, At = time.GetUtcNow(), Actor = e.Source, Evidence = e };
        await Record(id).Write(CaseHistory.Append(record, added));
    }

    public async Task<ClaimStatus> Verify(string id, string claim)
    {
        Demand.Text(claim, nameof(claim), 500);
        return CaseRules.Judge((await Get(id)).Evidence, claim);
    }

    public async Task<string> Report(string id, ReportFormat f)
    {
        var view = await Get(id);
        return f switch
        {
            ReportFormat.Markdown => CaseReport.Markdown(view, time.GetUtcNow()),
            ReportFormat.Json => CaseReport.Json(view, time.GetUtcNow()),
            _ => throw new ArgumentException($"{f} is not a report format.", nameof(f)),
        };
    }

    private async Task<CaseRecord> Find(string id) =>
        await Record(id).Read() ?? throw new ArgumentException($"There is no case '{id}'.", nameof(id));

    private ICaseRecordGrain Record(string id)
    {
        Demand.Slug(id, nameof(id));
        return grains.GetGrain<ICaseRecordGrain>(id);
    }
}
