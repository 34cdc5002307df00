using Prismatic.Lessons;
using Prismatic.Supervision;
using Xunit;

namespace Prismatic.Tests.Lessons;

public sealed class CrashSignatureTests
{
    [Fact]
    public void The_hash_is_16_digits_and_the_same_in_every_process()
    {
        Assert.Equal("44d43614f6e4cc46", CrashSignature.Of(Crashes.Facts(type: "T", message: "m", stack: "   at A.B()", worker: "w")).Hash);
    }

    [Fact]
    public void Ids_lines_and_async_frames_do_not_change_it()
    {
        var first = Crashes.Facts(message: "order 17 of 3f2504e0-4f89-11d3-9a0c-0305e82c3301 at /a/b/c", stack: "   at Shop.Orders.Load(Int32 id) in /a.cs:line 1");
        var second = Crashes.Facts(
            message: "order 99 of 11111111-4f89-11d3-9a0c-0305e82c3301 at /x/y",
            stack: "   at Shop.Orders.<Load>d__4.MoveNext() in /b.cs:line 77\n   at System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw()");

        Assert.Equal(CrashSignature.Of(first).Hash, CrashSignature.Of(second).Hash);
    }

    [Theory]
    [InlineData("System.AggregateException", "One or more errors occurred. (broken 5)")]
    [InlineData("System.Reflection.TargetInvocationException", "Exception has been thrown by the target of an invocation.")]
    [InlineData("System.TypeInitializationException", "The type initializer for 'Shop.X' threw an exception.")]
    public void Wrapping_does_not_change_it(string wrapper, string message)
    {
        var bare = Crashes.Facts(message: "broken 5");
        var wrapped = Crashes.Facts(type: wrapper, message: message, inner: Crashes.Fact("System.InvalidOperationException", "broken 6"));

        Assert.Equal(CrashSignature.Of(bare).Hash, CrashSignature.Of(wrapped).Hash);
    }

    [Fact]
    public void The_language_of_the_machine_does_not_change_a_null_reference()
    {
        var english = Crashes.Facts(type: "System.NullReferenceException", message: "Object reference not set to an instance of an object.");
        var russian = Crashes.Facts(type: "System.NullReferenceException", message: "Ссылка на объект не указывает на экземпляр объекта.", stack: "   в Shop.Orders.Load()");

        Assert.Equal(CrashSignature.Of(english).Hash, CrashSignature.Of(russian).Hash);
    }

    [Theory]
    [MemberData(nameof(Different))]
    public void Another_type_code_message_frame_or_worker_is_another_signature(CrashFacts other)
    {
        Assert.NotEqual(CrashSignature.Of(Crashes.Facts()).Hash, CrashSignature.Of(other).Hash);
    }

    public static TheoryData<CrashFacts> Different => new(
        Crashes.Facts(type: "System.IO.IOException"),
        Crashes.Facts(message: "torn"),
        Crashes.Facts(message: "broken (10061)"),
        Crashes.Facts(stack: "   at Shop.Orders.Save()"),
        Crashes.Facts(worker: "InvoiceGrain"),
        Crashes.Facts(inner: Crashes.Fact("System.Net.Sockets.SocketException", "broken", ("socket", "TimedOut"))));

    [Fact]
    public void Another_code_under_the_same_words_is_another_signature()
    {
        CrashFacts Socket(string code) => Crashes.Facts() with { Exceptions = [Crashes.Fact("System.Net.Sockets.SocketException", "no", ("socket", code))] };

        Assert.NotEqual(CrashSignature.Of(Socket("TimedOut")).Hash, CrashSignature.Of(Socket("ConnectionRefused")).Hash);
    }
}
