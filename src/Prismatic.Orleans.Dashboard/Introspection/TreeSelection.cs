using System.Collections.Immutable;
using System.Globalization;
using Prismatic.Introspection;
using Prismatic.Supervision;

namespace Prismatic.Dashboard;

/// <summary>
/// Which nodes of the tree are asked for. It chooses nodes only: figures always speak of the whole tree, so that a narrow view cannot look healthier than the tree is.
/// </summary>
/// <param name="Under">A path: that node and all below it. Null: the whole tree.</param>
/// <param name="Depth">Levels below the topmost chosen node; 0 is that node alone. Null: all.</param>
/// <param name="Ill">Only nodes that need attention, with the nodes above them. See <see cref="NeedsAttention"/>.</param>
internal sealed record TreeSelection(string? Under = null, int? Depth = null, bool Ill = false)
{
    public const int DeepestLevel = 100;

    /// <summary>Not healthy by its state, waiting for a person, or restarting often.</summary>
    public static bool NeedsAttention(TreeNode node, IReadOnlySet<string> hotspots) =>
        ChildStates.Of(node.Status).Ill
        || node.Ticket is not null
        || hotspots.Contains(node.Path);

    /// <summary>The paths of the hotspots.</summary>
    public static IReadOnlySet<string> HotspotPaths(TreeHealth tree) => tree.Hotspots.Select(hotspot => hotspot.Path).ToHashSet(StringComparer.Ordinal);

    /// <summary>The chosen nodes in their order. Depth cuts last: a cut view still shows which of its nodes has something ill below.</summary>
    public ImmutableArray<TreeNode> Choose(TreeHealth tree)
    {
        IEnumerable<TreeNode> chosen = tree.Nodes;
        if (Under is { } under)
        {
            chosen = chosen.Where(node => ChildPath.IsUnder(node.Path, under));
        }

        if (Ill)
        {
            var shown = WithThoseAbove(tree);
            chosen = chosen.Where(node => shown.Contains(node.Path));
        }

        if (Depth is { } depth)
        {
            var top = Under is null ? 0 : Level(Under);
            chosen = chosen.Where(node => Level(node.Path) - top <= depth);
        }

        return [.. chosen];
    }

    /// <summary>Reads the query of <c>GET /api/tree</c>; the error is a sentence that names the parameter.</summary>
    public static (TreeSelection? Selection, string? Error) Parse(string? under, string? depth, string? ill)
    {
        if (Sent.Under(under) is { } mistake)
        {
            return (null, mistake);
        }

        int? levels = null;
        if (depth is not null)
        {
            if (!int.TryParse(depth, NumberStyles.None, CultureInfo.InvariantCulture, out var parsed) || parsed > DeepestLevel)
            {
                return (null, $"'depth' is '{depth}'; it must be a whole number from 0 to {DeepestLevel}.");
            }

            levels = parsed;
        }

        var onlyIll = false;
        return ill is null || bool.TryParse(ill, out onlyIll)
            ? (new TreeSelection(under, levels, onlyIll), null)
            : (null, $"'ill' is '{ill}'; it must be true or false.");
    }

    private static HashSet<string> WithThoseAbove(TreeHealth tree)
    {
        var shown = new HashSet<string>(StringComparer.Ordinal);
        var hotspots = HotspotPaths(tree);
        foreach (var node in tree.Nodes.Where(node => NeedsAttention(node, hotspots)))
        {
            var path = node.Path;
            while (path is not null && shown.Add(path))
            {
                path = ChildPath.Parent(path);
            }
        }

        return shown;
    }

    private static int Level(string path) => path.Count(character => character == '/');
}
