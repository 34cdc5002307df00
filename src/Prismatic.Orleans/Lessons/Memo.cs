using System.Collections.Concurrent;

namespace Prismatic.Lessons;

/// <summary>
/// Remembers what was made of a value, for work that is done again and again for the same few. At most <paramref name="max"/> of them: then it
/// forgets all, and what is common is soon back.
/// </summary>
internal sealed class Memo<TKey, TValue>(int max)
    where TKey : notnull
{
    private readonly ConcurrentDictionary<TKey, TValue> _made = new();
    private int _count;

    /// <summary>What was made of <paramref name="key"/>, or is made now. Two that ask at the same time may both make it.</summary>
    public TValue Get(TKey key, Func<TKey, TValue> make) => Get(key, make, static (key, make) => make(key));

    /// <inheritdoc cref="Get(TKey, Func{TKey, TValue})"/>
    public TValue Get<TArgument>(TKey key, TArgument argument, Func<TKey, TArgument, TValue> make)
    {
        if (_made.TryGetValue(key, out var made))
        {
            return made;
        }

        made = make(key, argument);
        if (Interlocked.Increment(ref _count) > max)
        {
            _made.Clear();
            Volatile.Write(ref _count, 1);
        }

        _made[key] = made;
        return made;
    }
}
