using System.Collections.Concurrent;
using System.Reflection;
using Orleans.Runtime;

namespace Prismatic.Mailbox;

/// <summary>
/// How many calls wait behind the running turn of an activation. Orleans 10.4 keeps the number in a public property of an internal class;
/// it is read through a delegate made once for each context type. Where a context has no such property the answer is null, and whoever
/// sheds by it must not shed.
/// </summary>
internal static class WaitingCount
{
    private static readonly ConcurrentDictionary<Type, Func<object, int>?> Readers = new();

    public static int? Of(IGrainContext context) => Readers.GetOrAdd(context.GetType(), ReaderOf)?.Invoke(context);

    private static Func<object, int>? ReaderOf(Type type)
    {
        var getter = type.GetProperty("WaitingCount", BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)?.GetMethod;
        if (getter is null || getter.ReturnType != typeof(int))
        {
            return null;
        }

        var typed = typeof(WaitingCount).GetMethod(nameof(Typed), BindingFlags.Static | BindingFlags.NonPublic)!.MakeGenericMethod(type);
        return (Func<object, int>)typed.Invoke(null, [getter])!;
    }

    private static Func<object, int> Typed<T>(MethodInfo getter)
        where T : class
    {
        var read = getter.CreateDelegate<Func<T, int>>();
        return context => read((T)context);
    }
}
