using Prismatic.Runtime;

namespace Prismatic.Supervision;

/// <summary>
/// A worker runs whether anybody calls it or not: one that crashed or ended, and that is to be restarted, is started again by its supervisor when no call
/// has done so by then. Where siblings restart with it, and under OTP's rules, the core orders that start; this is for all others.
/// </summary>
internal sealed partial class SupervisorGrain
{
    /// <summary>Calls come first, and a child that crashes again meanwhile is started once.</summary>
    private static readonly TimeSpan StartsAfterCalls = TimeSpan.FromMilliseconds(250);

    private const int StartsAtOnce = 64;

    /// <summary>When children are to run again; lost with this activation and made anew from their states by the next.</summary>
    private readonly Dictionary<string, TimeSpan> _toStart = [];

    private bool StartsEagerly => options.StartEagerly && options.Mode == SupervisionMode.Enforce && !Otp;

    private void StartLater(IEnumerable<string> paths)
    {
        if (!StartsEagerly || _spec.Strategy != RestartStrategy.OneForOne)
        {
            return;
        }

        var now = _clock.Now;
        foreach (var path in paths.Where(path => types.Find(path) is { Spec.Kind: ChildKind.Worker }))
        {
            var readyAt = State.Children.TryGetValue(path, out var record) && record.ReadyAt > now ? record.ReadyAt : now;
            _toStart[path] = readyAt + StartsAfterCalls;
        }
    }

    /// <summary>Whether a call has started it again and was served: in a storm that is most of them, before their supervisor hears of the crash.</summary>
    private bool HasServed(string path) => State.Children.GetValueOrDefault(path) is { Status: ChildStatus.Up, Served: true };

    private void StartDue()
    {
        var now = _clock.Now;
        var due = _toStart.Where(start => start.Value <= now).Select(start => start.Key).ToList();
        due.ForEach(path => _toStart.Remove(path));
        var wanted = due.Where(path => State.Children.TryGetValue(path, out var record) && record.Status != ChildStatus.Stopped).ToList();
        if (wanted.Count > 0)
        {
            StartAll(wanted).Ignore();
        }
    }

    /// <summary>Not waited for by a turn: a start that fails is a crash like any other, which its silo reports.</summary>
    private async Task StartAll(IEnumerable<string> paths)
    {
        foreach (var some in paths.Chunk(StartsAtOnce))
        {
            await Task.WhenAll(some
                .Where(path => _core.Find(_judge.CoreIdOf(path)) is not null && GrainOf(path) is not null)
                .Select(path => Guarded(_core.Find(_judge.CoreIdOf(path)), GrainFactory.GetGrain(GrainOf(path)!.Value).AsReference<IChildProbe>().Ping())));
        }
    }
}
