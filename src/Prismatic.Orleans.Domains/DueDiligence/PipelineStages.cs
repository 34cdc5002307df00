using System.Collections.Immutable;
using Prismatic.Domains.Osint;

namespace Prismatic.Domains.DueDiligence;

/// <summary>
/// The stages of a run. Each takes the run and gives it back with what it found; the caller commits. A stage may be run again at any time:
/// what it tells the case manager has ids of its own.
/// </summary>
internal sealed class PipelineStages(IGrainFactory grains, TimeProvider time)
{
    private ICaseManagerGrain Cases => grains.GetGrain<ICaseManagerGrain>(ICaseManagerGrain.Key);

    private IEntityResolverGrain Resolver => grains.GetGrain<IEntityResolverGrain>(IEntityResolverGrain.Key);

    private ISourceManagerGrain Sources => grains.GetGrain<ISourceManagerGrain>(ISourceManagerGrain.Key);

    private IAdapterRegistryGrain Registry => grains.GetGrain<IAdapterRegistryGrain>(IAdapterRegistryGrain.Key);

    public Task<PipelineRun> Run(PipelineStage stage, PipelineRun run, CancellationToken cancellationToken) => stage switch
    {
        PipelineStage.Collect => Collect(run, cancellationToken),
        PipelineStage.Screen => Screen(run),
        PipelineStage.Score => Score(run),
        _ => throw new ArgumentOutOfRangeException(nameof(stage), stage, "There is no such stage."),
    };

    /// <summary>Asks each source by a call of its own. One that throws becomes an error row and a dead letter; the others' rows are kept.</summary>
    private async Task<PipelineRun> Collect(PipelineRun run, CancellationToken cancellationToken)
    {
        var subject = (await Cases.Get(run.CaseId)).Subject;
        var query = new OsintQuery { Kind = subject.Kind is EntityKind.Person ? InputKind.Person : InputKind.Company, Text = subject.Name };
        var sources = run.Spec.Sources.IsEmpty ? [.. (await Registry.ForInput(query.Kind, null)).Select(info => info.Slug)] : run.Spec.Sources;
        var rows = await SourceRows.FanOut(sources, (slug, token) => Sources.Query(slug, query, token), run.Spec.Limits, time, cancellationToken);
        var failed = rows.Where(row => row.Status is not FetchStatus.Fetched).Select(row => new DeadLetter
        {
            Stage = PipelineStage.Collect,
            Source = row.Source,
            ErrorType = row.ErrorType.Length > 0 ? row.ErrorType : row.Status.ToString(),
            Message = row.Error.Length > 0 ? row.Error : $"It was asked too often. Try again in {row.Result?.RetryAfter?.TotalSeconds ?? 0:0.0} s.",
            Correlation = row.Correlation,
            At = time.GetUtcNow(),
        });
        return run with { Rows = [.. rows], DeadLetters = run.DeadLetters.AddRange(failed) };
    }

    private async Task<PipelineRun> Screen(PipelineRun run)
    {
        var subject = (await Cases.Get(run.CaseId)).Subject;
        foreach (var row in run.Rows)
        {
            await Cases.AddAll(run.CaseId, await RowEvidence(run, row, subject));
        }

        var hits = await Resolver.Screen(subject, run.Spec.ScreeningThreshold);
        await Cases.AddAll(run.CaseId, hits.Select(hit => EvidenceRules.Hit(run.RunId, hit, RiskDimension.Sanctions, subject.Name, run.StartedAt)));
        var clean = (await Resolver.Lists()).Except(hits.Select(hit => hit.ListId));
        await Cases.AddAll(run.CaseId, clean.Select(list => EvidenceRules.NoHit(run.RunId, list, run.StartedAt)));
        await ScreenOwners(run, subject, hits);
        return run;
    }

    private async Task<IEnumerable<EvidenceItem>> RowEvidence(PipelineRun run, SourceRow row, EntityRecord subject)
    {
        if (row.Result?.Provenance is not { } provenance)
        {
            return [EvidenceRules.SourceMissing(run.RunId, row, await Registry.Find(row.Source), run.StartedAt)];
        }

        var evidence = new List<EvidenceItem>();
        for (var i = 0; i < row.Result.Items.Length; i++)
        {
            var item = row.Result.Items[i];
            var match = await Resolver.Compare(subject, EvidenceRules.ToRecord(item));
            if (EvidenceRules.Row(run.RunId, provenance, i, item, match, subject) is { } found)
            {
                evidence.Add(found);
            }
        }

        return evidence.Count > 0 ? evidence : [EvidenceRules.NothingFound(run.RunId, provenance)];
    }

    /// <summary>The owners that the lists or the sources name are screened too; a hit of theirs is a risk of ownership.</summary>
    private async Task ScreenOwners(PipelineRun run, EntityRecord subject, ImmutableArray<ScreeningHit> hits)
    {
        var names = run.Rows.SelectMany(row => row.Result?.Items ?? []).Select(item => item.Fields.GetValueOrDefault("owner")).OfType<string>()
            .Where(name => name.Length > 0).ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var same in hits.Where(hit => hit.Match.Decision is MatchDecision.Same))
        {
            var owners = (await Resolver.BeneficialOwners(same.Entry.Id)).Owners;
            await Cases.AddAll(run.CaseId, owners.Select(owner => EvidenceRules.Owner(run.RunId, owner, run.StartedAt)));
            names.UnionWith(owners.Select(owner => owner.Name));
        }

        foreach (var name in names.Where(name => !NameRules.SameWords(name, subject.Name)).Order(StringComparer.Ordinal))
        {
            var found = await Resolver.Screen(new EntityRecord { Id = name, Name = name }, run.Spec.ScreeningThreshold);
            await Cases.AddAll(run.CaseId, found.Select(hit => EvidenceRules.Hit(run.RunId, hit, RiskDimension.Ownership, name, run.StartedAt)));
        }
    }

    private async Task<PipelineRun> Score(PipelineRun run)
    {
        var view = await Cases.Get(run.CaseId);
        var score = RiskRules.Score(view.Evidence, run.Spec.Weights);
        await Cases.AddEvidence(run.CaseId, EvidenceRules.Score(run.RunId, score, run.StartedAt));
        if (view.State is CaseState.Collecting)
        {
            await Cases.Transition(run.CaseId, CaseState.Review, PipelineCoordinatorGrain.Actor, $"Run {run.RunId} has completed.");
        }

        return run with { Score = score };
    }
}

internal static class CaseManagerCalls
{
    public static async Task AddAll(this ICaseManagerGrain cases, string caseId, IEnumerable<EvidenceItem> evidence)
    {
        foreach (var item in evidence)
        {
            await cases.AddEvidence(caseId, item);
        }
    }
}
