using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Prismatic.Supervision;

namespace Prismatic.Lessons;

/// <summary>
/// What identifies a crash. Two crashes with the same types, codes, message templates, frames and worker type have the same hash,
/// on every machine and in every process; ids, times, line numbers and the way an exception was wrapped change nothing.
/// </summary>
internal sealed record CrashSignature
{
    private const int FramesKept = 8;

    /// <summary>Only the innermost frames count for the hash: the outer ones depend on who happened to call.</summary>
    private const int FramesHashed = 5;

    /// <summary>But the program's own code always does, however deep in libraries it failed: they fail alike for all who call them.</summary>
    private const int OwnFramesHashed = 2;
    private const int FramesRead = 60;

    /// <summary>The frames of stacks that were read lately.</summary>
    private static readonly Memo<string, ImmutableArray<string>> FramesOf = new(256);

    /// <summary>16 lower-case hexadecimal digits.</summary>
    public required string Hash { get; init; }

    /// <summary>The exception types, outermost first, without wrappers.</summary>
    public required ImmutableArray<string> Types { get; init; }

    /// <summary>The template of the outermost message and, when another one lies at the bottom of the chain, of that too.</summary>
    public required string Template { get; init; }

    /// <summary>The significant frames, innermost first.</summary>
    public required ImmutableArray<string> Frames { get; init; }

    /// <summary>The error codes of the chain as <c>name=value</c>, sorted.</summary>
    public required ImmutableArray<string> Codes { get; init; }

    /// <summary>The worker type; empty when the crash is tied to none.</summary>
    public required string WorkerType { get; init; }

    /// <summary>The failure mode in one line, for people.</summary>
    public string FailureMode => Template.Length == 0 ? Types[0] : $"{Types[0]}: {Template}";

    /// <summary>The last one made: crashes that come in numbers share the parts of their facts, so that it is theirs too.</summary>
    private static Tuple<CrashFacts, CrashSignature>? s_last;

    /// <summary>The signature of <paramref name="crash"/>.</summary>
    public static CrashSignature Of(CrashFacts crash)
    {
        ArgumentNullException.ThrowIfNull(crash);
        if (Volatile.Read(ref s_last) is { Item1: var facts, Item2: var made }
            && facts.Exceptions == crash.Exceptions && ReferenceEquals(facts.Stack, crash.Stack) && facts.WorkerType == crash.WorkerType)
        {
            return made;
        }

        var signature = Made(crash);
        Volatile.Write(ref s_last, Tuple.Create(crash, signature));
        return signature;
    }

    private static CrashSignature Made(CrashFacts crash)
    {
        var chain = ExceptionChain.Unwrapped(crash.Exceptions);
        var outer = ExceptionChain.Template(chain[0]);
        var inner = ExceptionChain.Template(chain[^1]);
        var types = chain.Select(fact => fact.Type).ToImmutableArray();
        var template = inner == outer || inner.Length == 0 ? outer : outer.Length == 0 ? inner : $"{outer} <- {inner}";
        var codes = chain.SelectMany(fact => fact.Codes).Select(code => $"{code.Key}={code.Value}").Distinct().Order(StringComparer.Ordinal).ToImmutableArray();
        var frames = FramesOf.Get(crash.Stack, static stack => StackFrames.Significant(stack, FramesRead));
        return new CrashSignature
        {
            Hash = HashOf(types, codes, template, frames, crash.WorkerType),
            Types = types,
            Template = template,
            Codes = codes,
            Frames = frames.Length > FramesKept ? frames[..FramesKept] : frames,
            WorkerType = crash.WorkerType,
        };
    }

    private static string HashOf(
        ImmutableArray<string> types, ImmutableArray<string> codes, string template, ImmutableArray<string> frames, string workerType)
    {
        var canonical = new StringBuilder("1\n")
            .AppendJoin('|', types).Append('\n')
            .AppendJoin('|', codes).Append('\n')
            .Append(template).Append('\n')
            .AppendJoin('|', Hashed(frames)).Append('\n')
            .Append(workerType);
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(canonical.ToString()), digest);
        return Convert.ToHexStringLower(digest[..8]);
    }

    private static IEnumerable<string> Hashed(ImmutableArray<string> frames)
    {
        var own = 0;
        for (var i = 0; i < frames.Length; i++)
        {
            var counted = own < OwnFramesHashed && !FrameOwner.IsLibrary(frames[i]);
            own += counted ? 1 : 0;
            if (i < FramesHashed || counted)
            {
                yield return frames[i];
            }
        }
    }
}
