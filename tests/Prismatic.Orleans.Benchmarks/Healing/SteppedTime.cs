namespace Prismatic.Healing;

/// <summary>A clock that stands still until its driver moves it, and that says when the next timer is due.</summary>
internal sealed class SteppedTime(DateTimeOffset start) : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly SortedSet<(long Due, long Number, Timer Timer)> _due = new(Comparer<(long Due, long Number, Timer Timer)>.Create((one, other) =>
        one.Due != other.Due ? one.Due.CompareTo(other.Due) : one.Number.CompareTo(other.Number)));
    private long _now;
    private long _numbers;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>When the next timer fires, from the start; null when none is set.</summary>
    public TimeSpan? NextDue
    {
        get
        {
            lock (_lock)
            {
                return _due.Count == 0 ? null : TimeSpan.FromTicks(_due.Min.Due);
            }
        }
    }

    public override DateTimeOffset GetUtcNow() => start.AddTicks(Volatile.Read(ref _now));

    public override long GetTimestamp() => Volatile.Read(ref _now);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Moves the clock; timers fire in their order, each at its moment, on this thread.</summary>
    public void AdvanceTo(TimeSpan moment)
    {
        while (TakeDue(moment.Ticks) is { } timer)
        {
            timer.Fire();
        }

        Volatile.Write(ref _now, Math.Max(_now, moment.Ticks));
    }

    private Timer? TakeDue(long until)
    {
        lock (_lock)
        {
            if (_due.Count == 0 || _due.Min.Due > until)
            {
                return null;
            }

            var first = _due.Min;
            Volatile.Write(ref _now, Math.Max(_now, first.Due));
            first.Timer.Set(first.Timer.Period > TimeSpan.Zero ? first.Timer.Period : Timeout.InfiniteTimeSpan);
            return first.Timer;
        }
    }

    private sealed class Timer(SteppedTime time, TimerCallback callback, object? state) : ITimer
    {
        private (long Due, long Number, Timer Timer)? _entry;
        private bool _disposed;

        public TimeSpan Period { get; private set; } = Timeout.InfiniteTimeSpan;

        public void Fire() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (time._lock)
            {
                Period = period;
                Set(dueTime);
                return !_disposed;
            }
        }

        /// <summary>Due so long from now, or not at all; under the clock's lock.</summary>
        public void Set(TimeSpan dueTime)
        {
            if (_entry is { } known)
            {
                time._due.Remove(known);
                _entry = null;
            }

            if (!_disposed && dueTime >= TimeSpan.Zero && dueTime != Timeout.InfiniteTimeSpan)
            {
                var entry = (time._now + dueTime.Ticks, ++time._numbers, this);
                time._due.Add(entry);
                _entry = entry;
            }
        }

        public void Dispose()
        {
            lock (time._lock)
            {
                _disposed = true;
                Set(Timeout.InfiniteTimeSpan);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
