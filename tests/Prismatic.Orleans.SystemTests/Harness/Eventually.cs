using Xunit;

namespace Prismatic.SystemTests.Harness;

/// <summary>
/// Waits for what another process does. Nothing there can be awaited from here, so it is asked again until it is so; a wait that is given
/// up says what was waited for and what was seen last.
/// </summary>
internal static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>The first answer that <paramref name="wanted"/> accepts.</summary>
    public static async Task<T> Is<T>(Func<Task<T>> ask, Func<T, bool> wanted, string what, TimeSpan? patience = null)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var answer = await ask();
            if (wanted(answer))
            {
                return answer;
            }

            if (TimeProvider.System.GetElapsedTime(began) > (patience ?? Patience))
            {
                Assert.Fail($"Waited {(patience ?? Patience).TotalSeconds:0} s until {what}; the last answer was: {answer}");
            }

            await Task.Delay(Pause, TimeProvider.System, Interruption.Token);
        }
    }

    /// <summary>Completes with <paramref name="task"/>, or fails with what <paramref name="describe"/> tells.</summary>
    public static async Task Completed(Task task, string what, Func<string> describe, TimeSpan? patience = null)
    {
        var limit = patience ?? Patience;
        try
        {
            await task.WaitAsync(limit, TimeProvider.System, TestContext.Current.CancellationToken);
        }
        catch (TimeoutException) when (!task.IsCompleted)
        {
            Assert.Fail($"Waited {limit.TotalSeconds:0} s until {what}.\n{describe()}");
        }
    }
}
