namespace Prismatic.Silo;

/// <summary>
/// After SIGTERM <c>/health/ready</c> answers 503 at once; for the time set the silo serves on, so that whoever asks that endpoint sends nobody here any
/// more before the doors shut. Everything else stops after it.
/// </summary>
internal sealed class Draining(SiloOptions options, TimeProvider time) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        // Ends early, without a throw, when the shutdown's own time is up.
        await Task.Delay(TimeSpan.FromSeconds(options.DrainSeconds), time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
