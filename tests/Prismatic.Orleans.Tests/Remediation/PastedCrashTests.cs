using Prismatic.Remediation;
using Xunit;

namespace Prismatic.Tests.Remediation;

public sealed class PastedCrashTests
{
    [Fact]
    public void An_exception_as_NET_prints_it_gives_its_chain_codes_and_frames()
    {
        var facts = PastedCrash.Read("""
            2026-11-22 10:00:01 ERROR [orders] Unhandled exception. System.InvalidOperationException: The order was not stored.
            Nothing else is known.
             ---> Npgsql.PostgresException (0x80004005): 40P01: deadlock detected
               at Npgsql.Internal.NpgsqlConnector.ReadMessage(Boolean async) in /src/a.cs:line 12
               --- End of inner exception stack trace ---
               at Shop.Orders.Store(Order order) in Orders.cs:line 40
               at Shop.OrderGrain.<Place>d__3.MoveNext()
            """)!;

        Assert.Equal(["System.InvalidOperationException", "Npgsql.PostgresException"], facts.Exceptions.Select(fact => fact.Type));
        Assert.Equal("The order was not stored.\nNothing else is known.", facts.Outermost.Message);
        Assert.Equal("40P01", facts.Exceptions[1].Codes["sqlstate"]);
        Assert.Contains("at Shop.Orders.Store(Order order)", facts.Stack, StringComparison.Ordinal);
        Assert.Contains("d__3.MoveNext()", facts.Stack, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("System.Net.Sockets.SocketException (111): Connection refused 127.0.0.1:9", "ConnectionRefused")]
    [InlineData("System.Net.Sockets.SocketException (10060): Zeitüberschreitung", "TimedOut")]
    public void The_number_behind_a_sockets_exception_is_its_code(string text, string code) =>
        Assert.Equal(code, Assert.Single(PastedCrash.Read(text)!.Exceptions).Codes["socket"]);

    [Fact]
    public void Members_of_an_aggregate_and_frames_of_other_languages_are_read()
    {
        var facts = PastedCrash.Read("""
            System.AggregateException: One or more errors occurred. (a) (b)
             ---> System.TimeoutException: a
               bei Shop.Link.Send(String text)
               --- Ende der internen Ausnahmestapelüberwachung ---
             ---> (Inner Exception #1) System.FormatException: b<---
            """)!;

        Assert.Equal([("System.TimeoutException", "a"), ("System.FormatException", "b")], facts.Exceptions.Skip(1).Select(fact => (fact.Type, fact.Message)));
        Assert.Contains("Shop.Link.Send", facts.Stack, StringComparison.Ordinal);
    }

    [Fact]
    public void Secrets_in_the_text_are_redacted() =>
        Assert.DoesNotContain("hunter2", PastedCrash.Read("System.InvalidOperationException: login failed: Password=hunter2")!.Outermost.Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("")]
    [InlineData("all is well")]
    [InlineData("   at Shop.Orders.Store(Order order)")]
    public void A_text_without_an_exception_gives_nothing(string text) => Assert.Null(PastedCrash.Read(text));
}
