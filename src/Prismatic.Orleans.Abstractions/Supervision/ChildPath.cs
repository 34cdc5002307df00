namespace Prismatic.Supervision;

/// <summary>
/// The grammar of paths in the tree: segments joined by <c>/</c>, from the root down, such as
/// <c>prismatic/osint/source-manager</c>. A member of a family appends its key as one segment. A segment is
/// percent-encoded, so that a key may hold any character; letters, digits, <c>-</c>, <c>.</c>, <c>_</c> and <c>~</c> stand for themselves.
/// </summary>
public static class ChildPath
{
    /// <summary>Appends one segment, encoding it.</summary>
    /// <exception cref="ArgumentException"><paramref name="segment"/> is empty.</exception>
    public static string Combine(string parent, string segment)
    {
        ArgumentException.ThrowIfNullOrEmpty(parent);
        ArgumentException.ThrowIfNullOrEmpty(segment);
        return $"{parent}/{Uri.EscapeDataString(segment)}";
    }

    /// <summary>The path of the node above, or null for the root.</summary>
    public static string? Parent(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        var cut = path.LastIndexOf('/');
        return cut < 0 ? null : path[..cut];
    }

    /// <summary>The last segment, decoded: a child's id or a family member's key.</summary>
    public static string Name(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return Uri.UnescapeDataString(path[(path.LastIndexOf('/') + 1)..]);
    }

    /// <summary>The domain a path belongs to: the node directly under the root, or the root itself.</summary>
    public static string Domain(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        var first = path.IndexOf('/', StringComparison.Ordinal);
        if (first < 0)
        {
            return path;
        }

        var second = path.IndexOf('/', first + 1);
        return second < 0 ? path : path[..second];
    }

    /// <summary>Whether <paramref name="path"/> is <paramref name="ancestor"/> or lies below it.</summary>
    public static bool IsUnder(string path, string ancestor)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(ancestor);
        return path.StartsWith(ancestor, StringComparison.Ordinal)
            && (path.Length == ancestor.Length || path[ancestor.Length] == '/');
    }
}
