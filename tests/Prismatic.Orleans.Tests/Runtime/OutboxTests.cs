using System.Collections.Immutable;
using Prismatic.Runtime;
using Prismatic.Supervision;
using Xunit;

namespace Prismatic.Tests.Runtime;

/// <summary>The queue that keeps reports while their receiver, or the database behind it, is away.</summary>
public sealed class OutboxTests
{
    private sealed record Sent(IReadOnlyList<string> Items, long Sequence, ImmutableArray<DroppedItems> Dropped);

    [Fact]
    public async Task While_the_receiver_is_away_the_newest_are_kept_in_order_and_what_was_dropped_is_told_once_by_kind()
    {
        var away = new TaskCompletionSource();
        var held = new TaskCompletionSource();
        List<Sent> taken = [];
        var attempts = 0;
        using var stopped = new CancellationTokenSource();
        var outbox = new Outbox<string>(
            capacity: 4,
            new Pace(),
            TimeSpan.Zero,
            item => item.Split(' ')[0],
            async (items, sequence, dropped) =>
            {
                if (Interlocked.Increment(ref attempts) == 1)
                {
                    held.SetResult();
                    await away.Task;
                    throw new InvalidOperationException("away");
                }

                taken.Add(new([.. items], sequence, dropped));
            },
            (failure, attempt, items) => Task.CompletedTask,
            stopped.Token);

        outbox.Add("crash 1");
        await held.Task;

        // One batch is under way and cannot be taken in; these wait in the queue, which has room for four.
        string[] later = ["crash 2", "success 3", "crash 4", "exit 5", "success 6", "crash 7", "exit 8"];
        foreach (var item in later)
        {
            outbox.Add(item);
        }

        Assert.Equal([new("crash", 2), new("success", 1)], outbox.Dropped);
        away.SetResult();
        await outbox.Drained().WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        outbox.Add("crash 9");
        await outbox.Drained().WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        await stopped.CancelAsync();

        Assert.Equal(["crash 1", "exit 5", "success 6", "crash 7", "exit 8", "crash 9"], taken.SelectMany(sent => sent.Items));
        Assert.Equal([1, 2, 3], taken.Select(sent => sent.Sequence));
        Assert.Equal([new("crash", 2), new("success", 1)], taken.SelectMany(sent => sent.Dropped));
        Assert.Equal(0, outbox.Waiting);
    }

    [Fact]
    public void A_supervisor_says_how_many_of_which_kind_a_silo_dropped()
    {
        var batch = new ReportBatch
        {
            Silo = "silo-1",
            Sequence = 7,
            Crashes = [],
            Dropped = 12_345,
            DroppedKinds = [new("crashes", 12_000), new("first successes", 345)],
        };

        Assert.StartsWith("Silo silo-1 had to drop 12,345 reports: 12,000 crashes, 345 first successes. ", IntakeBounds.DropNotice(batch), StringComparison.Ordinal);
        Assert.StartsWith("Silo silo-1 had to drop 12,345 reports. ", IntakeBounds.DropNotice(batch with { DroppedKinds = [] }), StringComparison.Ordinal);
    }
}
