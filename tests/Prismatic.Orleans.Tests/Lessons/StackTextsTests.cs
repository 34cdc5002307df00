using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using Prismatic.Lessons;
using Xunit;

namespace Prismatic.Tests.Lessons;

public sealed class StackTextsTests
{
    [Fact]
    public void The_text_of_the_same_place_is_made_once_and_is_what_the_runtime_writes()
    {
        var (first, second) = (Thrown(inOtherPlace: false), Thrown(inOtherPlace: false));

        Assert.Same(Text(first), Text(second));
        Assert.Equal(first.StackTrace, Text(second));
    }

    [Fact]
    public void Another_line_of_the_same_method_has_its_own_text()
    {
        var (first, second) = (Thrown(inOtherPlace: false), Thrown(inOtherPlace: true));

        Assert.Equal(first.StackTrace, Text(first));
        Assert.Equal(second.StackTrace, Text(second));
    }

    [Fact]
    public void A_stack_that_came_from_elsewhere_is_never_taken_for_one_of_here()
    {
        InvalidOperationException Remote(string stack)
        {
            var exception = new InvalidOperationException("broken");
            ExceptionDispatchInfo.SetRemoteStackTrace(exception, stack);
            return exception;
        }

        Assert.Contains("Elsewhere.One()", Text(Remote("   at Elsewhere.One()")), StringComparison.Ordinal);
        Assert.Contains("Elsewhere.Two()", Text(Remote("   at Elsewhere.Two()")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_type_that_writes_its_own_stack_is_asked_each_time()
    {
        Assert.Equal("   at Told.One()", Text(new TellingException("   at Told.One()")));
        Assert.Equal("   at Told.Two()", Text(new TellingException("   at Told.Two()")));
    }

    [Fact]
    public void An_exception_that_was_not_thrown_has_no_stack() => Assert.Equal("", Text(new InvalidOperationException("never thrown")));

    [Fact]
    public void A_full_memo_forgets_and_goes_on()
    {
        var memo = new Memo<int, string>(max: 2);
        var made = 0;

        string Get(int key) => memo.Get(key, k => $"{k}:{++made}");

        Assert.Equal(["1:1", "2:2", "1:1", "3:3", "1:4"], new[] { 1, 2, 1, 3, 1 }.Select(Get).ToArray());
    }

    private static string Text(Exception exception) => StackTexts.Of(exception, 32 * 1024);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static InvalidOperationException Thrown(bool inOtherPlace)
    {
        try
        {
            if (inOtherPlace)
            {
                throw new InvalidOperationException("there");
            }

            throw new InvalidOperationException("here");
        }
        catch (InvalidOperationException e)
        {
            return e;
        }
    }

    private sealed class TellingException(string stack) : Exception("telling")
    {
        public override string StackTrace => stack;
    }
}
