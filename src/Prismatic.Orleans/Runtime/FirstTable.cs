namespace Prismatic.Runtime;

/// <summary>
/// Whether this silo has asked all supervisors once what is in force. Orleans places activations on a silo as soon as it is active, which is
/// before that: they wait here, so that a silo that joins starts nothing that is stopped. A control plane that does not answer holds nobody
/// for longer than a gate does.
/// </summary>
internal sealed class FirstTable(MonotonicClock clock)
{
    private readonly TaskCompletionSource _here = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public bool IsHere => _here.Task.IsCompleted;

    public void Arrived() => _here.TrySetResult();

    public async Task Wait(TimeSpan limit, CancellationToken cancellation)
    {
        if (!IsHere)
        {
            using var timer = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            await Task.WhenAny(_here.Task, Task.Delay(limit, clock.TimeProvider, timer.Token));
            await timer.CancelAsync();
            cancellation.ThrowIfCancellationRequested();
        }
    }
}
