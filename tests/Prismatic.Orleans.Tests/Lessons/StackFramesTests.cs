using Prismatic.Lessons;
using Xunit;

namespace Prismatic.Tests.Lessons;

public sealed class StackFramesTests
{
    [Theory]
    [InlineData("   at A.B.Run(String x) in /src/B.cs:line 12", "A.B.Run")]
    [InlineData("   at A.B.Run(String x) + 0x3a", "A.B.Run")]
    [InlineData("  at A.B.Run (System.String x) [0x00012] in <e497a93b>:0", "A.B.Run")]
    [InlineData("   bei A.B.Run()", "A.B.Run")]
    [InlineData("   в A.B.Run()", "A.B.Run")]
    [InlineData("   在 A.B.Run()", "A.B.Run")]
    [InlineData("   at async Task<int> A.B.Run()", "A.B.Run")]
    [InlineData("   at A.B.<Run>d__12.MoveNext()", "A.B.Run")]
    [InlineData("   at A.B.<Ns-ISend-Send>d__6`1.MoveNext()", "A.B.Send")]
    [InlineData("   at A.B.<>c__DisplayClass31_0.<Run>b__0()", "A.B.Run")]
    [InlineData("   at A.B.<>c__DisplayClass31_0.<<Run>g__Step|0>d.MoveNext()", "A.B.Run")]
    [InlineData("   at A.B.<Run>g__Step|40_0(Int32 x)", "A.B.Run")]
    [InlineData("   at A.B.<>c.<Run>b__2_0(Object o)", "A.B.Run")]
    [InlineData("   at A.List`1[[System.String, System.Private.CoreLib]].get_Item(Int32 i)", "A.List.get_Item")]
    [InlineData("   at A.B.Get[TKey,TValue](TKey k)", "A.B.Get")]
    [InlineData("   at A.B..ctor(String x)", "A.B..ctor")]
    [InlineData("   at A.B.<.ctor>b__19_2(Object s)", "A.B..ctor")]
    [InlineData("   at Program.<<Main>$>b__0()", "Program.Main")]
    [InlineData("   at A.Outer+Inner.Run()", "A.Outer.Inner.Run")]
    [InlineData("   at A.List`1.Enumerator.MoveNext()", "A.List.Enumerator.MoveNext")]
    public void A_frame_is_its_method_however_it_is_written(string line, string expected) => Assert.Equal(expected, StackFrames.Parse(line));

    [Theory]
    [InlineData("--- End of stack trace from previous location ---")]
    [InlineData("--- Ende der Stapelüberwachung (x.y) ---")]
    [InlineData("System.IO.IOException: cannot open a.b (c)")]
    [InlineData("(unreadable)")]
    [InlineData("")]
    public void Other_lines_are_no_frames(string line) => Assert.Null(StackFrames.Parse(line));

    [Fact]
    public void Runtime_host_and_repeated_frames_go_and_the_innermost_comes_first()
    {
        const string Stack = """
               at System.ThrowHelper.ThrowKeyNotFound()
               at Shop.Orders.<Load>d__3.MoveNext()
            --- End of stack trace from previous location ---
               at System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw()
               at System.Runtime.CompilerServices.TaskAwaiter.ThrowForNonSuccess(Task task)
               at Shop.Orders.<Load>d__3.MoveNext()
               at Shop.OrderGrain.Handle()
               at Orleans.Runtime.GrainMethodInvoker.Invoke()
               at Prismatic.Supervision.SupervisionCallFilter.Invoke()
            """;

        Assert.Equal(["Shop.Orders.Load", "Shop.OrderGrain.Handle"], StackFrames.Significant(Stack, max: 8));
        Assert.Equal(["Shop.Orders.Load"], StackFrames.Significant(Stack, max: 1));
    }

    [Fact]
    public void A_stack_of_the_host_alone_keeps_its_frames()
    {
        Assert.Equal(["Orleans.Serialization.CodecProvider.Get"], StackFrames.Significant("   at Orleans.Serialization.CodecProvider.Get()", max: 8));
    }
}
