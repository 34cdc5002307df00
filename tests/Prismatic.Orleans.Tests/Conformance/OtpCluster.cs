using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Prismatic.Runtime;
using Prismatic.Supervision;
using Prismatic.Tests.Cluster;
using Xunit;

namespace Prismatic.Tests.Conformance;

/// <summary>A cluster under OTP's rules, asked through the client.</summary>
internal sealed class OtpCluster : IAsyncDisposable
{
    private static readonly byte[] Key = [.. Enumerable.Range(1, 32).Select(number => (byte)number)];

    private OtpCluster(SupervisedCluster cluster, StartScripts starts)
    {
        Cluster = cluster;
        Starts = starts;
    }

    private int _exits;

    public SupervisedCluster Cluster { get; }

    public StartScripts Starts { get; }

    public ISupervisorGrain Supervisor(string path = "app") => Cluster.Client.GetGrain<ISupervisorGrain>(path);

    public IActorGrain Actor(string key) => Cluster.Client.GetGrain<IActorGrain>(key);

    public IEnumerable<string> Journal => Cluster.Stage.Journal;

    /// <summary>Starts the cluster and returns when the root has started its children, or has ended because one could not start.</summary>
    public static async Task<OtpCluster> Start(
        Action<SupervisionTreeBuilder> tree,
        int silos = 1,
        TopPolicy policy = TopPolicy.Otp,
        StartScripts? starts = null,
        FakeTimeProvider? time = null,
        Action<ISiloBuilder>? configure = null)
    {
        starts ??= new StartScripts();
        var cluster = await SupervisedCluster.Start(
            declared =>
            {
                declared.Enforce().Configure(options => options.TopPolicy = policy);
                tree(declared);
            },
            silos,
            time: time,
            configure: silo =>
            {
                silo.Services.AddSingleton(starts);
                configure?.Invoke(silo);
            },
            controlKey: Key);
        var started = new OtpCluster(cluster, starts);
        await started.Settled();
        return started;
    }

    /// <summary>Lets a child end and returns when its supervisors have done what follows.</summary>
    public async Task Exit(string key, ExitReason reason, string? under = null)
    {
        var stops = Journal.Count(entry => entry == $"stop {key}");
        if (reason == ExitReason.Error)
        {
            await Assert.ThrowsAsync<InvalidOperationException>(() => Actor(key).Exit(reason, Interlocked.Increment(ref _exits)));
        }
        else
        {
            await Actor(key).Exit(reason, Interlocked.Increment(ref _exits));
        }

        await SupervisedCluster.Until(() => Journal.Count(entry => entry == $"stop {key}") > stops);
        await Settled(under);
    }

    /// <summary>Takes what the journal holds.</summary>
    public string TakeJournal()
    {
        var entries = Journal.ToList();
        Cluster.Stage.Journal.Clear();
        return string.Join(", ", entries);
    }

    /// <summary>Returns when all reports are taken in and no supervisor has anything left to do; where <paramref name="under"/> is named, none at or below it, and not its parent.</summary>
    public async Task Settled(string? under = null)
    {
        var paths = Cluster.Services(0).GetRequiredService<SupervisorSpecs>().All.Select(supervisor => supervisor.Path)
            .Where(path => under is null || ChildPath.IsUnder(path, under) || path == ChildPath.Parent(under)).Reverse().ToList();
        await Cluster.Inside.GetGrain<ISupervisorReportsGrain>(paths[^1]).EnsureStarted();
        var patience = TimeProvider.System.GetTimestamp();
        for (var (quiet, before) = (0, ""); quiet < 2;)
        {
            await Cluster.Reported();
            foreach (var path in paths)
            {
                // Takes its turn behind everything that the supervisor was asked before.
                await Cluster.Inside.GetGrain<ISupervisorReportsGrain>(path).GetDirectives();
            }

            var (now, startsAgain) = await Picture(paths);
            quiet = now == before && !startsAgain ? quiet + 1 : 0;
            before = now;
            if (quiet == 0 && TimeProvider.System.GetElapsedTime(patience) > SupervisedCluster.Patience)
            {
                throw new TimeoutException($"The supervisors did not come to rest. They are at {now}.");
            }
        }
    }

    /// <summary>All children of all supervisors with their states, as text; and whether one of them is a supervisor whose failed start is tried again in a moment.</summary>
    private async Task<(string Text, bool StartsAgain)> Picture(IEnumerable<string> paths)
    {
        var pictures = await Task.WhenAll(paths.Select(async path => (path, Children: await Supervisor(path).WhichChildren())));
        var text = string.Join('|', pictures.Select(picture => $"{picture.path}: {string.Join(' ', picture.Children.Select(child => $"{child.Id}={child.Run}{child.Incarnation}"))}"))
            + $" {Cluster.Stage.Journal.Count}";
        return (text, pictures.Any(picture => picture.Children.Any(child => child is { IsSupervisor: true, Run: ChildRun.Restarting })));
    }

    public ValueTask DisposeAsync() => Cluster.DisposeAsync();
}
