using System.Collections.Concurrent;
using System.Diagnostics;
using System.IO.Hashing;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Prismatic.Telemetry;

namespace Prismatic.Lessons;

/// <summary>
/// The redacted stack text of exceptions. To write one is the dearest part of looking at a crash, and crashes that come in numbers come
/// from the same lines: each text is written once and kept under its frames, method by method and offset by offset, and, where the runtime
/// lets them be read, under the addresses of the code, which takes no look at the methods. A method that is compiled anew has new addresses.
/// </summary>
internal static class StackTexts
{
    private const int Kept = 512;

    private static readonly ConcurrentDictionary<Frames, string> Known = new();
    private static readonly ConcurrentDictionary<ulong, Traced> ByAddress = new();
    private static int _count;

    /// <summary>False on a runtime that names the field otherwise; then nothing is kept, and every text is written anew.</summary>
    private static readonly bool RemotePartIsReadable = typeof(Exception).GetField("_remoteStackTraceString", BindingFlags.Instance | BindingFlags.NonPublic)?.FieldType == typeof(string);

    /// <summary>The stack text of <paramref name="exception"/>, redacted and at most <paramref name="maxLength"/> long; empty when it was never thrown.</summary>
    public static string Of(Exception exception, int maxLength)
    {
        if (!IsPlain(exception))
        {
            return Written(exception, maxLength);
        }

        var addresses = CodeAddresses.Of(exception);
        if (addresses.IsEmpty)
        {
            return ByMethods(exception, maxLength);
        }

        var hash = XxHash3.HashToUInt64(MemoryMarshal.AsBytes(addresses));
        if (ByAddress.TryGetValue(hash, out var traced) && addresses.SequenceEqual(traced.Addresses))
        {
            return traced.Text;
        }

        var text = ByMethods(exception, maxLength);
        ByAddress[hash] = new Traced(addresses.ToArray(), text);
        return text;
    }

    /// <summary>Whether the text is made of the frames alone.</summary>
    private static bool IsPlain(Exception exception) =>
        RemotePartIsReadable && RemotePart(exception) is null && !OwnText.GetValue(exception.GetType(), static type => new Overrides(type)).StackTrace;

    private static string ByMethods(Exception exception, int maxLength)
    {
        if (FramesOf(exception) is not { } frames)
        {
            return Written(exception, maxLength);
        }

        if (Known.TryGetValue(frames, out var known))
        {
            return known;
        }

        var text = Written(exception, maxLength);
        if (Interlocked.Increment(ref _count) > Kept)
        {
            // Whatever crashes now fills it again; to find the least used one would cost every crash something.
            Volatile.Write(ref _count, 0);
            Known.Clear();
            ByAddress.Clear();
        }

        return Known.GetOrAdd(frames, text);
    }

    private static string Written(Exception exception, int maxLength) => RedactionOfStacks.Scrub(exception.StackTrace ?? "", maxLength);

    /// <summary>What the text is made of; null when a reference to its methods would keep an assembly loaded.</summary>
    private static Frames? FramesOf(Exception exception)
    {
        var trace = new StackTrace(exception, fNeedFileInfo: false);
        var frames = new (MethodBase Method, int Offset)[trace.FrameCount];
        for (var i = 0; i < frames.Length; i++)
        {
            var frame = trace.GetFrame(i)!;
            if (frame.GetMethod() is not { IsCollectible: false } method)
            {
                return null;
            }

            frames[i] = (method, frame.GetNativeOffset());
        }

        return frames.Length == 0 ? null : new Frames(frames);
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_remoteStackTraceString")]
    private static extern ref string? RemotePart(Exception exception);

    private static readonly ConditionalWeakTable<Type, Overrides> OwnText = [];

    private sealed class Overrides(Type type)
    {
        public bool StackTrace { get; } = type.GetProperty(nameof(Exception.StackTrace))?.GetMethod?.DeclaringType != typeof(Exception);
    }

    private sealed record Traced(ulong[] Addresses, string Text);

    private sealed class Frames : IEquatable<Frames>
    {
        private readonly (MethodBase Method, int Offset)[] _frames;
        private readonly int _hash;

        public Frames((MethodBase Method, int Offset)[] frames)
        {
            _frames = frames;
            var hash = new HashCode();
            foreach (var (method, offset) in frames)
            {
                hash.Add(RuntimeHelpers.GetHashCode(method));
                hash.Add(offset);
            }

            _hash = hash.ToHashCode();
        }

        public bool Equals(Frames? other)
        {
            if (other is null || other._hash != _hash || other._frames.Length != _frames.Length)
            {
                return false;
            }

            for (var i = 0; i < _frames.Length; i++)
            {
                if (_frames[i].Offset != other._frames[i].Offset || !ReferenceEquals(_frames[i].Method, other._frames[i].Method))
                {
                    return false;
                }
            }

            return true;
        }

        public override bool Equals(object? obj) => Equals(obj as Frames);

        public override int GetHashCode() => _hash;
    }
}
