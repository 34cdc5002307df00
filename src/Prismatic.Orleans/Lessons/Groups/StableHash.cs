namespace Prismatic.Lessons;

/// <summary>
/// Hashes of names and words that are the same in every process, so that they can be stored and compared between silos (FNV-1a with a
/// finishing mix). They keep no text: what is stored of a message cannot be read back.
/// </summary>
internal static class StableHash
{
    private const ulong Offset = 14695981039346656037;
    private const ulong Prime = 1099511628211;

    /// <summary>The hash of <paramref name="text"/>.</summary>
    public static ulong Of(ReadOnlySpan<char> text) => Finish(Add(Offset, text));

    /// <summary>The hash of several values in their order, of which the first says what they are.</summary>
    public static ulong Of(ulong kind, params ReadOnlySpan<ulong> values)
    {
        var hash = Add(Offset, kind);
        foreach (var value in values)
        {
            hash = Add(hash, value);
        }

        return Finish(hash);
    }

    /// <summary>The upper half, for where the chance of two that are equal does little harm.</summary>
    public static uint Short(ReadOnlySpan<char> text) => (uint)(Of(text) >> 32);

    private static ulong Add(ulong hash, ReadOnlySpan<char> text)
    {
        foreach (var c in text)
        {
            hash = (hash ^ c) * Prime;
        }

        return hash;
    }

    private static ulong Add(ulong hash, ulong value)
    {
        for (var shift = 0; shift < 64; shift += 16)
        {
            hash = (hash ^ ((value >> shift) & 0xffff)) * Prime;
        }

        return hash;
    }

    /// <summary>Spreads the last characters over all bits: without it, the upper half of short texts would hardly differ.</summary>
    private static ulong Finish(ulong hash)
    {
        hash ^= hash >> 33;
        hash *= 0xff51afd7ed558ccd;
        hash ^= hash >> 33;
        hash *= 0xc4ceb9fe1a85ec53;
        return hash ^ (hash >> 33);
    }
}
