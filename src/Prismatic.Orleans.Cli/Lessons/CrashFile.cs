using System.Text;

namespace Prismatic.Cli.Lessons;

/// <summary>A file of crashes, one in each line. It is taken whole or refused with every mistake that it has.</summary>
internal static class CrashFile
{
    private const int MistakesShown = 20;

    /// <summary>The crashes of <paramref name="path"/> in file order.</summary>
    /// <exception cref="CommandFailedException">It cannot be read, or lines of it are wrong: the message names each line and field.</exception>
    public static async Task<List<CrashLine>> Read(string path, CancellationToken cancelled)
    {
        var crashes = new List<CrashLine>();
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        var mistakes = new List<string>();
        var number = 0;
        await foreach (var line in Lines(path, cancelled))
        {
            number++;
            if (string.IsNullOrWhiteSpace(line))
            {
                continue;
            }

            var crash = CrashLine.Read(line, out var wrong);
            mistakes.AddRange(wrong.Select(mistake => $"{path}, line {number}: {mistake}"));
            if (crash is null)
            {
                continue;
            }

            if (ids.TryAdd(crash.Id, number))
            {
                crashes.Add(crash);
            }
            else
            {
                mistakes.Add($"{path}, line {number}: id is '{crash.Id}', as in line {ids[crash.Id]}; expected an id of its own.");
            }
        }

        return mistakes.Count == 0 ? crashes : throw new CommandFailedException(ExitCode.WrongUse, Sentences(mistakes));
    }

    private static async IAsyncEnumerable<string> Lines(string path, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancelled)
    {
        using var reader = Open(path);
        while (true)
        {
            string? line;
            try
            {
                line = await reader.ReadLineAsync(cancelled);
            }
            catch (Exception e) when (e is IOException or DecoderFallbackException)
            {
                throw Unreadable(path, e);
            }

            if (line is null)
            {
                yield break;
            }

            yield return line;
        }
    }

    private static StreamReader Open(string path)
    {
        try
        {
            return new StreamReader(path, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw Unreadable(path, e);
        }
    }

    private static CommandFailedException Unreadable(string path, Exception e) =>
        new(ExitCode.WrongUse, $"The crashes in {path} cannot be read: {e.Message}");

    private static string Sentences(List<string> mistakes) =>
        string.Join('\n', mistakes.Count <= MistakesShown ? mistakes : [.. mistakes.Take(MistakesShown), $"{mistakes.Count - MistakesShown} more mistakes are not shown."]);
}
