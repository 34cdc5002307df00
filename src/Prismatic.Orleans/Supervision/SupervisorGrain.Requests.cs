using System.Collections.Immutable;
using Prismatic.Events;
using Prismatic.Runtime;

namespace Prismatic.Supervision;

/// <summary>What operators and programs ask a supervisor for: OTP's requests about children, and the operator's three.</summary>
internal sealed partial class SupervisorGrain
{
    private long _tokens;

    /// <summary>The child whose reset an operator asks for now, and the order's id.</summary>
    private (string Path, string Id) _ordered;

    public Task<ChildAnswer> StartChild(ChildSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        var template = spec.Grain.IsDefault ? null : types.TemplateFor(_spec.Path, spec.Grain);
        var (child, mistakes) = CoreSetup.Child(_spec, spec, template is not null);
        if (mistakes.Count == 0 && types.TryGet(spec.Grain.Type, out var type) && type.Find(spec.Grain) is { } other && other.PathOf(spec.Grain) != PathOf(child))
        {
            mistakes = [.. mistakes, $"Grain {spec.Grain} is already the child {other.PathOf(spec.Grain)}; a grain has one place in the tree."];
        }

        if (mistakes.Count == 0 && types.GrainAt(PathOf(child)) is { } declared && declared != spec.Grain && _core.Find(child.Id) is null)
        {
            mistakes = [.. mistakes, $"The id '{child.Id}' of {_spec.Path} is declared for grain {declared}; give grain {spec.Grain} another."];
        }

        return mistakes.Count > 0
            ? Task.FromResult(new ChildAnswer(ChildAnswerKind.BadSpec, 0, string.Join(" ", mistakes)))
            : Ask(new CoreMail { Kind = CoreMailKind.StartChild, Child = child });
    }

    public Task<ChildAnswer> TerminateChild(string id) => Ask(new CoreMail { Kind = CoreMailKind.TerminateChild, Id = id });

    public Task<ChildAnswer> RestartChild(string id) => Ask(new CoreMail { Kind = CoreMailKind.RestartChild, Id = id });

    public Task<ChildAnswer> DeleteChild(string id) => Ask(new CoreMail { Kind = CoreMailKind.DeleteChild, Id = id });

    public Task<ImmutableArray<ChildInfo>> WhichChildren() => Task.FromResult<ImmutableArray<ChildInfo>>([.. _core.State.Children.Select(Info)]);

    public Task<ChildCounts> CountChildren() => Task.FromResult(_core.Count());

    public Task<ChildInfo?> GetChildSpec(string id) => Task.FromResult(_core.Find(id) is { } child ? Info(child) : null);

    public Task<int> CountPartitions() => Task.FromResult(
        _spec.Partitions is null ? throw NoPartitions() : _core.State.Children.Count(child => child.Run != ChildRun.Undefined));

    public async Task<int> ResizePartitions(int partitions)
    {
        var declared = _spec.Partitions ?? throw NoPartitions();
        if (partitions < 0 || partitions > declared)
        {
            throw new ArgumentOutOfRangeException(nameof(partitions), partitions, $"{_spec.Path} was declared with {declared} partitions; it can have 0 to {declared}.");
        }

        for (var partition = 0; partition < declared; partition++)
        {
            var child = _core.State.Children[partition];
            if (partition >= partitions && child.Run != ChildRun.Undefined)
            {
                await TerminateChild(child.Id);
            }
            else if (partition < partitions && child.Run == ChildRun.Undefined)
            {
                await RestartChild(child.Id);
            }
        }

        return await CountPartitions();
    }

    public async Task<ChildAnswer> StartSupervisor()
    {
        if (State.Core.Ended is null && State.Core.Begun)
        {
            return new ChildAnswer(ChildAnswerKind.Running);
        }

        events.Emit(new SupervisionEvent { Kind = SupervisionEventKind.OperatorActed, Subject = _spec.Path, Text = "An operator asked to start it." });
        return await Begin(State.Incarnation) is { } failed ? new ChildAnswer(ChildAnswerKind.StartFailed, 0, failed) : new ChildAnswer(ChildAnswerKind.Ok);
    }

    public Task<ChildView> Restart(string child, long? incarnation) => Operate(child, incarnation, "restart", record =>
    {
        record.Incarnation++;
        record.Status = ChildStatus.Restarting;
        record.ReadyAt = record.LastCrashAt = _clock.Now;
        record.Served = true;
    });

    public async Task<ChildView> Reset(string child, long? incarnation)
    {
        try
        {
            return await Operate(child, incarnation, "reset", record =>
            {
                record.Incarnation++;
                record.Status = ChildStatus.Restarting;
                record.ReadyAt = record.LastCrashAt = _clock.Now;
                record.Served = true;
                _ordered = (child, $"operator-{record.Incarnation}");
            });
        }
        finally
        {
            _ordered = default;
        }
    }

    public Task<ChildView> Stop(string child, long? incarnation) => Operate(child, incarnation, "stop", record =>
    {
        record.Status = ChildStatus.Stopped;
        PostOf(child, CoreMailKind.TerminateChild);
    });

    public Task<ChildView> Start(string child, long? incarnation) => Operate(child, incarnation, "start", record =>
    {
        record.Status = ChildStatus.Restarting;
        record.ReadyAt = record.LastCrashAt = _clock.Now;
        record.BudgetTimes.Clear();
        record.Served = true;
        PostOf(child, CoreMailKind.RestartChild);
    });

    /// <summary>What an operator asks of a child of its own; a member of a family has no place in the core.</summary>
    private void PostOf(string path, CoreMailKind kind)
    {
        if (_core.Find(ChildPath.Name(path)) is not null && ChildPath.Parent(path) == _spec.Path)
        {
            _core.Post(new CoreMail { Kind = kind, Id = ChildPath.Name(path) });
        }
    }

    private async Task<ChildView> Operate(string path, long? incarnation, string action, Action<ChildRecord> change)
    {
        if (State.Core.Ended is not null)
        {
            throw new ArgumentException($"{_spec.Path} has ended; start it with {nameof(StartSupervisor)} first.", nameof(path));
        }

        if (types.Find(path) is not { } child || child.Supervisor.Path != _spec.Path)
        {
            throw new ArgumentException($"{_spec.Path} has no child '{path}'.", nameof(path));
        }

        var record = _judge.RecordOf(path, GrainOf(path)?.ToString());
        if (incarnation is { } expected && expected != record.Incarnation)
        {
            throw new ArgumentException($"{path} is at incarnation {record.Incarnation}; the request was made for {expected}. Look again before you {action} it.", nameof(incarnation));
        }

        change(record);
        var result = new Judgement();
        result.Changed.Add(path);
        result.ToStart.Add(path);
        result.Events.Add(new SupervisionEvent { Kind = SupervisionEventKind.OperatorActed, Subject = path, Text = $"An operator asked to {action} it." });
        await Carry(result, endActivations: true);
        return SupervisorViews.OfChild(_spec, State, SupervisorViews.Shut(State, _judge), child.Spec, path, options, _clock.Now);
    }

    /// <summary>Puts a request to the core and does what follows; the answer is given when all is stored.</summary>
    private async Task<ChildAnswer> Ask(CoreMail request)
    {
        await TakeInEnds();
        var token = ++_tokens;
        _core.Post(request with { Token = token });
        await RunCore();
        var at = _core.Answers.FindIndex(answer => answer.Token == token);
        if (at < 0)
        {
            State.Core.Mail.RemoveAll(mail => mail.Token == token);
            return new ChildAnswer(ChildAnswerKind.NoSupervisor, 0, $"{_spec.Path} is quarantined as a whole; ask again when it has ended.");
        }

        var (_, given) = _core.Answers[at];
        _core.Answers.RemoveAt(at);
        await Store();
        Rearm();
        return given;
    }

    private InvalidOperationException NoPartitions() => new($"{_spec.Path} is no partition supervisor; declare it with Partitions<T>().");

    private static ChildInfo Info(CoreChild child) => new()
    {
        Id = child.Id,
        Run = child.Run,
        Incarnation = child.Incarnation,
        IsSupervisor = child.IsSupervisor,
        Restart = child.Restart,
        Shutdown = child.Shutdown,
        Significant = child.Significant,
        Added = child.Added,
    };
}
