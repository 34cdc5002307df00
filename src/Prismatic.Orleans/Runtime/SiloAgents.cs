using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using Orleans.Runtime.Services;
using Prismatic.Breakers;
using Prismatic.Remediation;

namespace Prismatic.Runtime;

/// <summary>Reaches the agents of all active silos. A silo that does not answer is logged and left out: it asks for itself when it is back.</summary>
internal sealed partial class SiloAgents(
    IServiceProvider services,
    IClusterMembershipService membership,
    MonotonicClock clock,
    ILogger<SiloAgents> log) : GrainServiceClient<ISiloAgent>(services), ISiloBroadcast
{
    private readonly SiloPatience _patience = new();

    // Shorter than the registry waits, so that one silo that does not answer does not hide what the others said.
    private static readonly TimeSpan RulesLimit = TimeSpan.FromSeconds(3);

    /// <summary>Gives directives to every silo. A silo that does not answer is named: what its gates are is unknown.</summary>
    public async Task<DirectiveAnswers> Apply(ImmutableArray<Directive> directives)
    {
        if (directives.IsEmpty)
        {
            return DirectiveAnswers.None;
        }

        var answers = await AskAll(agent => agent.Apply(directives), "directives");
        return new DirectiveAnswers(
            [.. answers.Values.OfType<DirectiveReceipt>()],
            [.. answers.Where(answer => answer.Value is null).Select(answer => answer.Key)]);
    }

    /// <summary>Tells every silo what lives on this one.</summary>
    public Task TellInventory(SiloInventory inventory) => Tell(agent => agent.TakeInventory(inventory), "what lives here");

    /// <summary>Tells all silos, and what each of them says it has; one that does not answer is listed without a version.</summary>
    public async Task<ImmutableArray<RulesAtSilo>> PublishRules(RuleTable table)
    {
        var answers = await Task.WhenAll(Silos().Select(Ask));
        return [.. answers.OrderBy(answer => answer.Silo, StringComparer.Ordinal)];

        async Task<RulesAtSilo> Ask(SiloAddress silo)
        {
            var answer = new RulesAtSilo { Silo = silo.ToParsableString() };
            await Guard(silo, async () => answer = await GetGrainService(silo).ApplyRules(table), "rules", RulesLimit);
            return answer;
        }
    }

    public Task PublishBreaker(BreakerView view) => Tell(agent => agent.ApplyBreaker(view), "a breaker");

    public Task OpenBreaker(BreakerView view) => Tell(agent => agent.OpenBreaker(view), "a breaker");

    /// <summary>The reset that any silo ordered for a grain.</summary>
    public async Task<string?> FindReset(GrainId grain)
    {
        string? order = null;
        await Tell(async agent => order = await agent.FindReset(grain) ?? order, "a question about a reset");
        return order;
    }

    /// <summary>What each silo knows; null for one that did not answer.</summary>
    public Task<IReadOnlyDictionary<SiloAddress, SiloReport?>> Observe() => AskAll(agent => agent.Observe(), "a question");

    private async Task<IReadOnlyDictionary<SiloAddress, T?>> AskAll<T>(Func<ISiloAgent, Task<T>> ask, string what)
        where T : class
    {
        var answers = await Task.WhenAll(Silos().Select(async silo =>
        {
            T? answer = null;
            await Guard(silo, async () => answer = await ask(GetGrainService(silo)), what);
            return (silo, answer);
        }));
        return answers.ToDictionary(answer => answer.silo, answer => answer.answer);
    }

    private Task Tell(Func<ISiloAgent, Task> tell, string what) =>
        Task.WhenAll(Silos().Select(silo => Guard(silo, () => tell(GetGrainService(silo)), what)));

    private List<SiloAddress> Silos()
    {
        var active = membership.CurrentSnapshot.Members.Values.Where(member => member.Status == SiloStatus.Active).Select(member => member.SiloAddress).ToList();
        _patience.Keep(active);
        return active;
    }

    private async Task Guard(SiloAddress silo, Func<Task> call, string what, TimeSpan? limit = null)
    {
        try
        {
            await Answered().WaitAsync(_patience.For(silo, limit), clock.TimeProvider);
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            if (failure is TimeoutException)
            {
                _patience.WasSilent(silo);
            }

            NotReached(log, silo, what, failure);
        }

        // A late answer is one too.
        async Task Answered()
        {
            await call();
            _patience.Answered(silo);
        }
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message = "The supervision agent of silo {Silo} could not be told {What}; it asks for the whole table when it is back.")]
    private static partial void NotReached(ILogger log, SiloAddress silo, string what, Exception exception);
}
