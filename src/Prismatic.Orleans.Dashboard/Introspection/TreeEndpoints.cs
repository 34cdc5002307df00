using System.ComponentModel;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Prismatic.Dashboard;

internal static class TreeEndpoints
{
    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/tree", Tree)
            .WithSummary("The supervision tree and its health at one moment.")
            .Produces<TreeWire>().ProducesProblem(400).ProducesProblem(404).ProducesProblem(503);
        api.MapGet("/hotspots", Hotspots)
            .WithSummary("Children with more than 3 restarts in 5 minutes.")
            .Produces<HotspotWire[]>().ProducesProblem(503);
    }

    private static async Task<IResult> Tree(
        [Description("A path: only that node and those below it. Narrows nodes alone, never the figures.")] string? under,
        [Description("Levels below the topmost node, 0 to 100; all when left out.")] string? depth,
        [Description("true: only nodes that are not healthy, have a ticket or are hotspots, with the nodes above them.")] string? ill,
        SupervisionGrains grains,
        CancellationToken stop)
    {
        var (selection, error) = TreeSelection.Parse(under, depth, ill);
        if (selection is null)
        {
            return Problems.BadQuery(error!);
        }

        var tree = await grains.Tree(stop);
        if (selection.Under is { } path && tree.Nodes.All(node => node.Path != path))
        {
            return Problems.NotFound($"'under' names {path}, and the tree has no such node.");
        }

        return SupervisionJson.Ok(WireMapping.ToWire(tree, selection), SupervisionJson.Default.TreeWire);
    }

    private static async Task<IResult> Hotspots(SupervisionGrains grains, CancellationToken stop)
    {
        var tree = await grains.Tree(stop);
        return SupervisionJson.Ok([.. tree.Hotspots.Select(WireMapping.ToWire)], SupervisionJson.Default.HotspotWireArray);
    }
}
