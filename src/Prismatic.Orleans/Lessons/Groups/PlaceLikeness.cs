using System.Collections.Immutable;

namespace Prismatic.Lessons;

/// <summary>
/// Whether two crashes happened at the same place of the same program. The own frame nearest to the failure decides: a library throws the
/// same for all its callers. Stacks may be cut: where one ends, it says no more.
/// </summary>
internal static class PlaceLikeness
{
    /// <summary>Frames come and go with inlining and with compilers; this share of the shorter list has to be in the longer one, in order.</summary>
    private const double EnoughFrames = 0.6;

    /// <summary>The same library frames, and nobody's own code to tell the callers apart.</summary>
    private const double LibraryOnly = 0.7;

    /// <summary>Both have no stack and say the same.</summary>
    private const double SaidOnly = 0.8;

    /// <summary>Where no own code is there to tell programs apart, the way in which the failure was wrapped has to be the same.
    /// -1 when the places differ, else above 0 up to 1 for the same own code.</summary>
    public static double Of(CrashFeatures a, CrashFeatures b) => (a.Place.IsEmpty, b.Place.IsEmpty, a.Own.IsEmpty, b.Own.IsEmpty) switch
    {
        (true, true, _, _) => a.Said == b.Said ? SaidOnly : -1,
        (false, false, false, false) => OwnCode(a.Own, b.Own),
        (false, false, true, true) => a.Types.AsSpan().SequenceEqual(b.Types.AsSpan()) ? Library(a.Place, b.Place) : -1,
        _ => -1,
    };

    private static double OwnCode(ImmutableArray<ulong> a, ImmutableArray<ulong> b)
    {
        var same = CommonStart(a, b);
        if (same == Math.Min(a.Length, b.Length))
        {
            return 1;
        }

        if (same > 0)
        {
            // The same code of one program, reached in two ways; or a library that we do not know, called by two programs.
            return CrashFeatures.RootOf(a[same]) == CrashFeatures.RootOf(b[same]) ? 1 : -1;
        }

        var share = (double)CommonInOrder(a, b) / Math.Min(a.Length, b.Length);
        return Math.Min(a.Length, b.Length) > 1 && share >= EnoughFrames ? share : -1;
    }

    /// <summary>Two ways through one library are one place; two ways through the platform are two, since all programs go there for all things.</summary>
    private static double Library(ImmutableArray<ulong> a, ImmutableArray<ulong> b)
    {
        var shorter = Math.Min(a.Length, b.Length);
        var same = CommonStart(a, b);
        return same == shorter ? LibraryOnly
            : same >= EnoughFrames * shorter && CrashFeatures.RootOf(a[same]) == CrashFeatures.RootOf(b[same]) && !FrameOwner.IsPlatform(CrashFeatures.RootOf(a[same])) ? LibraryOnly
            : -1;
    }

    private static int CommonStart(ImmutableArray<ulong> a, ImmutableArray<ulong> b) => a.AsSpan().CommonPrefixLength(b.AsSpan());

    /// <summary>The length of the longest list that is in both in this order.</summary>
    private static int CommonInOrder(ImmutableArray<ulong> a, ImmutableArray<ulong> b)
    {
        Span<int> row = stackalloc int[b.Length + 1];
        row.Clear();
        foreach (var frame in a)
        {
            var diagonal = 0;
            for (var j = 1; j <= b.Length; j++)
            {
                var above = row[j];
                row[j] = frame == b[j - 1] ? diagonal + 1 : Math.Max(above, row[j - 1]);
                diagonal = above;
            }
        }

        return row[b.Length];
    }
}
