using Prismatic.Lessons;
using Prismatic.Supervision;
using Xunit;

namespace Prismatic.Tests.Lessons;

public sealed class CrashCorrelatorTests
{
    private const string Library = "   at Npgsql.NpgsqlConnector.Open(NpgsqlTimeout timeout)\n   at Npgsql.NpgsqlConnection.Open()\n";

    private readonly GroupIndex _index = new();

    [Fact]
    public async Task The_first_signature_founds_a_group_of_its_name_and_the_next_like_it_joins()
    {
        var first = await GroupOf("s1", Crashes.Facts(stack: "   at Shop.Orders.Load()"));
        var second = await GroupOf("s2", Crashes.Facts(stack: "   at Shop.Orders.Load()\n   at Shop.Web.Get()"));
        var third = await GroupOf("s3", Crashes.Facts(stack: "   at Shop.Stock.Load()"));

        Assert.Equal(("s1", "s1", "s3"), (first, second, third));
    }

    [Fact]
    public async Task A_signature_that_was_seen_is_looked_up_and_its_crash_not_looked_at()
    {
        await GroupOf("s1", Crashes.Facts(stack: "   at Shop.Orders.Load()"));

        Assert.Equal("s1", await GroupOf("s1", Crashes.Facts(stack: "   at Shop.Stock.Load()")));
    }

    [Fact]
    public async Task Two_callers_of_a_library_stay_apart_after_one_whose_stack_has_library_frames_only()
    {
        Assert.Equal("cut", await GroupOf("cut", Crashes.Facts(stack: Library)));
        Assert.Equal("shop", await GroupOf("shop", Crashes.Facts(stack: Library + "   at Shop.Orders.Load()")));
        Assert.Equal("bank", await GroupOf("bank", Crashes.Facts(stack: Library + "   at Bank.Accounts.Load()")));
    }

    [Fact]
    public void A_group_is_taken_as_a_whole_one_member_that_is_alike_is_not_enough()
    {
        var crash = CrashFeatures.Of(Crashes.Facts(message: "The order has no lines"));
        GroupMember Member(string signature, string message) =>
            new() { Group = "g", Signature = signature, Features = CrashFeatures.Of(Crashes.Facts(message: message)) };

        Assert.Equal("g", GroupChoice.Of(crash, [Member("s1", "The order has no lines")]).Group);
        Assert.Null(GroupChoice.Of(crash, [Member("s1", "The order has no lines"), Member("s2", "Something else entirely failed")]).Group);
    }

    [Fact]
    public async Task Moved_signatures_belong_to_the_other_group_from_then_on()
    {
        var moved = Crashes.Facts(stack: "   at Shop.Orders.Load()\n   at Shop.Web.Get()");
        await GroupOf("s1", Crashes.Facts(stack: "   at Shop.Orders.Load()"));
        await GroupOf("s2", moved);
        Assert.Equal("s1", await _index.Find("s2"));

        await new CrashCorrelator(_index).Move([new GroupMember { Group = "s1", Signature = "s2", Features = CrashFeatures.Of(moved) }], "split");

        Assert.Equal("split", await _index.Find("s2"));
        Assert.Equal("s1", await _index.Find("s1"));
        Assert.All((await _index.Read(GroupKeys.Of(CrashFeatures.Of(moved)))).Where(member => member.Signature == "s2"), member => Assert.Equal("split", member.Group));
    }

    [Fact]
    public async Task One_correlation_looks_at_a_bounded_number_of_members_however_many_share_a_library()
    {
        for (var i = 0; i < 500; i++)
        {
            Assert.Equal($"s{i}", await GroupOf($"s{i}", Crashes.Facts(stack: $"{Library}   at Shop.Orders{i}.Load()")));
        }

        var keys = GroupKeys.Of(CrashFeatures.Of(Crashes.Facts(stack: $"{Library}   at Shop.Orders499.Load()")));
        Assert.InRange(keys.Length, 1, 5);
        Assert.InRange((await _index.Read(keys)).Count, 1, keys.Length * IGroupBuckets.MaxMembers);
        Assert.Equal("s499", await GroupOf("new", Crashes.Facts(stack: $"{Library}   at Shop.Orders499.Load()\n   at Shop.Web.Get()")));
    }

    [Fact]
    public async Task A_group_takes_no_more_than_12_views_and_still_knows_every_signature()
    {
        for (var i = 0; i < 30; i++)
        {
            Assert.Equal("s0", await GroupOf($"s{i}", Crashes.Facts(stack: $"   at Shop.Orders.Load()\n   at Shop.Web.Get{i}()")));
        }

        var views = await _index.Read(GroupKeys.Of(CrashFeatures.Of(Crashes.Facts(stack: "   at Shop.Orders.Load()"))));
        Assert.InRange(views.DistinctBy(member => member.Signature).Count(), 1, 12);
        Assert.Equal("s0", await _index.Find("s29"));
    }

    [Fact]
    public void Features_keep_no_text_and_are_the_same_in_every_process() =>
        Assert.Equal(819447228946444080UL, CrashFeatures.Of(Crashes.Facts()).Said);

    private ValueTask<string> GroupOf(string signature, CrashFacts crash) => new CrashCorrelator(_index).GroupOf(signature, crash);
}
