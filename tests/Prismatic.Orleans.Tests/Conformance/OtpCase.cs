using Microsoft.Extensions.DependencyInjection;
using Prismatic.Events;
using Prismatic.Runtime;
using Prismatic.Supervision;
using Prismatic.Tests.Cluster;
using Xunit;

namespace Prismatic.Tests.Conformance;

/// <summary>One case in a shared cluster: its supervisors, its children and what it did, without what the others do.</summary>
internal sealed class OtpCase(CaseTree tree, string name)
{
    private int _ends;
    private int _taken;

    public OtpCluster Otp => tree.Otp;

    public string Path { get; } = $"app/{name}";

    /// <summary>The supervisor of the case, or one below it.</summary>
    public ISupervisorGrain Supervisor(string below = "") => Otp.Supervisor(PathOf(below));

    public ICaseGrain Actor(string id) => Otp.Cluster.Client.GetGrain<ICaseGrain>(Key(id));

    public string Key(string id) => $"{name}.{id}";

    public ChildSpec Spec(string id, RestartType restart = RestartType.Permanent, Shutdown? shutdown = null, bool significant = false)
    {
        var spec = ChildSpec.For(Actor(id), id) with { Restart = restart, Significant = significant };
        return shutdown is { } limit ? spec with { Shutdown = limit } : spec;
    }

    /// <summary>Adds a child; <paramref name="to"/> is the case's supervisor or one below it.</summary>
    public Task<ChildAnswer> Add(string id, RestartType restart = RestartType.Permanent, string to = "", Shutdown? shutdown = null, bool significant = false) =>
        Supervisor(to).StartChild(Spec(id, restart, shutdown, significant));

    /// <summary>Lets a child end and returns when its supervisors have done what follows.</summary>
    public async Task Exit(string id, ExitReason reason = ExitReason.Error)
    {
        await ExitUnsettled(id, reason);
        await Settled();
    }

    /// <summary>Lets a child end and returns when its activation is gone.</summary>
    public async Task ExitUnsettled(string id, ExitReason reason = ExitReason.Error)
    {
        var gone = $"stop {Key(id)}";
        var stops = Otp.Journal.Count(entry => entry == gone);
        var told = Ends();
        if (reason == ExitReason.Error)
        {
            await Assert.ThrowsAsync<InvalidOperationException>(() => Actor(id).End(reason, ++_ends));
        }
        else
        {
            await Actor(id).End(reason, ++_ends);
        }

        // With its end the report is on its way.
        await SupervisedCluster.Until(() => Otp.Journal.Count(entry => entry == gone) > stops && (reason == ExitReason.Error || Ends() > told));

        int Ends() => Events.Count(happened => happened.Kind == SupervisionEventKind.Exited && ChildPath.Name(happened.Subject) is var child && (child == id || child == Key(id)));
    }

    /// <summary>The starts of a child from now on fail, whatever it is asked, until it is healed.</summary>
    public void Break(string id) => Otp.Starts.Always(Key(id), StartOutcome.Failed);

    public void Heal(string id) => Otp.Starts.Always(Key(id), null);

    public void NextStarts(string id, params StartOutcome[] outcomes) => Otp.Starts.Next(Key(id), outcomes);

    /// <summary>What the children did since this was last asked.</summary>
    public string Journal()
    {
        var mine = Otp.Journal.Where(entry => entry.Split(' ')[1].StartsWith($"{name}.", StringComparison.Ordinal)).Skip(_taken).ToList();
        _taken += mine.Count;
        return string.Join(", ", mine.Select(entry => entry.Replace($"{name}.", "", StringComparison.Ordinal)));
    }

    /// <summary>The children of a supervisor with what they are, in start order.</summary>
    public async Task<string> Which(string below = "") => string.Join(
        ' ',
        (await Supervisor(below).WhichChildren()).Select(child => $"{child.Id.Replace($"{name}.", "", StringComparison.Ordinal)}={child.Run}"));

    public async Task<ChildInfo> Info(string id, string below = "") =>
        (await Supervisor(below).GetChildSpec(id)) ?? throw new InvalidOperationException($"{PathOf(below)} has no child '{id}'.");

    public async Task<long> Incarnation(string id, string below = "") => (await Info(id, below)).Incarnation;

    public async Task<(int Specs, int Active, int Supervisors, int Workers)> Counts(string below = "")
    {
        var counts = await Supervisor(below).CountChildren();
        return (counts.Specs, counts.Active, counts.Supervisors, counts.Workers);
    }

    /// <summary>What stands at the case's own supervisor, or one below it, as its parent sees it.</summary>
    public async Task<ChildRun> Run(string below = "") =>
        (await Otp.Supervisor(ChildPath.Parent(PathOf(below))!).GetChildSpec(ChildPath.Name(PathOf(below))))!.Run;

    /// <summary>Whether the supervisor has ended and all below it is refused.</summary>
    public async Task AssertEnded(string below, params string[] children)
    {
        Assert.Equal(ChildRun.Undefined, await Run(below));
        foreach (var child in children)
        {
            await AssertStopped(child);
        }
    }

    /// <summary>A call to the child is refused, for good.</summary>
    public async Task AssertStopped(string id)
    {
        var refused = await Assert.ThrowsAsync<ChildUnavailableException>(() => Actor(id).Serve());
        Assert.Equal(ChildStatus.Stopped, refused.Status);
    }

    /// <summary>Returns when the supervisor has begun to stop that child.</summary>
    public Task IsBeingStopped(string id) => SupervisedCluster.Until(() =>
        Otp.Cluster.Services(0).GetRequiredService<GateTable>().TryGet(Actor(id).GetGrainId(), out var gate) && gate.Status == ChildStatus.Stopped);

    /// <summary>The parent ends the case's supervisor.</summary>
    public Task<ChildAnswer> Stop() => Otp.Supervisor().TerminateChild(name);

    public IReadOnlyList<SupervisionEvent> Events => [.. Otp.Cluster.Events.All.Where(happened => ChildPath.IsUnder(happened.Subject, Path))];

    /// <summary>The reports of the case's supervisors.</summary>
    public IReadOnlyList<SupervisorReport> Reports => [.. Events.Select(happened => happened.Report).OfType<SupervisorReport>().Where(report => ChildPath.IsUnder(report.Supervisor, Path))];

    /// <summary>The reports of one kind, by child and reason.</summary>
    public IEnumerable<string> ReportsOf(SupervisorReportContext context) => Reports.Where(report => report.Context == context).Select(report => $"{report.Child.Replace($"{name}.", "", StringComparison.Ordinal)} {report.Reason}");

    /// <summary>Returns when all reports are taken in and the supervisors of this case and the root have nothing left to do.</summary>
    public async Task Settled()
    {
        var paths = Otp.Cluster.Services(0).GetRequiredService<SupervisorSpecs>().All
            .Select(supervisor => supervisor.Path)
            .Where(path => ChildPath.IsUnder(path, Path))
            .Reverse()
            .Append("app")
            .ToList();
        var patience = TimeProvider.System.GetTimestamp();
        for (var (quiet, before) = (0, ""); quiet < 2;)
        {
            await Otp.Cluster.Reported();
            foreach (var path in paths)
            {
                // Takes its turn behind everything that the supervisor was asked before.
                await Otp.Cluster.Inside.GetGrain<ISupervisorReportsGrain>(path).GetDirectives();
            }

            var pictures = await Task.WhenAll(paths.Select(async path => (path, Children: await Otp.Supervisor(path).WhichChildren())));
            var now = string.Join('|', pictures.Select(picture => $"{picture.path}: {string.Join(' ', picture.Children.Select(child => $"{child.Id}={child.Run}{child.Incarnation}"))}"))
                + $" {Otp.Journal.Count()}";
            quiet = now == before ? quiet + 1 : 0;
            before = now;
            if (quiet == 0 && TimeProvider.System.GetElapsedTime(patience) > SupervisedCluster.Patience)
            {
                throw new TimeoutException($"The supervisors of {Path} did not come to rest. They are at {now}.");
            }
        }
    }

    /// <summary>Returns when what is asked for has come true.</summary>
    public static async Task Until(Func<Task<bool>> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!await condition())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, patience.Token);
        }
    }

    private string PathOf(string below) => below.Length == 0 ? Path : $"{Path}/{below}";
}
