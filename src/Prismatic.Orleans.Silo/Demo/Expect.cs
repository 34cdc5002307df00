using System.Diagnostics.CodeAnalysis;
using Prismatic.Domains.Osint;

namespace Prismatic.Silo.Demo;

/// <summary>What the story is sure of. Anything else ends it.</summary>
internal static class Expect
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(100);

    public static void That([DoesNotReturnIf(false)] bool holds, string sentence)
    {
        if (!holds)
        {
            throw new StepFailedException(sentence);
        }
    }

    /// <summary>The exception that a call must end with.</summary>
    public static async Task<TException> Failure<TException>(string call, Func<Task> made)
        where TException : Exception
    {
        try
        {
            await made();
        }
        catch (TException expected)
        {
            return expected;
        }
        catch (Exception other)
        {
            throw new StepFailedException($"{call} ended with {other.GetType().Name} instead of {typeof(TException).Name}: {other.Message}", other);
        }

        throw new StepFailedException($"{call} was served and should have ended with {typeof(TException).Name}.");
    }

    /// <summary>The answer of a call that must be served.</summary>
    public static async Task<T> Served<T>(string call, Func<Task<T>> made)
    {
        try
        {
            return await made();
        }
        catch (Exception failure) when (failure is not StepFailedException)
        {
            throw new StepFailedException($"{call} should have been served and ended with {failure.GetType().Name}: {failure.Message}", failure);
        }
    }

    /// <summary>The crash that an exception tells of.</summary>
    public static string Crash(Exception failure) =>
        failure.Data[SourceRows.CrashKey] as string ?? throw new StepFailedException($"{failure.GetType().Name} bears no crash id.");

    /// <summary>Asks again until the answer is the wanted one: for what no event tells of.</summary>
    public static async Task<T> Soon<T>(string what, Func<Task<T>> ask, Func<T, bool> wanted, TimeProvider time, TimeSpan? limit = null)
    {
        var start = time.GetTimestamp();
        using var again = new PeriodicTimer(Between, time);
        do
        {
            var answer = await ask();
            if (wanted(answer))
            {
                return answer;
            }
        }
        while (time.GetElapsedTime(start) < (limit ?? Limit) && await again.WaitForNextTickAsync());
        throw new StepFailedException($"{what} did not come within {(limit ?? Limit).TotalSeconds:0} s.");
    }
}
