using System.Collections.Immutable;
using Prismatic.Domains.Records;
using Prismatic.Storage;

namespace Prismatic.Domains.Security;

[GenerateSerializer, Immutable, Alias("prismatic.domains.OrganisationEvidence")]
internal sealed record OrganisationEvidence
{
    [Id(0)] public required ImmutableArray<Evidence> Items { get; init; }
}

[Alias("prismatic.domains.IOrganisationRecordGrain")]
internal interface IOrganisationRecordGrain : IRecordGrain<OrganisationEvidence>;

internal sealed class OrganisationRecordGrain([SupervisedState("compliance-evidence")] ISupervisedState<Held<OrganisationEvidence>> state)
    : RecordGrain<OrganisationEvidence>(state), IOrganisationRecordGrain;

internal sealed class ComplianceCheckerGrain(IGrainFactory grains, TimeProvider time) : Grain, IComplianceCheckerGrain
{
    private const int MostEvidence = 5_000;

    public async Task AddEvidence(string orgId, Evidence e)
    {
        Demand.Text(e.Id, nameof(e));
        Demand.That(ComplianceRules.Knows(e.Control), nameof(e), $"No measure has a control '{e.Control}'. Controls are written like A.5.24.");
        Demand.That(e.Date < e.Expires, nameof(e), $"Evidence {e.Id} expires at {e.Expires:O}, which is not after its date, {e.Date:O}.");
        Demand.That(e.SourceHash.Length == 64 && e.SourceHash.All(char.IsAsciiHexDigit), nameof(e), $"The source hash of {e.Id} is not 64 hex digits.");
        var others = (await Items(orgId)).RemoveAll(each => each.Id == e.Id);
        Demand.That(others.Length < MostEvidence, nameof(e), $"Organisation {orgId} has {MostEvidence} pieces of evidence already.");
        await Record(orgId).Write(new OrganisationEvidence { Items = others.Add(e) });
    }

    public async Task<ComplianceReport> Assess(string orgId, Framework f)
    {
        Demand.That(f is Framework.Nis2, nameof(f), $"{f} is not a framework that this build knows.");
        return ComplianceRules.Assess(orgId, await Items(orgId), time.GetUtcNow());
    }

    public async Task<ImmutableArray<Gap>> Gaps(string orgId) => ComplianceRules.Gaps(await Items(orgId), time.GetUtcNow());

    public Task<IncidentClock> OpenIncident(IncidentInfo i)
    {
        Demand.Text(i.Organisation, nameof(i));
        return Task.FromResult(ComplianceRules.Clock(i.AwareAt));
    }

    private async Task<ImmutableArray<Evidence>> Items(string orgId) => (await Record(orgId).Read())?.Items ?? [];

    private IOrganisationRecordGrain Record(string orgId)
    {
        Demand.Slug(orgId, nameof(orgId));
        return grains.GetGrain<IOrganisationRecordGrain>(orgId);
    }
}
