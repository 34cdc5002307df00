using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;
using Orleans.Storage;
using Prismatic.Storage;
using Prismatic.Supervision;
using Xunit;

namespace Prismatic.Tests.Conformance;

/// <summary>
/// One cluster under OTP's rules for all cases of a class. Each case has a supervisor of its own under the root, named after it and transient, so that
/// the end of one is no business of the others.
/// </summary>
public abstract class CaseTree : IAsyncLifetime
{
    internal static readonly TimeSpan LongPeriod = TimeSpan.FromHours(1);

    internal OtpCluster Otp { get; private set; } = null!;

    internal StartScripts Starts { get; } = new();

    internal SharedStorage Storage { get; } = new();

    public virtual async ValueTask InitializeAsync() => Otp = await Start(Declare);

    public async ValueTask DisposeAsync()
    {
        await Otp.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    internal OtpCase Case([CallerMemberName] string name = "") => new(this, name);

    internal Task<OtpCluster> Start(Action<SupervisionTreeBuilder> tree) => OtpCluster.Start(
        tree,
        starts: Starts,
        configure: silo => silo.Services.AddKeyedSingleton<IGrainStorage>(StorageNames.Provider, Storage));

    internal abstract void Declare(SupervisionTreeBuilder tree);

    internal async Task Restart(Action<SupervisionTreeBuilder> tree)
    {
        await Otp.DisposeAsync();
        Otp = await Start(tree);
    }
}

/// <summary>Grain storage that outlives its cluster, so that another tree finds what was stored.</summary>
internal sealed class SharedStorage : IGrainStorage
{
    private readonly ConcurrentDictionary<(string Name, GrainId Grain), (object State, long Version)> _rows = new();

    /// <summary>How large what a supervisor stored is.</summary>
    public int SizeOf(string supervisor) => _rows
        .Where(row => row.Key.Name == "prismatic-supervisor" && row.Key.Grain.Key.ToString() == supervisor)
        .Select(row => ((StateEnvelope)row.Value.State).Payload.Length)
        .Single();

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        if (_rows.TryGetValue((stateName, grainId), out var row))
        {
            (grainState.State, grainState.RecordExists, grainState.ETag) = ((T)row.State, true, row.Version.ToString(CultureInfo.InvariantCulture));
        }
        else
        {
            (grainState.State, grainState.RecordExists, grainState.ETag) = (Activator.CreateInstance<T>(), false, null);
        }

        return Task.CompletedTask;
    }

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var known = _rows.TryGetValue((stateName, grainId), out var row) ? row.Version.ToString(CultureInfo.InvariantCulture) : null;
        if (known != grainState.ETag)
        {
            throw new InconsistentStateException($"version {known} is stored, {grainState.ETag} was expected");
        }

        _rows[(stateName, grainId)] = (grainState.State!, row.Version + 1);
        grainState.RecordExists = true;
        grainState.ETag = (row.Version + 1).ToString(CultureInfo.InvariantCulture);
        return Task.CompletedTask;
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        _rows.TryRemove((stateName, grainId), out _);
        (grainState.State, grainState.RecordExists, grainState.ETag) = (Activator.CreateInstance<T>(), false, null);
        return Task.CompletedTask;
    }
}

/// <summary>How cases declare their part of a tree.</summary>
internal static class CaseTrees
{
    /// <summary>The supervisor of a case; as many restarts as <paramref name="intensity"/> in a period that no test outlives.</summary>
    public static SupervisionTreeBuilder Case(
        this SupervisionTreeBuilder tree,
        string name,
        Action<SupervisorBuilder> children,
        RestartStrategy strategy = RestartStrategy.OneForOne,
        int intensity = 2) => tree.Supervisor(name, strategy, supervisor => children(supervisor.Lifetime(RestartType.Transient).Intensity(intensity, CaseTree.LongPeriod)));

    /// <summary>A child of a case: its grain's key is the case and the id.</summary>
    public static SupervisorBuilder Child(this SupervisorBuilder supervisor, string name, string id, RestartType lifetime = RestartType.Permanent, Shutdown? shutdown = null, bool significant = false) =>
        supervisor.Worker<ICaseGrain>(id, worker =>
        {
            worker.Key($"{name}.{id}").Lifetime(lifetime);
            if (shutdown is { } limit)
            {
                worker.StopWithin(limit);
            }

            if (significant)
            {
                worker.Significant();
            }
        });

    /// <summary>A dynamic supervisor, <c>pool</c>, below the supervisor of a case.</summary>
    public static SupervisionTreeBuilder Pool(this SupervisionTreeBuilder tree, string name, int intensity = 2, int? maxChildren = null) => tree.Case(
        name,
        supervisor => supervisor.DynamicSupervisor<ICaseGrain>("pool", maxChildren, configure: pool => pool.Lifetime(RestartType.Transient).Intensity(intensity, CaseTree.LongPeriod)));
}
