using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using Prismatic.Lessons;
using Prismatic.Runtime;
using Prismatic.Supervision;
using Xunit;

namespace Prismatic.Tests.Runtime;

/// <summary>What is worked out once for crashes that are alike is what would be worked out each time.</summary>
public sealed class KnownCrashTests
{
    private static CrashFacts Facts(Exception exception) => CrashCapture.Read(exception, "IWorker", "app/worker", Blame.Worker, null, false);

    [Fact]
    public void Crashes_of_the_same_lines_share_one_stack_text_and_it_is_the_exceptions_own()
    {
        var caught = Enumerable.Range(0, 2).Select(_ => Caught(Throws)).ToList();

        Assert.Same(Facts(caught[0]).Stack, Facts(caught[1]).Stack);
        Assert.Equal(caught[0].StackTrace, Facts(caught[0]).Stack);
    }

    [Fact]
    public void Crashes_of_different_lines_have_different_stack_texts() =>
        Assert.NotEqual(Facts(Caught(Throws)).Stack, Facts(Caught(ThrowsToo)).Stack);

    [Fact]
    public void An_exception_with_a_stack_from_elsewhere_is_read_in_full()
    {
        var exception = ExceptionDispatchInfo.SetRemoteStackTrace(new InvalidOperationException("far"), "   at Far.Away.Place()");
        Assert.Contains("Far.Away.Place", Facts(Caught(() => throw exception)).Stack, StringComparison.Ordinal);
    }

    [Fact]
    public void A_known_crash_is_what_its_facts_say()
    {
        var known = new KnownCrashes();
        foreach (var exception in new[] { Caught(Throws), Caught(ThrowsToo), new TimeoutException("late"), new TimeoutException("later") })
        {
            var facts = Facts(exception);
            for (var turn = 0; turn < 2; turn++)
            {
                var (signature, failureClass) = known.Of(facts);
                Assert.Equal((CrashSignature.Of(facts).Hash, FailureClassifier.Classify(facts)), (signature, failureClass));
            }
        }
    }

    private static Exception Caught(Action action) => Assert.ThrowsAny<Exception>(action);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Throws() => throw new InvalidOperationException("connection refused");

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void ThrowsToo() => throw new InvalidOperationException("connection refused");
}
