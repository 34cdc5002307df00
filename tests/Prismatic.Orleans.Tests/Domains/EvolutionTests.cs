using System.Collections.Immutable;
using Prismatic.Domains.Evolution;
using Xunit;

namespace Prismatic.Tests.Domains;

public sealed class EvolutionTests(DomainsCluster cluster) : IClassFixture<DomainsCluster>
{
    private static readonly ImmutableArray<GeneSpec> Genes =
    [
        new() { Name = "breaker.consecutive", Kind = GeneKind.Integer, Min = 1, Max = 10, Default = 3 },
        new() { Name = "breaker.coolDownMs", Kind = GeneKind.Float, Min = 500, Max = 60_000, Default = 10_000 },
        new() { Name = "retry.strategy", Kind = GeneKind.Enum, Options = ["fixed", "exponential"], Default = 1 },
    ];

    [Fact]
    public void A_breaker_opens_after_three_failures_in_a_row_probes_after_its_cool_down_and_doubles_it()
    {
        // Down from 0 to 25 s, a request each second, each failure takes 100 ms.
        var points = Enumerable.Range(0, 60).Select(i => new TracePoint { AtMs = i * 1_000, Dependency = "d", Up = i > 25, LatencyMs = 100 });
        var counts = TraceReplay.Run(points, BreakerGenes.From(BreakerGenes.Defaults));
        // Calls at 0, 1, 2 open it; the probe at 12 fails; the next is at 32 and closes it.
        Assert.Equal((34L, 28L, 400.0), (counts.Answerable, counts.Answered, counts.WastedMs));
        Assert.Equal(4, counts.MostFailedCallsPerMinute);
    }

    [Fact]
    public void Beyond_a_hard_limit_fitness_is_zero()
    {
        var trace = Trace("t", downUntil: 25) with { MaxFailedCallsPerMinute = 4 };
        Assert.True(FitnessRules.Judge("c", BreakerGenes.Defaults, trace, new FitnessWeights()).Total > 0.5);
        Assert.Equal(0, FitnessRules.Judge("c", BreakerGenes.Defaults, trace with { MaxFailedCallsPerMinute = 3 }, new FitnessWeights()).Total);
    }

    [Fact]
    public void The_same_seed_gives_the_same_generations_and_every_gene_stays_in_its_range()
    {
        var (a, b) = (Evolve(7), Evolve(7));
        Assert.Equal(a.Select(Text), b.Select(Text));
        Assert.NotEqual(a.Select(Text), Evolve(8).Select(Text));
        foreach (var chromosome in a)
        {
            Assert.All(Genes, gene => Assert.InRange(chromosome.Genes[gene.Name], gene.Min, Genetics.Top(gene)));
            Assert.Equal(Math.Round(chromosome.Genes["breaker.consecutive"]), chromosome.Genes["breaker.consecutive"]);
        }
    }

    [Fact]
    public async Task Evolution_never_gets_worse_goes_on_after_a_restart_and_promotes_only_what_is_better_on_the_held_out_trace()
    {
        var fitness = cluster.Worker<IFitnessEvaluatorGrain>(IFitnessEvaluatorGrain.Key);
        await fitness.LoadTrace(Trace("train", downUntil: 25));
        await fitness.LoadTrace(Trace("held-out", downUntil: 28));
        var mendel = cluster.Worker<IMendelEngineGrain>(IMendelEngineGrain.Key);
        var runId = await mendel.Seed(new GenomeSpec { Genes = Genes, TraceId = "train", HeldOutTraceId = "held-out" }, 20, 7);
        var best = (await mendel.Champion(runId)).Fitness!.Value;
        Assert.True(best >= (await fitness.Baseline("train")).Total);
        for (var i = 1; i <= 5; i++)
        {
            await DomainsCluster.Restart(mendel);
            var report = await mendel.Step(runId);
            Assert.Equal(i, report.Generation);
            Assert.True(report.Best >= best);
            best = report.Best;
        }

        var promotion = await mendel.Promote(runId);
        Assert.Equal(promotion.Champion > promotion.Current, promotion.Promoted);
        Assert.False((await mendel.Promote(runId)).Promoted && promotion.Promoted, "The champion does not beat itself.");
        await mendel.Rollback();
        Assert.Equal(promotion.Current, (await mendel.Promote(runId)).Current);
    }

    [Fact]
    public async Task A_signal_crosses_strong_edges_within_its_scope_and_outcomes_move_the_edges_on_its_way()
    {
        var network = cluster.Worker<IMycelialNetworkGrain>(IMycelialNetworkGrain.Key);
        await network.Connect("osint", "dd", 0.5);
        await network.Connect("dd", "security", 0.5);
        await network.Connect("security", "osint", 0.5);
        await network.Connect("osint", "evolution", 0.1);
        var lesson = new Signal { Id = "s1", Origin = "osint", Type = "lesson", Payload = "break for 30 s", Scope = SignalScope.Global };
        Assert.Equal(["dd", "osint", "security"], (await network.Publish(lesson)).Reached);
        Assert.Equal(["dd", "osint"], (await network.Publish(lesson with { Id = "s2", Scope = SignalScope.Adjacent })).Reached);
        Assert.Equal(["osint"], (await network.Publish(lesson with { Id = "s3", Scope = SignalScope.Local })).Reached);
        var warning = lesson with { Id = "s4", Priority = SignalPriority.Critical };
        Assert.Contains("evolution", (await network.Publish(warning)).Reached);
        await DomainsCluster.Restart(network);
        Assert.Equal(["s4", "s1", "s2"], (await network.Receive("dd", 10)).Select(signal => signal.Id));
        Assert.Empty(await network.Receive("dd", 10));
        await network.ReportOutcome("s1", "security", helped: true);
        var edges = (await network.Topology()).Edges.ToDictionary(edge => $"{edge.From}-{edge.To}", edge => Math.Round(edge.Weight, 9));
        Assert.Equal((0.6, 0.6, 0.5), (edges["osint-dd"], edges["dd-security"], edges["security-osint"]));
        DomainsCluster.AssertNames("s", await Assert.ThrowsAsync<ArgumentException>(() => network.Publish(lesson)));
    }

    [Fact]
    public void A_full_domain_drops_its_least_urgent_signal()
    {
        var mycelium = new Mycelium();
        mycelium.Connect("a", "b", 1);
        var signal = new Signal { Id = "low", Origin = "a", Type = "t", Payload = "", Priority = SignalPriority.Low };
        mycelium.Publish(signal);
        for (var i = 1; i < Mycelium.MostWaiting; i++)
        {
            Assert.Equal(0, mycelium.Publish(signal with { Id = $"{i}", Priority = SignalPriority.Normal }).Dropped);
        }

        Assert.Equal(1, mycelium.Publish(signal with { Id = "last", Priority = SignalPriority.High }).Dropped);
        Assert.DoesNotContain(mycelium.Take("a", 100), each => each.Id == "low");
    }

    private static ImmutableArray<Chromosome> Evolve(int seed)
    {
        var population = Genetics.First(Genes, 30, Genetics.Chance(seed, 0));
        for (var generation = 1; generation <= 10; generation++)
        {
            population = [.. population.Select(each => each with { Fitness = each.Genes["breaker.consecutive"] / 10 })];
            population = Genetics.Next(Genes, population, generation, Genetics.Chance(seed, generation));
        }

        return population;
    }

    private static string Text(Chromosome c) => c.Id + string.Join(';', c.Genes.OrderBy(gene => gene.Key, StringComparer.Ordinal));

    private static IncidentTrace Trace(string id, int downUntil) => new()
    {
        Id = id,
        Domain = "osint",
        Points = [.. Enumerable.Range(0, 120).Select(i => new TracePoint { AtMs = i * 1_000, Dependency = "d", Up = i > downUntil, LatencyMs = i > downUntil ? 50 : 1_000 })],
    };
}
