using System.Data.Common;
using System.Net;
using System.Net.Sockets;
using Microsoft.Data.Sqlite;
using Prismatic.Lessons;
using Prismatic.Supervision;
using Xunit;

namespace Prismatic.Tests.Lessons;

public sealed class CrashCaptureTests
{
    [Fact]
    public void The_chain_is_outermost_first_and_members_of_an_aggregate_follow_in_their_order()
    {
        var crash = Read(new InvalidOperationException("outer", new AggregateException(new TimeoutException("one", new IOException("two")), new FormatException("three"))));

        Assert.Equal(
            ["System.InvalidOperationException", "System.AggregateException", "System.TimeoutException", "System.IO.IOException", "System.FormatException"],
            crash.Exceptions.Select(fact => fact.Type));
        Assert.Equal(["System.SystemException"], crash.Outermost.BaseTypes);
    }

    [Fact]
    public void Of_more_than_10_exceptions_the_first_10_are_kept()
    {
        Assert.Equal(10, Read(new AggregateException(Enumerable.Range(0, 10).Select(i => new FormatException($"{i}")))).Exceptions.Length);
    }

    [Theory]
    [MemberData(nameof(Coded))]
    public void A_code_is_read_from_where_its_type_carries_it(Exception exception, string name, string value)
    {
        Assert.Equal(value, Read(exception).Outermost.Codes[name]);
    }

    public static TheoryData<Exception, string, string> Coded => new()
    {
        { new SocketException((int)SocketError.ConnectionRefused), "socket", "ConnectionRefused" },
        { new HttpRequestException("no", null, HttpStatusCode.ServiceUnavailable), "http", "503" },
        { new HttpRequestException(HttpRequestError.NameResolutionError, "no"), "http.error", "NameResolutionError" },
        { new Npgsql.PostgresException("deadlock detected", "ERROR", "ERROR", "40P01"), "sqlstate", "40P01" },
        { new SqliteException("SQLite Error 11: 'database disk image is malformed'.", 11), "sqlite", "11" },
        { new IOException("No space left on device", 28), "errno", "ENOSPC" },
        { new IOException("sharing", unchecked((int)0x80070020)), "hresult", "0x80070020" },
        { new System.ComponentModel.Win32Exception(258), "win32", "258" },
    };

    [Theory]
    [MemberData(nameof(Plain))]
    public void A_value_that_every_exception_of_the_type_has_is_no_code(Exception exception) => Assert.Empty(Read(exception).Outermost.Codes);

    public static TheoryData<Exception> Plain =>
    [
        new InvalidOperationException(), new InsufficientMemoryException(), new ArgumentException(), new IOException(), new FileNotFoundException(),
        new UnauthorizedAccessException(), new TimeoutException(), new HttpRequestException("x"), new InvalidCastException(), new NotImplementedException(),
    ];

    [Fact]
    public void A_hostile_exception_reads_as_unreadable_and_its_inner_one_is_read()
    {
        var crash = Read(new Hostile(new FormatException("inner")));

        Assert.Equal(CrashCapture.Unreadable, crash.Outermost.Message);
        Assert.Equal(CrashCapture.Unreadable, crash.Stack);
        Assert.Empty(crash.Outermost.Codes);
        Assert.Equal("inner", crash.Exceptions[1].Message);
    }

    [Fact]
    public void Messages_are_redacted_and_capped()
    {
        Assert.Equal("Host=x;Password=***", Read(new FormatException("Host=x;Password=abc")).Outermost.Message);
        Assert.Equal(2000, Read(new FormatException(new string('x', 9000))).Outermost.Message.Length);
    }

    [Fact]
    public void A_closed_generic_type_is_named_without_its_arguments()
    {
        Assert.Equal(typeof(Generic<>).FullName, Read(new Generic<string>()).Outermost.Type);
    }

    [Fact]
    public void A_wrapper_shows_the_stack_of_what_it_carries_first()
    {
        var crash = Read(Thrown(() => Task.Run(Fail).Wait()));

        Assert.Equal("Prismatic.Tests.Lessons.CrashCaptureTests.Fail", StackFrames.Significant(crash.Stack, 1)[0]);
        Assert.Equal(CrashSignature.Of(Read(Thrown(Fail))).Types, CrashSignature.Of(crash).Types);
    }

    [Fact]
    public void An_exception_that_was_never_thrown_has_no_stack() => Assert.Equal("", Read(new FormatException()).Stack);

    private static CrashFacts Read(Exception exception) =>
        CrashCapture.Read(exception, "OrderGrain", "shop/orders", Blame.Worker, target: null, stateDamaged: false);

    private static void Fail() => throw new FormatException("x");

    private static Exception Thrown(Action action) => Record.Exception(action)!;

    private sealed class Generic<T> : Exception;

    private sealed class Hostile(Exception inner) : DbException("x", inner)
    {
        public override string Message => throw new InvalidOperationException("message");

        public override string StackTrace => throw new InvalidOperationException("stack");

        public override string SqlState => throw new InvalidOperationException("state");
    }
}
