using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Orleans.Concurrency;
using Prismatic.Breakers;
using Prismatic.Runtime;
using Prismatic.Storage;
using Prismatic.Supervision;
using Prismatic.Telemetry;

namespace Prismatic.Control;

/// <summary>One action; its key is the id. Carries itself out once.</summary>
[Control, Alias("prismatic.IOperatorActionGrain")]
internal interface IOperatorActionGrain : IGrainWithStringKey
{
    /// <summary>The action, or null.</summary>
    [Alias("Get"), AlwaysInterleave]
    Task<OperatorAction?> Get();

    /// <summary>Stores an order, unless there is one already; the action that is stored.</summary>
    [Alias("Begin")]
    Task<OperatorAction> Begin(OperatorOrder order);

    /// <summary>Carries it out, unless it is over.</summary>
    [Alias("Run")]
    Task Run();
}

/// <summary>One page of the audit.</summary>
[Control, Alias("prismatic.IAuditPageGrain")]
internal interface IAuditPageGrain : IGrainWithStringKey
{
    /// <summary>The entries, oldest first.</summary>
    [Alias("Read")]
    Task<ImmutableArray<AuditEntry>> Read();

    /// <summary>Keeps an entry; one with a number that is there changes nothing.</summary>
    [Alias("Keep")]
    Task Keep(AuditEntry entry);
}

/// <summary>What the actions tell the desk.</summary>
[Control, Alias("prismatic.IOperatorDeskGrain")]
internal interface IOperatorDeskGrain : IGrainWithStringKey
{
    /// <summary>An action is over.</summary>
    [Alias("Ended")]
    Task Ended(string id);

    /// <summary>Goes on with what was accepted and is not over; asked by each silo when it starts.</summary>
    [Alias("Resume")]
    Task Resume();
}

/// <inheritdoc cref="IOperatorActionGrain"/>
[GrainType("prismatic-operator-action")]
internal sealed partial class OperatorActionGrain(
    [SupervisedState("operator-action", OnDamage = DamagePolicy.SetAside)] ISupervisedState<OperatorActionRecord> stored,
    SupervisedTypes types,
    IGrainFactory grains,
    TimeProvider time,
    ILogger<OperatorActionGrain> log) : Grain, IOperatorActionGrain
{
    public Task<OperatorAction?> Get() => Task.FromResult(stored.Value.Action);

    public async Task<OperatorAction> Begin(OperatorOrder order)
    {
        if (stored.Value.Action is { } known)
        {
            return known;
        }

        var accepted = new OperatorAction { Id = this.GetPrimaryKeyString(), Order = order, Status = OperatorActionStatus.Accepted, At = time.GetUtcNow() };
        await stored.WriteAsync(stored.Value with { Action = accepted });
        return accepted;
    }

    public async Task Run()
    {
        if (stored.Value.Action is not { Status: OperatorActionStatus.Accepted } action)
        {
            return;
        }

        var (status, outcome) = await Carry(action.Order);
        await stored.WriteAsync(stored.Value with { Action = action with { Status = status, Outcome = Redaction.Scrub(outcome, 500), EndedAt = time.GetUtcNow() } });
        grains.GetGrain<IOperatorDeskGrain>(IOperatorGrain.Key).Ended(action.Id).Ignore();
    }

    private async Task<(OperatorActionStatus Status, string Outcome)> Carry(OperatorOrder order)
    {
        try
        {
            return (OperatorActionStatus.Done, OperatorOrders.IsOfChild(order.Kind) ? await OfChild(order) : await OfBreaker(order));
        }
        catch (Exception refused) when (refused is ArgumentException or SupervisionRefusedException)
        {
            return (OperatorActionStatus.Refused, refused.Sentence());
        }
        catch (Exception failure)
        {
            NotCarriedOut(log, order.Kind, order.Target, failure);
            return (OperatorActionStatus.Failed, $"{failure.GetType().Name}: {failure.Message}");
        }
    }

    private async Task<string> OfChild(OperatorOrder order)
    {
        var child = types.Find(order.Target) ?? throw new ArgumentException($"The tree has no child '{order.Target}'.");
        var supervisor = grains.GetGrain<ISupervisorGrain>(child.Supervisor.Path);
        var view = await (order.Kind switch
        {
            OperatorActionKind.Restart => supervisor.Restart(order.Target, order.Incarnation),
            OperatorActionKind.Reset => supervisor.Reset(order.Target, order.Incarnation),
            OperatorActionKind.Stop => supervisor.Stop(order.Target, order.Incarnation),
            _ => supervisor.Start(order.Target, order.Incarnation),
        });
        return $"{view.Path} is {view.Status}, incarnation {view.Incarnation}.";
    }

    private async Task<string> OfBreaker(OperatorOrder order)
    {
        var breaker = grains.GetGrain<ICircuitBreakerGrain>(order.Target);
        var view = order.Kind == OperatorActionKind.Isolate
            ? await breaker.Open(order.Duration, $"{order.By}: {order.Reason}")
            : await breaker.Close((await breaker.GetState()).Epoch);
        return $"The breaker of {view.Target} is {view.State}{(view.ProbeIn is { } probe ? $", and probes in {probe.TotalSeconds:0.#} s" : "")}.";
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Error, Message = "The operator's action {Kind} of {Target} could not be carried out.")]
    private static partial void NotCarriedOut(ILogger log, OperatorActionKind kind, string target, Exception exception);
}

/// <inheritdoc cref="IAuditPageGrain"/>
[GrainType("prismatic-audit-page")]
internal sealed class AuditPageGrain(
    [SupervisedState("audit-page", OnDamage = DamagePolicy.SetAside)] ISupervisedState<AuditPageRecord> stored) : Grain, IAuditPageGrain
{
    public Task<ImmutableArray<AuditEntry>> Read() => Task.FromResult(stored.Value.Entries);

    public Task Keep(AuditEntry entry) => stored.Value.Entries.Any(known => known.Number == entry.Number)
        ? Task.CompletedTask
        : stored.WriteAsync(stored.Value with { Entries = [.. stored.Value.Entries.Append(entry).OrderBy(known => known.Number)] });
}

/// <inheritdoc cref="IOperatorGrain"/>
[GrainType("prismatic-operator")]
internal sealed class OperatorGrain(
    [SupervisedState("operator-desk", OnDamage = DamagePolicy.SetAside)] ISupervisedState<OperatorDeskRecord> desk,
    SupervisedTypes types,
    IGrainFactory grains,
    TimeProvider time) : Grain, IOperatorGrain, IOperatorDeskGrain
{
    private const int LongestSubject = 500;

    /// <summary>A desk that was set aside as damaged goes on behind the audit's last page, found by doubling and halving, so that no number is used twice.</summary>
    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        if (desk.Value.LastEntry == 0)
        {
            var (low, high) = (0L, 1L);
            while (await Any(high - 1))
            {
                (low, high) = (high, high * 2);
            }

            while (low < high)
            {
                var middle = (low + high) / 2;
                (low, high) = await Any(middle) ? (middle + 1, high) : (low, middle);
            }

            if (low > 0)
            {
                desk.Value = desk.Value with { LastEntry = (await Page(low - 1).Read())[^1].Number };
            }
        }

        async Task<bool> Any(long page) => !(await Page(page).Read()).IsEmpty;
    }

    public async Task<OrderAnswer> Submit(OperatorOrder order)
    {
        ArgumentNullException.ThrowIfNull(order);
        if (OperatorOrders.FindMistakes(order) is { Length: > 0 } mistakes)
        {
            return new OrderAnswer(null, OrderProblem.Invalid, mistakes);
        }

        order = OperatorOrders.Clean(order);
        if (OperatorOrders.IsOfChild(order.Kind) && types.Find(order.Target) is null)
        {
            return new OrderAnswer(null, OrderProblem.UnknownTarget, $"The tree has no child '{order.Target}'.");
        }

        var id = OperatorOrders.IdOf(order);
        var action = await Action(id).Begin(order);
        if (action.Order != order)
        {
            return new OrderAnswer(null, OrderProblem.KeyInUse, $"The idempotency key belongs to another order: {action.Order.Kind.ToString().ToLowerInvariant()} {action.Order.Target}.");
        }

        // An order that was stored and not acknowledged, since its silo died in between, is taken up when it is given again.
        if (action.Status == OperatorActionStatus.Accepted && !desk.Value.Open.Contains(id))
        {
            await Write(new AuditEntry { Number = 0, At = action.At, By = order.By, What = NameOf(order.Kind), Subject = order.Target, Reason = order.Reason, Action = id }, open: id);
            Action(id).Run().Ignore();
        }

        return new OrderAnswer(action);
    }

    public async Task<OperatorAction?> Get(string id) => id is not null && OperatorOrders.IsId(id) ? await Action(id).Get() : null;

    public Task Note(string by, string what, string subject, string reason) => Write(new AuditEntry
    {
        Number = 0,
        At = time.GetUtcNow(),
        By = PrintableText.Of(by, 200),
        What = PrintableText.Of(what, 200),
        Subject = Redaction.Scrub(subject, LongestSubject),
        Reason = Redaction.Scrub(reason, 500),
    });

    public async Task<ImmutableArray<AuditEntry>> Audit(long? before, int limit)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, 200);
        var next = Math.Min(before ?? long.MaxValue, desk.Value.LastEntry + 1) - 1;
        var found = new List<AuditEntry>();
        for (var page = next > 0 ? AuditPages.PageOf(next) : -1; page >= 0 && found.Count < limit; page--)
        {
            found.AddRange((await Page(page).Read()).Where(entry => entry.Number <= next).Reverse());
        }

        return [.. await Task.WhenAll(found.Take(limit).Select(WithStatus))];
    }

    public async Task Ended(string id)
    {
        if (desk.Value.Open.Contains(id))
        {
            await desk.WriteAsync(desk.Value with { Open = desk.Value.Open.Remove(id) });
        }
    }

    public Task Resume()
    {
        foreach (var id in desk.Value.Open)
        {
            Resume(id).Ignore();
        }

        return Task.CompletedTask;
    }

    private async Task Resume(string id)
    {
        await Action(id).Run();
        await Ended(id);
    }

    /// <summary>The entry first: a number that the desk does not know of yet is found again at its place, and given to the next entry behind it.</summary>
    private async Task Write(AuditEntry entry, string? open = null)
    {
        var number = desk.Value.LastEntry + 1;
        while ((await Page(AuditPages.PageOf(number)).Read()).Any(known => known.Number == number))
        {
            number++;
        }

        await Page(AuditPages.PageOf(number)).Keep(entry with { Number = number });
        await desk.WriteAsync(desk.Value with { LastEntry = number, Open = open is null ? desk.Value.Open : desk.Value.Open.Add(open) });
    }

    private async Task<AuditEntry> WithStatus(AuditEntry entry) =>
        entry.Action is { } id && await Action(id).Get() is { } action ? entry with { Status = action.Status } : entry;

    private static string NameOf(OperatorActionKind kind) => kind.ToString().ToLowerInvariant();

    private IOperatorActionGrain Action(string id) => grains.GetGrain<IOperatorActionGrain>(id);

    private IAuditPageGrain Page(long page) => grains.GetGrain<IAuditPageGrain>(AuditPages.Key(page));
}
