using Microsoft.Extensions.DependencyInjection;
using Prismatic.Measuring;
using Prismatic.Storage;
using Prismatic.Supervision;

namespace Prismatic.Calls;

/// <summary>One of the silos that are compared, with what it has in the way of its calls.</summary>
internal sealed record Arm(string Name, string What, BenchmarkSilo Silo) : IAsyncDisposable
{
    public const string Bare = "bare";
    public const string Empty = "empty";
    public const string BothSides = "both sides";
    public const string Supervised = "supervised";

    public static async Task<Arm[]> StartAll() =>
    [
        new(Bare, "Orleans without a filter", await BenchmarkSilo.Start(_ => { })),
        new(Empty, "one empty incoming filter, async with try/catch", await BenchmarkSilo.Start(silo => silo
            .AddIncomingGrainCallFilter<EmptyIncomingCallFilter>())),
        new(BothSides, "an empty filter on both sides, incoming and outgoing: what is common elsewhere, tracing for one", await BenchmarkSilo.Start(silo => silo
            .AddIncomingGrainCallFilter<EmptyIncomingCallFilter>()
            .AddOutgoingGrainCallFilter<EmptyOutgoingCallFilter>())),
        new(Supervised, "AddSupervision, enforced, the grain's type a family of the tree", await BenchmarkSilo.Start(silo => silo
            .AddMemoryGrainStorage(StorageNames.Provider)
            .AddSupervision(tree => tree.Enforce().Supervisor("bench", RestartStrategy.OneForOne, bench => bench.Workers<IPingGrain>("pings"))))),
    ];

    public ValueTask DisposeAsync() => Silo.DisposeAsync();
}
