using Prismatic.Lessons;
using Xunit;

namespace Prismatic.Tests.Lessons;

public sealed class SiloGroupsTests
{
    [Fact]
    public void A_silo_that_was_told_of_a_group_knows_it_in_the_first_crash_that_is_like_it()
    {
        var groups = new SiloGroups();
        groups.Learn(new GroupMember { Group = "g1", Signature = "s1", Features = CrashFeatures.Of(Crashes.Facts()) });

        Assert.Equal("g1", groups.Of("s1", Crashes.Facts()));
        Assert.Equal("g1", groups.Of("s2", Crashes.Facts(stack: "   at Shop.Orders.Load()\n   at Shop.Web.Get()")));
        Assert.Equal("s3", groups.Of("s3", Crashes.Facts(stack: "   at Shop.Stock.Load()")));
    }

    [Fact]
    public void After_10_000_signatures_it_forgets_what_it_saw_and_keeps_what_it_was_told()
    {
        var groups = new SiloGroups();
        groups.Learn(new GroupMember { Group = "g1", Signature = "told", Features = CrashFeatures.Of(Crashes.Facts()) });
        groups.Of("seen", Crashes.Facts(stack: "   at Shop.Stock.Load()"));
        groups.Of("seen-again", Crashes.Facts(stack: "   at Shop.Stock.Load()"));
        Assert.Equal("seen", groups.Of("seen-again", Crashes.Facts()));

        for (var i = 0; i < 10_000; i++)
        {
            groups.Of($"s{i}", Crashes.Facts(stack: $"   at Shop.Orders{i}.Load()"));
        }

        Assert.Equal("g1", groups.Of("told", Crashes.Facts(stack: "   at Shop.Other.Load()")));
        Assert.Equal("seen-again", groups.Of("seen-again", Crashes.Facts(stack: "   at Shop.Stock.Load()")));
    }
}
