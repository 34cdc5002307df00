using System.Diagnostics.Metrics;
using Prismatic.Breakers;
using Prismatic.Events;

namespace Prismatic.Runtime;

/// <summary>What this silo has in its tables and queues at the moment it is asked. Nothing is counted for it: whoever does not look pays nothing.</summary>
internal sealed class SiloGauges
{
    public SiloGauges(IMeterFactory meters, GateTable gates, BreakerTable breakers, LiveActivations live, ReportOutbox outbox, HookStatus hooks)
    {
        var meter = meters.Create(EventSink.MeterName);
        meter.CreateObservableGauge("prismatic.supervision.gates", () => gates.Count, "{child}", "Children and subtrees that need attention on this silo; normally none.");
        meter.CreateObservableGauge("prismatic.supervision.activations", () => live.Count, "{activation}", "Live supervised activations of this silo.");
        meter.CreateObservableGauge("prismatic.supervision.reports.waiting", () => outbox.Waiting, "{report}", "Reports that no supervisor has taken in yet.");
        meter.CreateObservableCounter(
            "prismatic.supervision.reports.dropped",
            () => outbox.Dropped.Select(item => new Measurement<long>(item.Count, new KeyValuePair<string, object?>("kind", item.Kind))),
            "{report}",
            "Reports that this silo dropped because too many waited, by kind.");
        meter.CreateObservableGauge(
            "prismatic.supervision.hooks.silent",
            () => live.Count > 0 ? hooks.Silent().Count() : 0,
            "{hook}",
            "Hooks of supervision that have not fired although there are supervised activations.");
        meter.CreateObservableGauge("prismatic.breakers.open", () => breakers.All().Length, "{breaker}", "Breakers that are not closed, as this silo knows them.");
    }
}
