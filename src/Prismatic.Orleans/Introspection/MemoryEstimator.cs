using System.Collections.Concurrent;
using System.Data.Common;
using System.Reflection;
using System.Runtime.CompilerServices;
using Orleans.Runtime;

namespace Prismatic.Introspection;

/// <summary>
/// Estimates what activations hold by walking the fields of a few of them. It reads live objects without stopping them, so a figure is a
/// snapshot of moving parts; it stops at the frameworks' own objects, which are shared; and what it does not sample it extrapolates.
/// There is no exact figure to be had in a running silo: the runtime keeps none, and a heap dump freezes the process for seconds.
/// </summary>
internal sealed class MemoryEstimator
{
    /// <summary>How the figure was obtained, for those who read it.</summary>
    public const string Method =
        "Estimate: fields reachable from up to 8 live activations of each worker (at most 20,000 objects, each counted once, "
        + "without objects of Orleans and .NET services), extrapolated to all.";

    private const int Sample = 8;
    private const int MostObjects = 20_000;
    private const int Header = 16;

    private static readonly MethodInfo SizeOf = typeof(Unsafe).GetMethod(nameof(Unsafe.SizeOf))!;

    private readonly ConcurrentDictionary<Type, Layout> _layouts = new();
    private readonly ConcurrentDictionary<Type, int> _sizes = new();

    /// <summary>Bytes held by all of <paramref name="activations"/>; null when there is none to look at.</summary>
    public long? Estimate(IReadOnlyList<IGrainContext> activations)
    {
        var seen = new HashSet<object>(ReferenceEqualityComparer.Instance);
        long bytes = 0;
        var walked = 0;
        foreach (var context in activations)
        {
            if (walked == Sample || seen.Count >= MostObjects)
            {
                break;
            }

            if (context.GrainInstance is { } grain)
            {
                bytes += Walk(grain, seen);
                walked++;
            }
        }

        return walked == 0 ? null : bytes * activations.Count / walked;
    }

    private long Walk(object root, HashSet<object> seen)
    {
        var waiting = new Stack<object>();
        waiting.Push(root);
        long bytes = 0;
        while (waiting.Count > 0 && seen.Count < MostObjects)
        {
            var at = waiting.Pop();
            if (!seen.Add(at))
            {
                continue;
            }

            switch (at)
            {
                case string text:
                    bytes += Header + 6 + (2L * text.Length);
                    break;
                case Array array:
                    bytes += Header + 8 + ((long)array.Length * SizeOfElement(array.GetType().GetElementType()!));
                    PushElements(array, waiting);
                    break;
                default:
                    var layout = _layouts.GetOrAdd(at.GetType(), LayoutOf);
                    bytes += layout.Bytes;
                    foreach (var path in layout.References)
                    {
                        Push(Read(at, path), waiting);
                    }

                    break;
            }
        }

        return bytes;
    }

    private void PushElements(Array array, Stack<object> waiting)
    {
        var element = array.GetType().GetElementType()!;
        if (element.IsPrimitive || element.IsEnum || array.Rank != 1)
        {
            return;
        }

        var inner = element.IsValueType ? _layouts.GetOrAdd(element, LayoutOf).References : null;
        foreach (var item in array)
        {
            if (inner is null)
            {
                Push(item, waiting);
            }
            else
            {
                foreach (var path in inner)
                {
                    Push(Read(item, path), waiting);
                }
            }
        }
    }

    private static void Push(object? value, Stack<object> waiting)
    {
        if (value is not null && !IsBoundary(value.GetType()))
        {
            waiting.Push(value);
        }
    }

    /// <summary>Objects that no grain owns: services, runtime plumbing, types, delegates and what they capture.</summary>
    private static bool IsBoundary(Type type)
    {
        if (type == typeof(string) || type.IsArray)
        {
            return false;
        }

        // A driver's pool hangs on its data source, which belongs to the silo.
        if (typeof(Delegate).IsAssignableFrom(type) || typeof(MemberInfo).IsAssignableFrom(type) || typeof(DbDataSource).IsAssignableFrom(type))
        {
            return true;
        }

        var space = type.Namespace ?? "";
        return space.StartsWith("Orleans", StringComparison.Ordinal)
            || space.StartsWith("Microsoft.", StringComparison.Ordinal)
            || (space.StartsWith("System", StringComparison.Ordinal) && !space.StartsWith("System.Collections", StringComparison.Ordinal) && !type.IsValueType)
            || space is "Prismatic.Runtime" or "Prismatic.Events" or "Prismatic.Breakers";
    }

    private static object? Read(object owner, FieldInfo[] path)
    {
        object? at = owner;
        foreach (var field in path)
        {
            at = at is null ? null : field.GetValue(at);
        }

        return at;
    }

    private Layout LayoutOf(Type type)
    {
        var bytes = type.IsValueType ? 0 : Header;
        var references = new List<FieldInfo[]>();
        for (var at = type; at is not null && at != typeof(object) && at != typeof(ValueType) && at != typeof(Grain); at = at.BaseType)
        {
            foreach (var field in at.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            {
                bytes += SizeOfElement(field.FieldType);
                Collect(field, [field], references, depth: 0);
            }
        }

        return new Layout((bytes + 7) & ~7, [.. references]);
    }

    /// <summary>Finds references in a field, also within structs.</summary>
    private static void Collect(FieldInfo field, FieldInfo[] path, List<FieldInfo[]> references, int depth)
    {
        var type = field.FieldType;
        if (type.IsPointer || type.IsFunctionPointer || type.IsByRefLike || type.IsPrimitive || type.IsEnum || depth > 4)
        {
            return;
        }

        if (!type.IsValueType)
        {
            references.Add(path);
            return;
        }

        foreach (var inner in type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic).Where(inner => inner.FieldType != type))
        {
            Collect(inner, [.. path, inner], references, depth + 1);
        }
    }

    private int SizeOfElement(Type type) => _sizes.GetOrAdd(type, known =>
        !known.IsValueType || known.IsByRefLike || known.ContainsGenericParameters ? IntPtr.Size : (int)SizeOf.MakeGenericMethod(known).Invoke(null, null)!);

    private sealed record Layout(int Bytes, FieldInfo[][] References);
}
