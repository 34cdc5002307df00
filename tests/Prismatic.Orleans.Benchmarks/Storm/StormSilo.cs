using Microsoft.Extensions.DependencyInjection;
using Prismatic.Lessons;
using Prismatic.Measuring;
using Prismatic.Remediation;
using Prismatic.Runtime;
using Prismatic.Storage;
using Prismatic.Supervision;

namespace Prismatic.Storm;

/// <summary>A silo of one arm: bare, where the grain ends its own activation, or supervised, where supervision does.</summary>
internal sealed class StormSilo(bool supervised, BenchmarkSilo silo) : IAsyncDisposable
{
    private const string Domain = "app/storm";

    public bool Supervised => supervised;

    public static async Task<StormSilo> Start(bool supervised) => new(supervised, await BenchmarkSilo.Start(builder =>
    {
        builder.AddMemoryGrainStorage(StorageNames.Provider, storage => storage.Configure<TimeProvider>((settings, time) => settings.GrainStorageSerializer = new EnvelopeSerializer(time)));
        if (supervised)
        {
            builder.AddSupervision(Tree);
        }
    }));

    public IStormGrain Worker => silo.Grains.GetGrain<IStormGrain>("worker", typeof(StormGrain).FullName);

    public IStormGrain Member(int number) => silo.Grains.GetGrain<IStormMemberGrain>($"member-{number}");

    public int Gates => supervised ? silo.Services.GetRequiredService<GateTable>().Count : 0;

    /// <summary>Completes when supervisor and lessons have taken in all that was seen.</summary>
    public Task Reported() => supervised ? silo.Services.GetRequiredService<ReportOutbox>().Drained() : Task.CompletedTask;

    /// <summary>What the supervisor and the lessons counted.</summary>
    public async Task<StormCounts> Count()
    {
        var view = await silo.Grains.GetGrain<ISupervisorGrain>(Domain).GetState();
        var worker = view.Children.Single(child => child.Path == $"{Domain}/worker");
        var family = view.Children.Single(child => child.Path == $"{Domain}/family");
        var lessons = await silo.Grains.GetGrain<ILessonsLearnedGrain>(ILessonsLearnedGrain.Key).GetStatistics();
        return new StormCounts(
            worker.Crashes, worker.Restarts, family.Crashes, family.Restarts, lessons.TotalCrashes, silo.Services.GetRequiredService<ReportOutbox>().Dropped.Sum(item => item.Count));
    }

    public ValueTask DisposeAsync() => silo.DisposeAsync();

    /// <summary>Budgets that no storm uses up, restarts without a delay, and a short verification, so that a run sees it end.</summary>
    private static void Tree(SupervisionTreeBuilder tree) => tree
        .Enforce()
        .Configure(options =>
        {
            options.DefaultRestart = new RestartWithBackoff { First = TimeSpan.Zero, Initial = TimeSpan.Zero, Max = TimeSpan.Zero };
            options.VerificationWindow = TimeSpan.FromSeconds(5);
        })
        .Supervisor("storm", RestartStrategy.OneForOne, storm => storm
            .Intensity(10_000_000, TimeSpan.FromSeconds(5))
            .Worker<IStormGrain>("worker", worker => worker.Intensity(10_000_000, TimeSpan.FromSeconds(5)))
            .Workers<IStormMemberGrain>("family", family => family.Intensity(10_000_000, TimeSpan.FromSeconds(5))));
}

/// <summary>What was counted of a storm.</summary>
internal sealed record StormCounts(long WorkerCrashes, long WorkerRestarts, long FamilyCrashes, long FamilyRestarts, long LessonsCrashes, long Dropped)
{
    public bool AreExact(int crashes, int members) =>
        this == new StormCounts(crashes, crashes, members, members, crashes + members, 0);
}
