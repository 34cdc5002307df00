using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using Prismatic.Supervision;

namespace Prismatic.Runtime;

/// <summary>
/// Who lived where, for the case that a silo is lost with all it knew. Each silo tells the others which workers live on it when that has
/// changed, at most once a second (and 1 ms for each of them), and how many members of each family, at most every ten; it keeps what the others told. When membership
/// declares a silo dead, each survivor tells the supervisors concerned, through its outbox; a supervisor takes the first. Nothing is stored
/// and no supervisor is told anything while all is well. What moved within the last second before a loss may be missed, and starts with its
/// next call. A silo that stops in order says so by an empty inventory, and nothing is lost with it.
/// </summary>
internal sealed partial class SiloInventories(
    LiveActivations live,
    SupervisedTypes types,
    SupervisorSpecs specs,
    SiloAgents agents,
    IClusterMembershipService membership,
    SiloIdentity silo,
    ReportOutbox outbox,
    MonotonicClock clock,
    ILogger<SiloInventories> log) : IDisposable
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FamiliesEvery = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<SiloAddress, SiloInventory> _others = new();
    private readonly ConcurrentDictionary<SiloAddress, bool> _dead = new();
    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;
    private long _version;
    private int _newcomers;

    /// <summary>Raised when membership has declared a silo dead, after the supervisors concerned have been told.</summary>
    public event Action? SiloDied;

    /// <summary>Publishes and watches until <see cref="Stop"/>.</summary>
    public void Start() => _running = Task.WhenAll(Publish(), Watch());

    /// <summary>Ends it. A silo that leaves in order takes nothing with it, and says so.</summary>
    public async Task Stop(bool inOrder)
    {
        await _stopping.CancelAsync();
        await _running;
        if (inOrder)
        {
            await agents.TellInventory(new SiloInventory { Silo = silo.Address, Version = ++_version, Tree = specs.Tree });
        }
    }

    public void Dispose() => _stopping.Dispose();

    /// <summary>What another silo said last; null when nothing was heard.</summary>
    public SiloInventory? Of(SiloAddress other) => _others.GetValueOrDefault(other);

    /// <summary>Another silo tells what lives on it.</summary>
    public void Take(SiloInventory inventory)
    {
        if (!inventory.Silo.Equals(silo.Address) && !_dead.ContainsKey(inventory.Silo))
        {
            if (inventory.Tree is { } tree && tree.Fingerprint != specs.Tree.Fingerprint && _others.GetValueOrDefault(inventory.Silo)?.Tree is null)
            {
                OtherTree(log, inventory.Silo, tree.Fingerprint, specs.Tree.Fingerprint);
            }

            _others.AddOrUpdate(inventory.Silo, inventory, (_, known) => known.Version < inventory.Version ? inventory : known);
        }
    }

    private async Task Publish()
    {
        var changes = -1L;
        var familiesAt = clock.Now;
        var told = Own(Workers());
        try
        {
            while (true)
            {
                // A long inventory is told more seldom.
                await Task.Delay(Every + TimeSpan.FromMilliseconds(told.Workers.Length), clock.TimeProvider, _stopping.Token);
                var due = clock.Now - familiesAt >= FamiliesEvery;
                var (before, newcomers) = (changes, Interlocked.Exchange(ref _newcomers, 0));
                changes = live.WorkerChanges;
                if (changes == before && newcomers == 0 && !due)
                {
                    continue;
                }

                familiesAt = due ? clock.Now : familiesAt;
                var own = Own(changes == before ? told.Workers : Workers());
                if (newcomers > 0 || !own.Workers.SequenceEqual(told.Workers) || !own.Members.SequenceEqual(told.Members))
                {
                    told = own with { Version = ++_version };
                    await agents.TellInventory(told);
                }
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The silo is stopping.
        }
    }

    private async Task Watch()
    {
        var known = new HashSet<SiloAddress>();
        try
        {
            await foreach (var snapshot in membership.MembershipUpdates.WithCancellation(_stopping.Token))
            {
                var gone = known.Where(address => !snapshot.Members.TryGetValue(address, out var member) || member.Status == SiloStatus.Dead).ToList();
                foreach (var address in gone)
                {
                    known.Remove(address);
                    Lost(address);
                    SiloDied?.Invoke();
                }

                foreach (var member in snapshot.Members.Values.Where(member => member.Status == SiloStatus.Active && known.Add(member.SiloAddress)))
                {
                    Interlocked.Increment(ref _newcomers);
                }
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The silo is stopping.
        }
    }

    private void Lost(SiloAddress address)
    {
        _dead[address] = true;
        if (!_others.TryRemove(address, out var inventory))
        {
            return;
        }

        LostSilo(log, address, inventory.Workers.Length, inventory.Members.Sum(family => family.Count));
        foreach (var (supervisor, loss) in SiloSweep.Of(inventory, _others.Values.Append(Own(Workers())), path => types.Find(path)?.Supervisor.Path))
        {
            outbox.Add(supervisor, loss);
        }
    }

    private SiloInventory Own(ImmutableArray<HousedWorker> workers) => new()
    {
        Silo = silo.Address,
        Version = _version,
        Tree = specs.Tree,
        Workers = workers,
        Members = [.. live.Families
            .Select(family => new HousedMembers { Path = family.Path, Count = family.Count })
            .OrderBy(family => family.Path, StringComparer.Ordinal)],
    };

    private ImmutableArray<HousedWorker> Workers() =>
    [
        .. live.Workers
            .Select(worker => new HousedWorker { Path = worker.Child.Spec.Path, ActivationId = worker.Context.ActivationId.ToString() })
            .OrderBy(worker => worker.Path, StringComparer.Ordinal),
    ];

    [LoggerMessage(EventId = 2, Level = LogLevel.Warning, Message = "Silo {Silo} was started with another supervision tree ({Other}) than this one ({Own}). That is well during an upgrade: the tree that was there first stays in force until its last silo has left.")]
    private static partial void OtherTree(ILogger log, SiloAddress silo, string other, string own);

    [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message = "Silo {Silo} was lost; at its last word it housed {Workers} workers and {Members} members of families.")]
    private static partial void LostSilo(ILogger log, SiloAddress silo, int workers, int members);
}
