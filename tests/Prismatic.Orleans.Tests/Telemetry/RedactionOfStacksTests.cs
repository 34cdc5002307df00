using Prismatic.Telemetry;
using Xunit;

namespace Prismatic.Tests.Telemetry;

public sealed class RedactionOfStacksTests
{
    private const string Frames =
        "   at Shop.Orders.<Load>d__3.MoveNext() in C:\\src\\Orders.cs:line 12\n--- End of stack trace from previous location ---\n   at Shop.OrderGrain.Handle(String key, CancellationToken token)";

    [Fact]
    public void Frames_stay_as_they_are() => Assert.Equal(Frames, RedactionOfStacks.Scrub(Frames, 32_768));

    [Theory]
    [InlineData("   at Shop.Orders.Load(password=abc)", "   at Shop.Orders.Load(password=***")]
    [InlineData("   at Shop.Orders.Load() in https://a:b@host/Orders.cs:line 1", "   at Shop.Orders.Load() in https://***@host/Orders.cs:line 1")]
    [InlineData("Server stack: Password=abc;Host=x", "Server stack: Password=***;Host=x")]
    [InlineData("sent Bearer AbCd12345678 (twice)", "sent Bearer *** (twice)")]
    public void A_line_that_is_no_plain_frame_is_redacted(string line, string expected)
    {
        Assert.Equal($"{Frames}\n{expected}", RedactionOfStacks.Scrub($"{Frames}\n{line}", 32_768));
    }

    [Fact]
    public void A_long_stack_is_cut() => Assert.Equal(20, RedactionOfStacks.Scrub(Frames, 20).Length);
}
