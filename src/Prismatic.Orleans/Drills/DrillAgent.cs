using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using Orleans.Runtime.Services;
using Orleans.Services;
using Prismatic.Runtime;
using Prismatic.Supervision;

namespace Prismatic.Drills;

/// <summary>How a silo is killed. The host replaces it where silos share a process.</summary>
internal interface ISiloDeath
{
    /// <summary>Ends the silo without a goodbye.</summary>
    void Die();
}

/// <summary>Kills this process.</summary>
internal sealed class ProcessDeath : ISiloDeath
{
    public void Die()
    {
        using var own = Process.GetCurrentProcess();
        own.Kill();
    }
}

/// <summary>The agent of drills on each silo.</summary>
[Control, Alias("prismatic.IDrillAgent")]
internal interface IDrillAgent : IGrainService
{
    /// <summary>Arms the faults of a drill and begins to record.</summary>
    /// <param name="file">The drill.</param>
    /// <param name="conductor">The silo that runs it, which counts the strikes of faults with a count. It is armed first.</param>
    [Alias("Arm")]
    Task Arm(string file, SiloAddress conductor);

    /// <summary>Takes one strike of a fault; false when they are used up, or no drill is armed.</summary>
    [Alias("Take")]
    Task<bool> Take(int fault);

    /// <summary>A drill that ran on this silo, or null.</summary>
    /// <param name="id">Its id; null for the one that runs now.</param>
    [Alias("Find")]
    Task<DrillView?> Find(string? id);

    /// <summary>Takes the faults away.</summary>
    [Alias("Disarm")]
    Task Disarm();

    /// <summary>What was recorded from an event's number on.</summary>
    [Alias("Events")]
    Task<DrillEvent[]> Events(int from);

    /// <summary>Returns when supervisors and lessons have taken in what this silo reported, at most after 5 s.</summary>
    [Alias("Settle")]
    Task Settle();

    /// <summary>Ends the recording.</summary>
    [Alias("Stop")]
    Task StopRecording();

    /// <summary>Kills the silo.</summary>
    [Alias("Die"), Orleans.Concurrency.OneWay]
    Task Die();
}

/// <inheritdoc cref="IDrillAgent"/>
internal sealed class DrillAgent(
    GrainId id,
    Silo hostSilo,
    ILoggerFactory loggers,
    FaultTable faults,
    DrillRecorder recorder,
    DrillAgents agents,
    DrillBook book,
    SiloIdentity own,
    ISiloDeath death,
    ReportOutbox outbox,
    MonotonicClock clock) : GrainService(id, hostSilo, loggers), IDrillAgent
{
    private static readonly TimeSpan SettleLimit = TimeSpan.FromSeconds(5);

    private ArmedDrill? _armed;

    public Task Arm(string file, SiloAddress conductor)
    {
        var (drill, mistakes) = DrillReader.Read(file);
        _armed = new ArmedDrill(
            drill ?? throw new ArgumentException(string.Join(' ', mistakes), nameof(file)),
            clock,
            conductor.Equals(own.Address) ? null : fault => agents.On(conductor).Take(fault));
        recorder.Start(_armed);
        faults.Source = _armed;
        return Task.CompletedTask;
    }

    public Task<bool> Take(int fault) => Task.FromResult(_armed?.Take(fault) == true);

    public Task<DrillView?> Find(string? id) => Task.FromResult(id is null ? book.Running : book.Get(id));

    public Task Disarm()
    {
        faults.Source = _armed = null;
        return Task.CompletedTask;
    }

    public Task<DrillEvent[]> Events(int from) => Task.FromResult(recorder.From(from));

    public Task Settle() => Task.WhenAny(outbox.Drained(), Task.Delay(SettleLimit, clock.TimeProvider));

    public Task StopRecording()
    {
        recorder.Stop();
        return Task.CompletedTask;
    }

    public Task Die()
    {
        death.Die();
        return Task.CompletedTask;
    }
}

/// <summary>Reaches the drill agents of all active silos.</summary>
internal sealed class DrillAgents(IServiceProvider services, IClusterMembershipService membership, SiloIdentity own, MonotonicClock clock) : GrainServiceClient<IDrillAgent>(services)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    /// <summary>The active silos, this one first.</summary>
    public IReadOnlyList<SiloAddress> Silos() =>
    [
        .. membership.CurrentSnapshot.Members.Values.Where(member => member.Status == SiloStatus.Active).Select(member => member.SiloAddress)
            .OrderBy(silo => silo.Equals(own.Address) ? 0 : 1).ThenBy(silo => silo.ToString(), StringComparer.Ordinal),
    ];

    public IDrillAgent On(SiloAddress silo) => GetGrainService(silo);

    /// <summary>A drill that some silo runs or ran, or null.</summary>
    public async Task<DrillView?> Find(string? id) =>
        (await Task.WhenAll(Silos().Select(silo => On(silo).Find(id).WaitAsync(Limit, clock.TimeProvider)))).FirstOrDefault(drill => drill is not null);

    public SiloAddress Own => own.Address;

    public Task All(Func<IDrillAgent, Task> ask) => Task.WhenAll(Silos().Select(silo => ask(On(silo)).WaitAsync(Limit, clock.TimeProvider)));
}
