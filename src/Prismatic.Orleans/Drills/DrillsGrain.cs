using Microsoft.Extensions.DependencyInjection;

namespace Prismatic.Drills;

/// <summary>
/// The door to the drills of all silos. It keeps nothing: the place of a grain in the directory can go with another silo, and a drill that
/// kills one must not lose itself.
/// </summary>
[GrainType("prismatic-drills")]
internal sealed class DrillsGrain(IServiceProvider services) : Grain, IDrillsGrain
{
    public async Task<DrillView?> Get(string id) =>
        services.GetService<DrillBook>() is { } book ? book.Get(id) ?? await services.GetRequiredService<DrillAgents>().Find(id) : null;

    public async Task<DrillStart> Start(string file)
    {
        ArgumentNullException.ThrowIfNull(file);
        if (services.GetService<DrillBook>() is not { } book)
        {
            return new DrillStart { Off = true };
        }

        return await services.GetRequiredService<DrillAgents>().Find(null) is { } busy ? new DrillStart { Busy = busy } : book.Start(file);
    }
}
