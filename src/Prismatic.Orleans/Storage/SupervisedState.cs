using Microsoft.Extensions.Logging;
using Orleans.Storage;
using Prismatic.Runtime;

namespace Prismatic.Storage;

/// <summary>Which state this is: whose, under which name, and what is asked of its record.</summary>
internal readonly record struct StateIdentity(string Name, GrainId Grain, DamagePolicy OnDamage, int Schema)
{
    public int Snapshots { get; init; } = 3;

    public TimeSpan SnapshotEvery { get; init; } = KnownGood.Interval;
}

/// <summary>The state facet. Damage found at activation is reset here, and nowhere else: see <see cref="StateReset"/>.</summary>
internal sealed class SupervisedState<T> : ISupervisedState<T>, ILifecycleParticipant<IGrainLifecycle>
    where T : class, new()
{
    // Whatever happens before OnActivateAsync has returned is one turn: a start that fails proves nothing good.
    private static readonly object StartTurn = new();

    private readonly StateIdentity _identity;
    private readonly StateRecord _record;
    private readonly KnownGoodChain _good;
    private readonly KnownGood _known;
    private readonly StateReset _reset;
    private readonly ResetOrders _orders;
    private readonly ActivationLife _life;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly AsyncLocal<object?> _turn = new();

    private T _value = new();
    private Task _last = Task.CompletedTask;

    public SupervisedState(
        StateIdentity identity, IGrainStorage storage, ResetOrders orders, ActivationLife life, TimeProvider time, ILogger logger)
    {
        _identity = identity;
        _record = new StateRecord(storage, identity.Name, identity.Grain);
        _good = new KnownGoodChain(storage, identity.Name, identity.Grain, identity.Snapshots);
        _known = new KnownGood(time, identity.SnapshotEvery);
        _reset = new StateReset(identity, storage, time, logger);
        _orders = orders;
        _life = life;
        _time = time;
        _logger = logger;
    }

    public T Value
    {
        get
        {
            Turn();
            return _value;
        }

        set
        {
            Turn();
            _value = value;
        }
    }

    public bool Exists => _record.Exists;

    public string? Restored { get; private set; }

    // These three are not async, so that the turn's mark is set in the caller's flow of control and stays for the rest of its turn.
    public Task WriteAsync()
    {
        var turn = Turn();
        return InOrder(() => Write(turn));
    }

    public Task ReadAsync()
    {
        var turn = Turn();
        return InOrder(() => Load(turn, resetId: null, CancellationToken.None));
    }

    public Task ClearAsync()
    {
        Turn();
        return InOrder(Clear);
    }

    public void Participate(IGrainLifecycle lifecycle)
    {
        lifecycle.Subscribe(nameof(SupervisedState<>), GrainLifecycleStage.SetupState, Start, End);

        // One stage later, when every state of the grain was read: an order is for the grain, and may be meant for any of them.
        lifecycle.Subscribe(nameof(SupervisedState<>), GrainLifecycleStage.SetupState + 1, SettleOrder);
    }

    internal Task Start(CancellationToken cancellationToken)
    {
        var resetId = _orders.TryGet(_identity.Grain, out var ordered) ? ordered : null;
        return Load(StartTurn, resetId, cancellationToken);
    }

    internal Task SettleOrder(CancellationToken cancellationToken)
    {
        _orders.Done(_identity.Grain);
        return Task.CompletedTask;
    }

    internal Task End(CancellationToken cancellationToken) =>
        _life.EndsCleanly && _known.ProvenByCleanEnd() is { } proven ? SaveGood(proven) : Task.CompletedTask;

    private async Task Load(object turn, string? resetId, CancellationToken cancellationToken)
    {
        await _record.Read(cancellationToken);
        if (!_record.Exists)
        {
            _value = new T();
            _known.WasCleared();
            return;
        }

        if (StateCodec.TryDecode<T>(_record.Envelope, _identity.Schema, out var state, out var damage))
        {
            _value = state;
            _known.WasRead(_record.Envelope, turn);
            return;
        }

        // Only an activation that starts may be reset; a worker that reads again is told of the damage, crashes, and then it may.
        resetId ??= ReferenceEquals(turn, StartTurn) ? await _orders.Find(_identity.Grain) : null;
        if (resetId is null && _identity.OnDamage is DamagePolicy.Crash)
        {
            throw new StateDamagedException(_identity.Name, _identity.Grain.ToString(), damage);
        }

        (_value, Restored) = await _reset.Carry<T>(_record, _good, damage, resetId, cancellationToken);
        _known.WasRead(_record.Envelope, turn);
    }

    private async Task Write(object turn)
    {
        ThrowIfFenced();
        var proven = _known.ProvenBy(turn);
        var envelope = StateCodec.Encode(_value, _identity.Schema, _time.GetUtcNow(), _record.Envelope.Content.Length);
        await _record.Write(envelope);
        _known.WasWritten(envelope, turn);
        if (proven is not null)
        {
            await SaveGood(proven);
        }
    }

    private async Task Clear()
    {
        ThrowIfFenced();

        // First the snapshot: if the second step fails, the record is still there, and what was cleared cannot come back.
        await _good.Clear();
        await _record.Clear();
        _known.WasCleared();
        _value = new T();
    }

    /// <summary>Keeps a snapshot. The state itself is stored already, so a failure here is logged and harms nobody.</summary>
    private async Task SaveGood(StateEnvelope proven)
    {
        _known.WasSaved();
        try
        {
            await _good.Save(proven, CancellationToken.None);
        }
        catch (Exception e)
        {
            StorageLog.SnapshotNotKept(_logger, e, _identity.Name, _identity.Grain);
        }
    }

    private void ThrowIfFenced()
    {
        if (_life.Fenced)
        {
            throw new StateFencedException(_identity.Name, _identity.Grain.ToString());
        }
    }

    private object Turn() => _life.HasStarted ? _turn.Value ??= new object() : StartTurn;

    private Task InOrder(Func<Task> operation)
    {
        return _last = After(_last, operation);

        static async Task After(Task before, Func<Task> operation)
        {
            await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            await operation();
        }
    }
}
