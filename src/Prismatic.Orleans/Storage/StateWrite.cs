namespace Prismatic.Storage;

internal static class StateWrite
{
    /// <summary>
    /// Stores <paramref name="next"/>. When that fails, memory keeps what it held: the caller tells again, and what was not stored must
    /// not look as if it had been counted.
    /// </summary>
    public static async Task WriteAsync<T>(this ISupervisedState<T> state, T next)
        where T : class, new()
    {
        var before = state.Value;
        if (ReferenceEquals(before, next))
        {
            return;
        }

        state.Value = next;
        try
        {
            await state.WriteAsync();
        }
        catch
        {
            state.Value = before;
            throw;
        }
    }
}
