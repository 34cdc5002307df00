using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Prismatic.Domains.DueDiligence;
using Prismatic.Domains.Osint;
using Xunit;

namespace Prismatic.Tests.Domains;

/// <summary>A due-diligence case on an invented company, with one source that refuses connections.</summary>
public sealed class StoryTests(DomainsCluster cluster) : IClassFixture<DomainsCluster>
{
    private static readonly EntityRecord Acme = new()
    {
        Id = "acme", Name = "Acme Trading s.r.o.", Kind = EntityKind.Company, Country = "CZ",
        Identifiers = ImmutableDictionary<string, string>.Empty.Add("ico", "90000017"),
    };

    private ICaseManagerGrain Cases => cluster.Worker<ICaseManagerGrain>(ICaseManagerGrain.Key);

    private IPipelineCoordinatorGrain Pipeline => cluster.Worker<IPipelineCoordinatorGrain>(IPipelineCoordinatorGrain.Key);

    [Fact]
    public async Task A_case_is_collected_screened_scored_decided_and_reported_although_one_source_refuses_connections()
    {
        var adapters = cluster.Worker<IAdapterRegistryGrain>(IAdapterRegistryGrain.Key);
        await adapters.Register(Adapter("story-registry", "registry", await cluster.ServeJson("""[{"id":"1","name":"ACME TRADING SRO","ico":"90000017","country":"cz","owner":"Viktor Novák"}]""")));
        await adapters.Register(Adapter("story-insolvency", "insolvency", await cluster.ServeJson("""{"items":[]}""")));
        await adapters.Register(Adapter("story-financial", "financial", await cluster.ServeJson("""[{"name":"Acme Trading","ico":"90000017","risk":"0.3"},{"name":"Zebra Mining","risk":"1"}]""")));
        await adapters.Register(Adapter("story-litigation", "litigation", DomainsCluster.RefusedAddress()));
        await adapters.Register(Adapter("story-ofac", "sanctions", "ofac/sdn.csv") with { Kind = AdapterKind.ListFile });
        var resolver = cluster.Worker<IEntityResolverGrain>(IEntityResolverGrain.Key);
        Assert.Equal(4, await resolver.LoadList("ofac-sample", ListFormat.OfacCsv, "ofac/sdn.csv"));
        Assert.Equal(4, await resolver.LoadList("ftm-sample", ListFormat.FtmJsonLines, "entities.ftm.jsonl"));

        var refused = await Assert.ThrowsAsync<HttpRequestException>(() => cluster.Worker<ISourceManagerGrain>(ISourceManagerGrain.Key)
            .Query("story-litigation", new OsintQuery { Kind = InputKind.Company, Text = Acme.Name }, TestContext.Current.CancellationToken));
        Assert.Contains("Connection refused", refused.Message, StringComparison.Ordinal);

        var caseId = await Cases.Open(new CaseRequest { Subject = Acme, OpenedBy = "alice", Purpose = "New supplier" });
        string[] sources = ["story-registry", "story-insolvency", "story-financial", "story-litigation", "story-ofac"];
        var runId = await Pipeline.Start(caseId, new PipelineSpec { Sources = [.. sources] });
        var status = await End(runId);

        Assert.Equal(RunState.Completed, status.State);
        Assert.Equal([PipelineStage.Collect, PipelineStage.Screen, PipelineStage.Score], status.Committed);
        Assert.Equal(sources.Except(["story-litigation"]), status.Sources.Where(source => source.Status is FetchStatus.Fetched).Select(source => source.Source));
        var dead = Assert.Single(await Pipeline.DeadLetters(runId));
        Assert.Equal(("story-litigation", nameof(HttpRequestException)), (dead.Source, dead.ErrorType));

        var score = status.Score!;
        var litigation = score.Dimensions.Single(d => d.Dimension is RiskDimension.Litigation);
        Assert.Equal((0.5, 1.0, 0.0, 1.0), (litigation.Score, litigation.Uncertainty, litigation.Low, litigation.High));
        Assert.True(score.Dimensions.Single(d => d.Dimension is RiskDimension.Insolvency).Score < 0.2);
        Assert.True(score.Dimensions.Single(d => d.Dimension is RiskDimension.Sanctions).Score > 0.8);
        Assert.True(score.Dimensions.Single(d => d.Dimension is RiskDimension.Ownership).Score > 0.6, "An owner is on a list.");

        var view = await Cases.Get(caseId);
        Assert.Equal(CaseState.Review, view.State);
        Assert.Contains(view.Evidence, item => item.Kind is EvidenceKind.Ownership && item.Summary.StartsWith("Viktor Novák owns 48 %", StringComparison.Ordinal));
        Assert.DoesNotContain(view.Evidence, item => item.Summary.Contains("Zebra", StringComparison.Ordinal));
        Assert.Equal(ClaimStatus.Partial, await Cases.Verify(caseId, "ico=90000017"));

        var refusal = await Assert.ThrowsAsync<ArgumentException>(() => Cases.Transition(caseId, CaseState.Decided, "alice", "Fine"));
        DomainsCluster.AssertNames("actor", refusal);
        await Cases.Transition(caseId, CaseState.Decided, "bob", "Rejected: an owner is listed");
        await Cases.Transition(caseId, CaseState.Closed, "alice", "Done");
        var report = await Cases.Report(caseId, ReportFormat.Markdown);
        Assert.Contains("# Due diligence: Acme Trading s.r.o.", report, StringComparison.Ordinal);
        Assert.Contains("story-litigation could not be asked: HttpRequestException.", report, StringComparison.Ordinal);
        using var json = JsonDocument.Parse(await Cases.Report(caseId, ReportFormat.Json));
        Assert.Equal("Closed", json.RootElement.GetProperty("case").GetProperty("state").GetString());
    }

    [Fact]
    public async Task A_case_whose_record_holds_an_unknown_event_is_damaged_and_other_cases_are_not()
    {
        var ill = await Cases.Open(new CaseRequest { Subject = Acme, OpenedBy = "alice" });
        var well = await Cases.Open(new CaseRequest { Subject = Acme, OpenedBy = "alice" });
        await DomainsCluster.Restart(cluster.Worker<ICaseRecordGrain>(ill));
        var key = cluster.Records.Json.Keys.Single(each => each.StartsWith("case-record/", StringComparison.Ordinal) && each.EndsWith(ill, StringComparison.Ordinal));
        cluster.Records.Json[key] = cluster.Records.Json[key].Replace("\"opened\"", "\"merged\"", StringComparison.Ordinal);

        var damage = await Assert.ThrowsAnyAsync<Exception>(() => Cases.Get(ill));
        Assert.Contains("'merged'", damage.ToString(), StringComparison.Ordinal);
        Assert.Equal(CaseState.Draft, (await Cases.Get(well)).State);
    }

    [Fact]
    public async Task A_resumed_run_that_was_cancelled_goes_on_and_adds_no_evidence_twice()
    {
        var address = await cluster.ServeJson("""[{"name":"Acme Trading s.r.o."}]""");
        await cluster.Worker<IAdapterRegistryGrain>(IAdapterRegistryGrain.Key).Register(Adapter("resume-registry", "registry", address));
        var caseId = await Cases.Open(new CaseRequest { Subject = Acme, OpenedBy = "alice" });
        var runId = await Pipeline.Start(caseId, new PipelineSpec { Sources = ["resume-registry"] });
        await Pipeline.Cancel(runId);
        await End(runId);
        Assert.Equal(runId, await Pipeline.Resume(runId));
        var status = await End(runId);
        Assert.Equal(RunState.Completed, status.State);
        Assert.Equal(runId, await Pipeline.Resume(runId));
        var evidence = (await Cases.Get(caseId)).Evidence;
        Assert.Equal(evidence.Length, evidence.Select(item => item.Id).Distinct().Count());
        Assert.Single(evidence, item => item.Kind is EvidenceKind.Score);
    }

    [Fact]
    public async Task A_stage_that_crashes_three_times_ends_its_run_as_failed_and_other_runs_complete()
    {
        var asked = new TaskCompletionSource();
        var answer = new TaskCompletionSource();
        var held = await cluster.Serve(async context =>
        {
            asked.TrySetResult();
            await answer.Task;
            await context.Response.WriteAsync("[]");
        });
        var registry = cluster.Worker<IAdapterRegistryGrain>(IAdapterRegistryGrain.Key);
        await registry.Register(Adapter("held-registry", "registry", held));
        await registry.Register(Adapter("free-registry", "registry", await cluster.ServeJson("[]")));
        var poisoned = await Cases.Open(new CaseRequest { Subject = Acme, OpenedBy = "alice" });
        var healthy = await Cases.Open(new CaseRequest { Subject = Acme, OpenedBy = "alice" });
        var run = await Pipeline.Start(poisoned, new PipelineSpec { Sources = ["held-registry"] });
        await asked.Task.WaitAsync(TestContext.Current.CancellationToken);

        // While the run collects, a person moves the case on, and the case takes the run's evidence no more.
        await Cases.Transition(poisoned, CaseState.Review, "carol", "");
        await Cases.Transition(poisoned, CaseState.Decided, "bob", "");
        Assert.Equal(RunState.Completed, (await End(await Pipeline.Start(healthy, new PipelineSpec { Sources = ["free-registry"] }))).State);
        Assert.Equal(RunState.Running, (await Pipeline.Status(run)).State);
        answer.SetResult();

        var status = await End(run);
        Assert.Equal((RunState.Failed, 3), (status.State, status.Attempts));
        Assert.Equal([PipelineStage.Collect], status.Committed);
        Assert.Equal(PipelineStage.Screen, Assert.Single(await Pipeline.DeadLetters(run)).Stage);
    }

    [Fact]
    public async Task A_run_needs_a_case()
    {
        var missing = await Assert.ThrowsAsync<ArgumentException>(() => Pipeline.Start("case-999999", new PipelineSpec()));
        DomainsCluster.AssertNames("id", missing);
    }

    private async Task<PipelineStatus> End(string runId)
    {
        PipelineStatus status;
        do
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            status = await Pipeline.Status(runId);
        }
        while (status.State is RunState.Running);
        return status;
    }

    private static AdapterInfo Adapter(string slug, string category, string address) => new()
    {
        Slug = slug, Name = slug, Category = category, Kind = AdapterKind.HttpJson, Address = address, Inputs = [InputKind.Company], Confidence = 0.9,
    };
}
