using System.Collections.Immutable;
using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;
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
    public async Task A_report_is_sent_at_once_where_none_was_for_a_while()
    {
        await using var gathering = new Gathering();

        gathering.Add(1);
        Assert.Equal(1, await gathering.Sent());
        gathering.Time.Advance(TimeSpan.FromMilliseconds(10));
        gathering.Add(1);

        Assert.Equal(1, await gathering.Sent());
        Assert.False(gathering.Time.Made.TryRead(out _));
    }

    [Fact]
    public async Task A_report_soon_after_another_waits_a_moment()
    {
        await using var gathering = await Gathering.Begin();

        gathering.Time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal(1, await gathering.Sent());
    }

    [Fact]
    public async Task What_begins_like_a_storm_is_waited_for_and_sent_together()
    {
        await using var gathering = await Gathering.Begin();

        gathering.Add(8);
        gathering.Time.Advance(TimeSpan.FromMilliseconds(1));
        await gathering.Waits();
        gathering.Add(7);
        gathering.Time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal(16, await gathering.Sent());
    }

    [Fact]
    public async Task A_storm_is_sent_once_it_has_ebbed()
    {
        await using var gathering = await Gathering.Begin();

        gathering.Add(100);
        gathering.Time.Advance(TimeSpan.FromMilliseconds(1));
        for (var step = 0; step < 3; step++)
        {
            await gathering.Waits();
            gathering.Add(100);
            gathering.Time.Advance(TimeSpan.FromMilliseconds(10));
        }

        for (var calm = 0; calm < 4; calm++)
        {
            await gathering.Waits();
            gathering.Time.Advance(TimeSpan.FromMilliseconds(10));
        }

        Assert.Equal(401, await gathering.Sent());
    }

    [Fact]
    public async Task Nobody_who_is_in_a_hurry_waits_for_a_storm_to_end()
    {
        await using var gathering = await Gathering.Begin();
        gathering.Add(100);
        using var hurry = gathering.Pace.Hurry();

        gathering.Time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal(101, await gathering.Sent());
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

    /// <summary>An outbox on a time that the test moves. It says when it waits, and tells how many reports each batch has.</summary>
    private sealed class Gathering : IAsyncDisposable
    {
        private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

        private readonly Channel<int> _sent = Channel.CreateUnbounded<int>();
        private readonly CancellationTokenSource _stopped = new();
        private readonly Outbox<int> _outbox;

        public Gathering()
        {
            Pace = new Pace(Time);
            _outbox = new Outbox<int>(
                capacity: 10_000,
                Pace,
                longestGather: TimeSpan.FromSeconds(1),
                _ => "reports",
                (items, _, _) => _sent.Writer.WriteAsync(items.Count).AsTask(),
                (failure, _, _) => Task.FromException(failure),
                _stopped.Token);
        }

        /// <summary>With one report sent, and another that waits a moment.</summary>
        public static async Task<Gathering> Begin()
        {
            var gathering = new Gathering();
            gathering.Add(1);
            await gathering.Sent();
            gathering.Add(1);
            await gathering.Waits();
            return gathering;
        }

        public TimersSeen Time { get; } = new();

        public Pace Pace { get; }

        public void Add(int reports)
        {
            for (var i = 0; i < reports; i++)
            {
                _outbox.Add(i);
            }
        }

        /// <summary>Completes when the outbox waits.</summary>
        public async Task Waits() => await Time.Made.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Limit);

        /// <summary>How many reports the next batch has.</summary>
        public async Task<int> Sent() => await _sent.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Limit);

        public async ValueTask DisposeAsync()
        {
            await _stopped.CancelAsync();
            _stopped.Dispose();
        }
    }

    /// <summary>Says of each timer that it has been made.</summary>
    private sealed class TimersSeen : FakeTimeProvider
    {
        private readonly Channel<TimeSpan> _made = Channel.CreateUnbounded<TimeSpan>();

        public ChannelReader<TimeSpan> Made => _made.Reader;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            _made.Writer.TryWrite(dueTime);
            return timer;
        }
    }
}
