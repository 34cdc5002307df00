using System.Collections.Concurrent;
using System.Collections.Immutable;
using Prismatic.Breakers;
using Prismatic.Remediation;
using Prismatic.Runtime;

namespace Prismatic.Tests.Remediation;

/// <summary>Keeps what was published, or fails.</summary>
internal sealed class RecordedBroadcast : ISiloBroadcast
{
    public ConcurrentQueue<RuleTable> Tables { get; } = new();

    public ConcurrentQueue<BreakerView> Breakers { get; } = new();

    public Exception? Failure { get; set; }

    public Task<ImmutableArray<RulesAtSilo>> PublishRules(RuleTable table)
    {
        Tables.Enqueue(table);
        return Failure is null
            ? Task.FromResult<ImmutableArray<RulesAtSilo>>([new RulesAtSilo { Silo = "one", Version = table.Version, Since = DateTimeOffset.UnixEpoch }])
            : Task.FromException<ImmutableArray<RulesAtSilo>>(Failure);
    }

    public Task OpenBreaker(BreakerView view) => PublishBreaker(view);

    public Task PublishBreaker(BreakerView view)
    {
        Breakers.Enqueue(view);
        return Failure is null ? Task.CompletedTask : Task.FromException(Failure);
    }
}
