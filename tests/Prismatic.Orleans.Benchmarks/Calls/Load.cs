namespace Prismatic.Calls;

/// <summary>A way of calling: how many callers, how many grains, which method.</summary>
internal sealed record Load(string Name, int Callers, int Grains, bool WithPayload)
{
    private static readonly byte[] Payload = new byte[1024];

    public static readonly Load[] All =
    [
        new("sequential, empty method", 1, 1, false),
        new("sequential, 1 KB argument", 1, 1, true),
        new("64 callers, 1,000 grains, empty method", 64, 1_000, false),
        new("64 callers, 1,000 grains, 1 KB argument", 64, 1_000, true),
    ];

    public IPingGrain[] GrainsOf(Arm arm) => [.. Enumerable.Range(0, Grains).Select(key => arm.Silo.Grains.GetGrain<IPingGrain>(key))];

    /// <summary>Makes about that many calls, spread evenly over the callers; returns how many they were.</summary>
    public async Task<int> Drive(IPingGrain[] grains, int calls)
    {
        var each = Math.Max(1, calls / Callers);
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(() => Call(grains, caller, each))));
        return each * Callers;
    }

    private async Task Call(IPingGrain[] grains, int caller, int calls)
    {
        var at = caller * grains.Length / Callers;
        for (var i = 0; i < calls; i++)
        {
            var grain = grains[at];
            at = at + 1 == grains.Length ? 0 : at + 1;
            await (WithPayload ? grain.Take(Payload) : grain.Ping());
        }
    }
}
