using System.Collections.Concurrent;

namespace Prismatic.Healing;

/// <summary>
/// A thread of its own for the driver, so that it can watch the thread pool, on which all of a silo runs, without being part of it: everything
/// waits for something other than the processor when no item is queued there and no thread of it works, however busy the machine is.
/// </summary>
internal sealed class DriverThread : SynchronizationContext
{
    private const int LooksInARow = 3;

    private readonly BlockingCollection<(SendOrPostCallback Callback, object? State)> _queue = [];

    /// <summary>Runs <paramref name="drive"/> on a new thread; what it awaits comes back to that thread.</summary>
    public static Task<T> Run<T>(Func<Task<T>> drive)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() => new DriverThread().Pump(drive, done)) { IsBackground = true, Name = "healing driver" }.Start();
        return done.Task;
    }

    /// <summary>Does something of which nothing may come back to the driver's thread.</summary>
    public static void Apart(Action act)
    {
        var own = Current;
        SetSynchronizationContext(null);
        try
        {
            act();
        }
        finally
        {
            SetSynchronizationContext(own);
        }
    }

    /// <summary>Returns when nothing runs in the pool.</summary>
    public static void WaitForIdle()
    {
        var spin = new SpinWait();
        for (var calm = 0; calm < LooksInARow; calm = IsIdle() ? calm + 1 : 0)
        {
            spin.SpinOnce(sleep1Threshold: 500);
        }
    }

    public override void Post(SendOrPostCallback d, object? state) => _queue.Add((d, state));

    private void Pump<T>(Func<Task<T>> drive, TaskCompletionSource<T> done)
    {
        SetSynchronizationContext(this);
        var running = drive();
        running.ContinueWith(_ => _queue.CompleteAdding(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        foreach (var (callback, state) in _queue.GetConsumingEnumerable())
        {
            callback(state);
        }

        done.SetFromTask(running);
    }

    private static bool IsIdle()
    {
        ThreadPool.GetAvailableThreads(out var free, out _);
        ThreadPool.GetMaxThreads(out var all, out _);
        return free == all && ThreadPool.PendingWorkItemCount == 0;
    }
}
