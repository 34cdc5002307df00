using System.Collections.Immutable;
using Prismatic.Supervision;

namespace Prismatic.Lessons;

/// <summary>
/// What is compared when two crashes are asked to be the same failure: what failed, where, and for whom. All hashes, a few hundred bytes,
/// so that millions can be kept. Two crashes of the same signature have the same features.
/// </summary>
[GenerateSerializer, Immutable, Alias("prismatic.CrashFeatures")]
internal sealed record CrashFeatures
{
    private const int PlaceKept = 6;
    private const int OwnKept = 6;
    private const int WordsKept = 24;
    private const int FramesRead = 60;

    /// <summary>The exception types without wrappers, outermost first.</summary>
    [Id(0)] public required ImmutableArray<ulong> Types { get; init; }

    /// <summary>The plain words of the innermost message's template, sorted.</summary>
    [Id(1)] public required ImmutableArray<uint> Words { get; init; }

    /// <summary>What the innermost message has of codes: numbers that were kept, quoted signs and names. Sorted.</summary>
    [Id(2)] public required ImmutableArray<uint> Marks { get; init; }

    /// <summary>Error codes of the chain, name in the upper half and value in the lower. Sorted.</summary>
    [Id(3)] public required ImmutableArray<ulong> Codes { get; init; }

    /// <summary>The innermost frames, whoever's code it is; a frame has its root in the upper half.</summary>
    [Id(4)] public required ImmutableArray<ulong> Place { get; init; }

    /// <summary>The innermost frames of the program's own code.</summary>
    [Id(5)] public required ImmutableArray<ulong> Own { get; init; }

    /// <summary>All types, messages and codes in one: equal when two crashes say the same.</summary>
    [Id(6)] public required ulong Said { get; init; }

    /// <summary>The worker type; 0 when the crash is tied to none.</summary>
    [Id(7)] public required ulong Worker { get; init; }

    /// <summary>Whether the innermost message is in another language than English: it says the same in words that cannot be compared.</summary>
    [Id(8)] public required bool Foreign { get; init; }

    /// <summary>Programs and assemblies that the messages name. Sorted.</summary>
    [Id(9)] public required ImmutableArray<uint> Programs { get; init; }

    /// <summary>The innermost exception's type.</summary>
    public ulong Root => Types[^1];

    /// <summary>The features of <paramref name="crash"/>.</summary>
    public static CrashFeatures Of(CrashFacts crash)
    {
        ArgumentNullException.ThrowIfNull(crash);
        var chain = ExceptionChain.Unwrapped(crash.Exceptions);
        var message = MessageWords.Of(ExceptionChain.Template(chain[^1]), WordsKept);
        var codes = chain.SelectMany(fact => fact.Codes).Distinct()
            .Select(code => ((ulong)StableHash.Short(code.Key) << 32) | StableHash.Short(code.Value)).Order().ToImmutableArray();
        var types = chain.Select(fact => StableHash.Of(ExceptionChain.TypeName(fact.Type))).ToImmutableArray();
        var said = chain.Select(fact => StableHash.Of(ExceptionChain.Template(fact))).Concat(types).Concat(codes).ToArray();
        var frames = StackFrames.WithoutDispatch(crash.Stack, FramesRead);
        return new CrashFeatures
        {
            Types = types,
            Words = message.Words,
            Marks = message.Marks,
            Foreign = message.Foreign,
            Codes = codes,
            Place = [.. frames.Take(PlaceKept).Select(Frame)],
            Own = [.. frames.Where(frame => !FrameOwner.IsLibrary(frame)).Take(OwnKept).Select(Frame)],
            Said = StableHash.Of((ulong)chain.Length, said),
            Programs = ProgramNames.In(chain.Select(fact => fact.Message)),
            Worker = crash.WorkerType.Length == 0 ? 0 : StableHash.Of(crash.WorkerType),
        };
    }

    /// <summary>The program or library that a frame of these features belongs to.</summary>
    public static uint RootOf(ulong frame) => (uint)(frame >> 32);

    private static ulong Frame(string frame) => ((ulong)StableHash.Short(FrameOwner.RootOf(frame)) << 32) | StableHash.Short(frame);
}
