using Prismatic.Remediation;
using Prismatic.Runtime;
using Prismatic.Supervision;
using Prismatic.Tests.Cluster;
using Xunit;

namespace Prismatic.Tests.Supervision;

public sealed class TreeRulesTests
{
    [Fact]
    public void All_mistakes_of_a_tree_are_reported_together()
    {
        var tree = new SupervisionTreeBuilder()
            .Configure(options => options.GateWait = TimeSpan.FromMinutes(1))
            .Supervisor("empty", RestartStrategy.OneForOne, _ => { })
            .Supervisor("twice", (RestartStrategy)9, twice => twice
                .Intensity(-1, TimeSpan.Zero)
                .Worker<IShakyGrain>("same")
                .Worker<IOtherGrain>("same", other => other.Restart(new RestartWithBackoff { Initial = TimeSpan.FromHours(2) }))
                .Worker<IThirdGrain>(" ")
                .Worker<IStandInGrain>("number", number => number.Key(7)))
            .Supervisor("places", RestartStrategy.OneForOne, places => places.Worker<IShakyGrain>("same").Worker<IOtherGrain>("self", self => self.Fallback<IOtherGrain>()));

        var mistakes = TreeRules.FindMistakes(tree.Build(), tree.Settings);

        string[] expected =
        [
            "GateWait is 00:01:00",
            "Supervisor 'app/empty' has no children",
            "has strategy 9",
            "has intensity -1",
            "has the period 00:00:00",
            "2 children with the id 'same'",
            "has the id ' '",
            "an initial delay of 02:00:00",
            "is not an IGrainWithIntegerKey",
            "has itself as fallback",
            "stands in 2 places: app/twice/same, app/places/same",
        ];
        Assert.All(expected, part => Assert.Contains(mistakes, mistake => mistake.Contains(part, StringComparison.Ordinal)));
        Assert.Equal(expected.Length + 1, mistakes.Count);
    }

    [Fact]
    public void A_sound_tree_has_no_mistakes()
    {
        var tree = new SupervisionTreeBuilder().Supervisor("work", RestartStrategy.OneForOne, work => work.Worker<IShakyGrain>("shaky"));
        Assert.Empty(TreeRules.FindMistakes(tree.Build(), tree.Settings));
    }

    [Fact]
    public async Task A_silo_whose_tree_has_mistakes_does_not_start_and_says_all_of_them()
    {
        var failure = await Record.ExceptionAsync(() => SupervisedCluster.Start(
            tree => tree
                .Supervisor("empty", RestartStrategy.OneForOne, _ => { })
                .Supervisor("work", RestartStrategy.OneForOne, work => work.Worker<IUnknownGrain>("nobody")),
            silos: 1));

        var mistakes = Assert.IsType<SupervisionTreeException>(failure).Mistakes;
        Assert.Contains(mistakes, mistake => mistake.Contains("'app/empty' has no children", StringComparison.Ordinal));
        Assert.Contains(mistakes, mistake => mistake.Contains("no silo of the cluster has a grain class that implements it", StringComparison.Ordinal));
    }
}

/// <summary>An interface that no grain implements.</summary>
public interface IUnknownGrain : IGrainWithStringKey;

public sealed class ChildPathTests
{
    [Theory]
    [InlineData("a", "b", "a/b")]
    [InlineData("a/b", "x/y z", "a/b/x%2Fy%20z")]
    public void A_segment_is_encoded(string parent, string segment, string path)
    {
        Assert.Equal(path, ChildPath.Combine(parent, segment));
        Assert.Equal((segment, parent), (ChildPath.Name(path), ChildPath.Parent(path)));
    }

    [Theory]
    [InlineData("a/b", "a", true)]
    [InlineData("a", "a", true)]
    [InlineData("ab", "a", false)]
    [InlineData("a", "a/b", false)]
    public void A_path_is_under_another(string path, string ancestor, bool under) => Assert.Equal(under, ChildPath.IsUnder(path, ancestor));

    [Theory]
    [InlineData("prismatic", "prismatic")]
    [InlineData("prismatic/osint", "prismatic/osint")]
    [InlineData("prismatic/osint/monitors/x", "prismatic/osint")]
    public void A_path_belongs_to_a_domain(string path, string domain) => Assert.Equal(domain, ChildPath.Domain(path));
}
