using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Prismatic.Lessons;

/// <summary>
/// The addresses of the code that an exception passed, as the runtime collects them while it is thrown: what a stack's text is made from, read
/// without naming a method. The form is the runtime's own, so it is tried out once on exceptions thrown here; where it is another, nothing is
/// read. Neither is it for code that can be unloaded, whose addresses may be given away again: the runtime keeps such a stack in another form.
/// </summary>
internal static class CodeAddresses
{
    private const int Header = 16;

    private static readonly bool IsReadable = TryOut();

    [ThreadStatic]
    private static ulong[]? s_addresses;

    /// <summary>Address and flags of each frame, in turn; empty when they cannot be read. Good until the next call on this thread.</summary>
    public static ReadOnlySpan<ulong> Of(Exception exception) => IsReadable ? Read(exception) : [];

    private static ReadOnlySpan<ulong> Read(Exception exception)
    {
        if (Trace(exception) is not byte[] trace || trace.Length < Header)
        {
            return [];
        }

        var count = MemoryMarshal.Read<int>(trace);
        if (count <= 0 || count > (trace.Length - Header) / Unsafe.SizeOf<Frame>())
        {
            return [];
        }

        if (s_addresses is null || s_addresses.Length < 2 * count)
        {
            s_addresses = new ulong[Math.Max(64, 2 * count)];
        }

        var frames = MemoryMarshal.Cast<byte, Frame>(trace.AsSpan(Header))[..count];
        for (var i = 0; i < count; i++)
        {
            s_addresses[2 * i] = frames[i].Code;
            s_addresses[(2 * i) + 1] = (ulong)frames[i].Flags;
        }

        return s_addresses.AsSpan(0, 2 * count);
    }

    /// <summary>Whether what is read agrees with what the runtime says of the same exceptions, and tells places apart.</summary>
    private static bool TryOut()
    {
        if (!Environment.Is64BitProcess
            || typeof(Exception).GetField("_stackTrace", BindingFlags.Instance | BindingFlags.NonPublic)?.FieldType != typeof(object))
        {
            return false;
        }

        var one = Thrown(false);
        var same = Thrown(false);
        var other = Thrown(true);
        return AgreesWith(one)
            && AgreesWith(other)
            && Read(one).ToArray() is var addresses
            && Read(same).SequenceEqual(addresses)
            && !Read(other).SequenceEqual(addresses);
    }

    private static bool AgreesWith(Exception exception)
    {
        var told = new System.Diagnostics.StackTrace(exception, fNeedFileInfo: false);
        return told.FrameCount > 0 && Read(exception).Length == 2 * told.FrameCount;
    }

    private static InvalidOperationException Thrown(bool elsewhere)
    {
        try
        {
            ThrowFrom(elsewhere);
            return new InvalidOperationException();
        }
        catch (InvalidOperationException exception)
        {
            return exception;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.NoOptimization)]
    private static void ThrowFrom(bool elsewhere)
    {
        if (elsewhere)
        {
            throw new InvalidOperationException("there");
        }

        throw new InvalidOperationException("here");
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_stackTrace")]
    private static extern ref object? Trace(Exception exception);

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Frame
    {
        public readonly ulong Code;
        private readonly ulong _stack;
        private readonly ulong _method;
        public readonly int Flags;
        private readonly int _padding;
    }
}
