using Prismatic.Lessons;
using Prismatic.Supervision;
using Xunit;

namespace Prismatic.Tests.Lessons;

public sealed class CrashLikenessTests
{
    private const string Library = "   at Npgsql.NpgsqlConnector.Open(NpgsqlTimeout timeout)\n   at Npgsql.NpgsqlConnection.Open()\n";

    [Theory]
    [InlineData("   at Shop.Orders.Load(Int32 id)", "   bei Shop.Orders.<Load>d__7.MoveNext() in C:\\a\\Orders.cs:Zeile 12")]
    [InlineData("   at Shop.Orders.Load()\n   at Shop.Web.Get()", "   at Shop.Orders.Load()")]
    [InlineData("   at Shop.Orders.Load()\n   at Shop.Web.Get()", "   at Shop.Orders.Load()\n   at Shop.Jobs.Run()")]
    [InlineData(Library + "   at Shop.Orders.Load()", "   at Npgsql.PoolingDataSource.Get()\n   at Shop.Orders.Load()")]
    [InlineData("   at Shop.Orders.Load()", "   at Shop.Orders.Load()\n   at Orleans.Runtime.GrainMethodInvoker.Invoke()\n   at Serilog.AspNetCore.RequestLoggingMiddleware.Invoke(HttpContext c)")]
    [InlineData("   at Shop.A.One()\n   at Shop.B.Two()\n   at Shop.C.Three()", "   at Shop.B.Two()\n   at Shop.C.Three()")]
    public void The_same_failure_in_the_same_own_code_is_one_failure(string first, string second) =>
        Assert.Equal(1, Likeness(Crashes.Facts(stack: first), Crashes.Facts(stack: second)));

    [Theory]
    [InlineData(Library + "   at Shop.Orders.Load()", Library + "   at Bank.Accounts.Load()")]
    [InlineData(Library + "   at Shop.Orders.Load()", Library + "   at Shop.Stock.Load()")]
    [InlineData("   at Unknown.Library.Do()\n   at Shop.Orders.Load()", "   at Unknown.Library.Do()\n   at Bank.Accounts.Load()")]
    [InlineData(Library + "   at Shop.Orders.Load()", Library)]
    [InlineData("   at Shop.Orders.Load()", "")]
    [InlineData("   at Shop.Orders.<Load>b__1()", "   at Shop.Orders.Load()")]
    public void Other_callers_have_other_failures(string first, string second) =>
        Assert.Equal(-1, Likeness(Crashes.Facts(stack: first), Crashes.Facts(stack: second)));

    [Theory]
    [InlineData("There is not enough space on the disk.", "The process cannot access the file because it is being used by another process.")]
    [InlineData("SQLite Error 11: 'database disk image is malformed'.", "SQLite Error 5: 'database is locked'.")]
    [InlineData("Call failed with status code 503 (Service Unavailable)", "Call failed with status code 404 (Service Unavailable)")]
    [InlineData("'<' is an invalid start of a value.", "'0x00' is an invalid start of a value.")]
    [InlineData("Could not load reader.exe", "Could not load writer.exe")]
    public void Another_message_code_or_program_is_another_failure_at_the_same_place(string first, string second) =>
        Assert.Equal(-1, Likeness(Crashes.Facts(message: first), Crashes.Facts(message: second)));

    [Theory]
    [InlineData("Timeout performing GET 292, queue 4", "Timeout performing GET 17, queue 0", 1)]
    [InlineData("The collection was modified after it was read", "The collection was modified", 0.6)]
    [InlineData("The stream is closed", "Der Stream ist geschlossen und nicht mehr lesbar", 0.8)]
    public void Ids_wording_and_language_do_not_make_another_failure(string first, string second, double atLeast) =>
        Assert.InRange(Likeness(Crashes.Facts(message: first), Crashes.Facts(message: second)), atLeast, 1);

    [Fact]
    public void A_structured_code_of_another_value_is_another_failure_whatever_the_words_are()
    {
        static CrashFacts Refused(string state) => Crashes.Facts() with { Exceptions = [Crashes.Fact("Npgsql.PostgresException", "refused", ("sqlstate", state))] };

        Assert.Equal(1, Likeness(Refused("40001"), Refused("40001")));
        Assert.Equal(-1, Likeness(Refused("40001"), Refused("40P01")));
    }

    [Fact]
    public void Wrappers_change_nothing_and_another_worker_changes_everything()
    {
        var bare = Crashes.Facts();
        var wrapped = Crashes.Facts(type: "System.AggregateException", message: "One or more errors occurred. (broken)", inner: bare.Exceptions[0]);

        Assert.Equal(1, Likeness(bare, wrapped));
        Assert.Equal(-1, Likeness(bare, bare with { WorkerType = "StockGrain" }));
    }

    [Fact]
    public void Where_only_libraries_are_to_be_seen_the_way_through_them_and_the_wrapping_have_to_be_the_same()
    {
        var open = Crashes.Facts(type: "System.IO.IOException", stack: Library);
        var longer = Crashes.Facts(type: "System.IO.IOException", stack: Library + "   at Npgsql.Internal.Pool.Rent()");
        var wrapped = Crashes.Facts(type: "Npgsql.NpgsqlException", message: "outer", stack: Library, inner: open.Exceptions[0]);

        Assert.InRange(Likeness(open, longer), 0.5, 0.99);
        Assert.Equal(-1, Likeness(open, wrapped));
    }

    [Fact]
    public void Without_stacks_the_same_has_to_be_said()
    {
        Assert.InRange(Likeness(Crashes.Facts(stack: ""), Crashes.Facts(stack: "")), 0.5, 1);
        Assert.Equal(-1, Likeness(Crashes.Facts(stack: ""), Crashes.Facts(stack: "", message: "broken again")));
    }

    private static double Likeness(CrashFacts a, CrashFacts b)
    {
        var (one, other) = (CrashFeatures.Of(a), CrashFeatures.Of(b));
        Assert.Equal(CrashLikeness.Of(one, other), CrashLikeness.Of(other, one));
        return CrashLikeness.Of(one, other);
    }
}
