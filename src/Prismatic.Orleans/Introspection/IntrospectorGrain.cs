using System.Collections.Immutable;
using Orleans.Concurrency;
using Prismatic.Breakers;
using Prismatic.Runtime;
using Prismatic.Supervision;

namespace Prismatic.Introspection;

/// <summary>Gathers what supervisors and silos know into one picture, at most once a second however many ask.</summary>
[Reentrant]
internal sealed class IntrospectorGrain(SupervisorSpecs specs, SiloAgents silos, SupervisedTypes types, TimeProvider time) : Grain, ISupervisionIntrospectorGrain
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(5);

    private Task<(TreeHealth Health, ImmutableArray<Ticket> Tickets)>? _picture;
    private long _takenAt;

    public async Task<TreeHealth> GetTreeHealth() => (await Picture()).Health;

    public Task<TreeHealth> GetState() => GetTreeHealth();

    public async Task<ImmutableArray<Ticket>> GetTickets() => (await Picture()).Tickets;

    public async Task<ImmutableArray<BreakerView>> GetBreakers() =>
        [.. (await GrainFactory.GetGrain<IBreakerDirectoryGrain>(IBreakerDirectoryGrain.Key).GetOpen()).OrderBy(breaker => breaker.Target, StringComparer.Ordinal)];

    private Task<(TreeHealth Health, ImmutableArray<Ticket> Tickets)> Picture()
    {
        if (_picture is null || _picture.IsFaulted || (_picture.IsCompleted && time.GetElapsedTime(_takenAt) >= Fresh))
        {
            _takenAt = time.GetTimestamp();
            _picture = Take();
        }

        return _picture;
    }

    private async Task<(TreeHealth Health, ImmutableArray<Ticket> Tickets)> Take()
    {
        var silosAsked = silos.Observe();
        var views = await Task.WhenAll(specs.All.Select(Ask));
        var reports = await silosAsked;

        var missing = views.Where(view => view.View is null).Select(view => $"Supervisor {view.Spec.Path} did not answer.")
            .Concat(reports.Where(report => report.Value is null).Select(report => $"Silo {report.Key} did not answer."))
            .Concat(reports.Values.OfType<SiloReport>().SelectMany(report => report.SilentHooks.Select(hook => $"On silo {report.Silo} {hook} has not fired since its start.")))
            .ToImmutableArray();
        var picture = new TreePicture(types, views, [.. reports.Values.OfType<SiloReport>()]);
        return (picture.Health(missing, time.GetUtcNow()), picture.Tickets());
    }

    private async Task<(SupervisorSpec Spec, SupervisorView? View)> Ask(SupervisorSpec spec)
    {
        try
        {
            return (spec, await GrainFactory.GetGrain<ISupervisorGrain>(spec.Path).GetState().WaitAsync(AnswerLimit, time));
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            // What does not answer is named in the picture and lowers the score.
            return (spec, null);
        }
    }
}
