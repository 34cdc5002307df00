using System.Collections.Immutable;
using Prismatic.Lessons;
using Prismatic.Remediation;
using Prismatic.Supervision;

namespace Prismatic.Tests.Lessons;

/// <summary>Crashes and outcomes of which a test names only what matters to it.</summary>
internal static class Crashes
{
    public static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    public static CrashFacts Facts(
        string type = "System.InvalidOperationException", string message = "broken", string stack = "   at Shop.Orders.Load()", string worker = "OrderGrain",
        params ExceptionFact[] inner) => new()
        {
            Exceptions = [new ExceptionFact { Type = type, Message = message }, .. inner],
            Stack = stack,
            WorkerType = worker,
        };

    public static ExceptionFact Fact(string type, string message = "", params (string Name, string Value)[] codes) =>
        new() { Type = type, Message = message, Codes = codes.ToImmutableDictionary(code => code.Name, code => code.Value) };

    public static CrashReport Report(
        long sequence = 1, string silo = "silo-1", string group = "g1", string? id = null, CrashFacts? facts = null, DateTimeOffset? seenAt = null) => new()
        {
            CrashId = id ?? $"{silo}-{sequence}",
            Sequence = sequence,
            Silo = silo,
            Child = "shop/orders",
            GrainId = "order/1",
            ActivationId = "a1",
            Trigger = CrashTriggerKind.Call,
            Method = "IOrderGrain.Load",

            // Crashes of another worker are never the same failure: what a test names as another group is one.
            Facts = facts ?? Facts(worker: group == "g1" ? "OrderGrain" : $"OrderGrain-{group}"),
            Signature = group,
            Group = group,
            Class = FailureClass.LogicError,
            Action = new RestartWithBackoff(),
            Rule = "default",
            SeenAt = seenAt ?? Noon.AddSeconds(sequence),
            Build = "1.0",
        };

    public static RemediationOutcome Outcome(
        string crash = "c1", string group = "g1", Outcome outcome = Prismatic.Lessons.Outcome.Healed, RemediationAction? action = null,
        string rule = "default", double? seconds = null, bool ticketed = false) => new()
        {
            CrashId = crash,
            Group = group,
            Signature = group,
            Action = action ?? new RestartWithBackoff(),
            Rule = rule,
            Outcome = outcome,
            TimeToRecovery = seconds is { } s ? TimeSpan.FromSeconds(s) : null,
            Ticketed = ticketed,
        };
}
