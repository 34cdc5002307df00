using Prismatic.Storage;

namespace Prismatic.Domains.Records;

/// <summary>
/// Writes the state of a grain whose calls interleave: one write at a time, and a change made during a write goes into the next one.
/// <see cref="Save"/> returns when what the caller changed is durable.
/// </summary>
internal sealed class StateWriter<T>(ISupervisedState<T> state)
    where T : class, new()
{
    private Task? _writing;
    private Task? _next;

    public Task Save() => _writing is null ? Write() : _next ??= WriteAfter(_writing);

    private async Task WriteAfter(Task running)
    {
        // The failure of that write is thrown to those who asked for it; this write has its own.
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        _next = null;
        await Write();
    }

    private async Task Write()
    {
        var write = state.WriteAsync();
        _writing = write;
        try
        {
            await write;
        }
        finally
        {
            if (_writing == write)
            {
                _writing = null;
            }
        }
    }
}
