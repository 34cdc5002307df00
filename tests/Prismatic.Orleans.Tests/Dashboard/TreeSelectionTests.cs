using Prismatic.Dashboard;
using Prismatic.Supervision;
using Xunit;

namespace Prismatic.Tests.Dashboard;

public sealed class TreeSelectionTests
{
    private const string Osint = "prismatic/osint";

    private static readonly HashSet<string> None = [];

    public static TheoryData<string?, int?, bool, string[]> Selections => new()
    {
        { null, null, false, ["prismatic", "core", "storage-coordinator", "osint", "adapter-registry", "source-manager", "monitors", "jan/novak"] },
        { null, 0, false, ["prismatic"] },
        { null, 1, false, ["prismatic", "core", "osint"] },
        { Osint, null, false, ["osint", "adapter-registry", "source-manager", "monitors", "jan/novak"] },
        { Osint, 0, false, ["osint"] },
        { Osint, 1, false, ["osint", "adapter-registry", "source-manager", "monitors"] },
        { Osint, 100, false, ["osint", "adapter-registry", "source-manager", "monitors", "jan/novak"] },
        { "prismatic/osi", null, false, [] },
        { null, null, true, ["prismatic", "osint", "source-manager", "monitors", "jan/novak"] },
        { null, 1, true, ["prismatic", "osint"] },
        { Osint, 1, true, ["osint", "source-manager", "monitors"] },
        { "prismatic/core", null, true, [] },
    };

    [Theory]
    [MemberData(nameof(Selections))]
    public void Under_depth_and_ill_choose_nodes_in_the_order_of_the_tree(string? under, int? depth, bool ill, string[] expected) =>
        Assert.Equal(expected, new TreeSelection(under, depth, ill).Choose(Samples.Tree()).Select(node => ChildPath.Name(node.Path)));

    [Theory]
    [InlineData(ChildStatus.Idle, false)]
    [InlineData(ChildStatus.Starting, false)]
    [InlineData(ChildStatus.Up, false)]
    [InlineData(ChildStatus.Restarting, true)]
    [InlineData(ChildStatus.BackingOff, true)]
    [InlineData(ChildStatus.Resetting, true)]
    [InlineData(ChildStatus.Fallback, true)]
    [InlineData(ChildStatus.Hung, true)]
    [InlineData(ChildStatus.Quarantined, true)]
    [InlineData(ChildStatus.Stopped, true)]
    public void A_node_needs_attention_in_every_state_but_idle_starting_and_up(ChildStatus status, bool needed) =>
        Assert.Equal(needed, TreeSelection.NeedsAttention(Samples.Node("prismatic/a", status), None));

    [Fact]
    public void A_node_that_is_up_needs_attention_when_it_has_a_ticket_or_is_a_hotspot()
    {
        Assert.True(TreeSelection.NeedsAttention(Samples.Node("prismatic/a", ticket: "t"), None));
        Assert.True(TreeSelection.NeedsAttention(Samples.Node("prismatic/a"), new HashSet<string> { "prismatic/a" }));
        Assert.False(TreeSelection.NeedsAttention(Samples.Node("prismatic/a"), new HashSet<string> { "prismatic/ab" }));
    }

    [Theory]
    [InlineData("", null, null, "under")]
    [InlineData("/prismatic", null, null, "under")]
    [InlineData("prismatic/", null, null, "under")]
    [InlineData(null, "", null, "depth")]
    [InlineData(null, "-1", null, "depth")]
    [InlineData(null, "1.5", null, "depth")]
    [InlineData(null, "101", null, "depth")]
    [InlineData(null, "1,2", null, "depth")]
    [InlineData(null, "99999999999", null, "depth")]
    [InlineData(null, null, "", "ill")]
    [InlineData(null, null, "1", "ill")]
    public void A_query_that_cannot_be_read_is_answered_with_the_name_of_its_parameter(string? under, string? depth, string? ill, string parameter)
    {
        var (selection, error) = TreeSelection.Parse(under, depth, ill);

        Assert.Null(selection);
        Assert.StartsWith($"'{parameter}' is", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_query_is_read_up_to_its_bounds()
    {
        Assert.Equal(new TreeSelection(), TreeSelection.Parse(null, null, null).Selection);
        Assert.Equal(new TreeSelection("prismatic", 100, true), TreeSelection.Parse("prismatic", "100", "TRUE").Selection);
        Assert.Equal(new TreeSelection(null, 0), TreeSelection.Parse(null, "0", "false").Selection);
    }
}
