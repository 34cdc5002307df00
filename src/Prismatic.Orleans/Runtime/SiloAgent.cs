using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using Orleans.Services;
using Prismatic.Breakers;
using Prismatic.Introspection;
using Prismatic.Remediation;
using Prismatic.Supervision;

namespace Prismatic.Runtime;

/// <summary>What a silo knows of one worker or family.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.LiveChild")]
internal sealed record LiveChild
{
    /// <summary>The path of the worker or family.</summary>
    [Id(0)] public required string Path { get; init; }

    /// <summary>Its live activations here.</summary>
    [Id(1)] public required int Activations { get; init; }

    /// <summary>The estimated bytes that they hold; null when none could be sampled.</summary>
    [Id(2)] public long? Bytes { get; init; }

    /// <summary>How many of the activations are not up yet.</summary>
    [Id(3)] public int Starting { get; init; }
}

/// <summary>What a silo says of itself.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.SiloReport")]
internal sealed record SiloReport
{
    /// <summary>The silo.</summary>
    [Id(0)] public required string Silo { get; init; }

    /// <summary>Its live supervised activations.</summary>
    [Id(1)] public required ImmutableArray<LiveChild> Live { get; init; }

    /// <summary>Hooks that have not fired, in words.</summary>
    [Id(2)] public ImmutableArray<string> SilentHooks { get; init; } = [];

    /// <summary>Reports that wait to be taken in.</summary>
    [Id(3)] public long ReportsWaiting { get; init; }

    /// <summary>Reports dropped since its start.</summary>
    [Id(4)] public long ReportsDropped { get; init; }

    /// <summary>Gates of this silo: children that need attention.</summary>
    [Id(5)] public int Gates { get; init; }
}

/// <summary>The agent of supervision on each silo.</summary>
[Control, Alias("prismatic.ISiloAgent")]
internal interface ISiloAgent : IGrainService
{
    /// <summary>Sets gates. Returns when the activations that are to end have ended, at most after 10 s: those that still run then are named.</summary>
    [Alias("Apply")]
    Task<DirectiveReceipt> Apply(ImmutableArray<Directive> directives);

    /// <summary>Takes a newer rule table; answers what this silo now decides from.</summary>
    [Alias("ApplyRules")]
    Task<RulesAtSilo> ApplyRules(RuleTable table);

    /// <summary>Takes a newer state of a breaker.</summary>
    [Alias("ApplyBreaker")]
    Task ApplyBreaker(BreakerView view);

    /// <summary>Opens a breaker that another silo opened, before its owner says so.</summary>
    [Alias("OpenBreaker")]
    Task OpenBreaker(BreakerView view);

    /// <summary>The reset that this silo ordered for a grain; null when it ordered none.</summary>
    [Alias("FindReset")]
    Task<string?> FindReset(GrainId grain);

    /// <summary>Another silo tells what lives on it.</summary>
    [Alias("TakeInventory")]
    Task TakeInventory(SiloInventory inventory);

    /// <summary>What this silo knows.</summary>
    [Alias("Observe")]
    Task<SiloReport> Observe();
}

/// <inheritdoc cref="ISiloAgent"/>
internal sealed class SiloAgent(
    GrainId id,
    Silo hostSilo,
    ILoggerFactory loggers,
    GateTable gates,
    LiveActivations live,
    OrderedEnds ends,
    SiloInventories inventories,
    ResetOrders resets,
    LocalRules rules,
    RemedyBudgets budgets,
    BreakerTable breakers,
    ReportOutbox outbox,
    HookStatus hooks,
    SiloIdentity silo,
    MemoryEstimator memory) : GrainService(id, hostSilo, loggers), ISiloAgent
{
    public async Task<DirectiveReceipt> Apply(ImmutableArray<Directive> directives)
    {
        foreach (var directive in directives)
        {
            if (directive.RemediesPausedFor is { } pause)
            {
                budgets.Pause(directive.Path, pause);
                continue;
            }

            gates.Apply(directive);
        }

        return await ends.End(directives.Where(directive => directive.EndActivations));
    }

    public Task<RulesAtSilo> ApplyRules(RuleTable table)
    {
        rules.Apply(table);
        return Task.FromResult(new RulesAtSilo { Silo = silo.Name, Version = rules.Current.Version, Since = rules.Since });
    }

    public Task ApplyBreaker(BreakerView view)
    {
        breakers.Apply(view);
        return Task.CompletedTask;
    }

    public Task OpenBreaker(BreakerView view)
    {
        breakers.OpenEarly(view);
        return Task.CompletedTask;
    }

    public Task<string?> FindReset(GrainId grain) => Task.FromResult(resets.TryGet(grain, out var order) ? order : null);

    public Task TakeInventory(SiloInventory inventory)
    {
        inventories.Take(inventory);
        return Task.CompletedTask;
    }

    public Task<SiloReport> Observe()
    {
        var children = live.All.GroupBy(activation => activation.Child).Select(group => new LiveChild
        {
            Path = group.Key.Spec.Path,
            Activations = group.Count(),
            Starting = LiveActivations.Starting(group, hooks),
            Bytes = memory.Estimate([.. group.Select(activation => activation.Context)]),
        });
        return Task.FromResult(new SiloReport
        {
            Silo = silo.Name,
            Live = [.. children],
            SilentHooks = live.Count > 0 ? [.. hooks.Silent()] : [],
            ReportsWaiting = outbox.Waiting,
            ReportsDropped = outbox.Dropped.Sum(item => item.Count),
            Gates = gates.Count,
        });
    }
}
