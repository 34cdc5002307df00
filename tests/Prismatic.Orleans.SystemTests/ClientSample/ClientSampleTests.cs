using Prismatic.SystemTests.Harness;
using Prismatic.SystemTests.Infra;
using Xunit;

namespace Prismatic.SystemTests.ClientSample;

/// <summary>The client sample as a person runs it, against silos that are processes of their own and a PostgreSQL that tells it where they are.</summary>
public sealed class ClientSampleTests
{
    [Fact]
    public async Task The_sample_tells_what_each_call_came_to_and_goes_on_when_the_gateway_it_uses_is_killed()
    {
        await using var server = await PostgresServer.Start();
        var database = await server.CreateDatabase();
        using var directory = new TemporaryDirectory();
        using var source = new RefusingPort();
        SiloPlace[] places = [SiloPlace.Find(2), SiloPlace.Find(3)];
        await using var first = await SiloProcess.Join(directory, database, places[0]);
        await using var second = await SiloProcess.Join(directory, database, places[1]);
        await using (var client = await PlatformClient.Connect(places))
        {
            await client.RegisterWebSource("register", source.Number);
            await client.RegisterListSource("old-list", "no-such-list.csv");
        }

        await using var sample = SampleProgram.Start(directory, "--database-file", directory.WriteSecret("database", database), "--ask", "register", "--ask", "old-list", "--every", "0.1");
        await Told(sample, "served    cache-manager: ");
        await Told(sample, "failed    source-manager for register: System.Net.Http.HttpRequestException: Connection refused", "(crash ");
        await Told(sample, "refused   source-manager for register: source:register is known to fail and was not called; again in ");
        await Told(sample, "failed    source-manager for old-list: System.IO.FileNotFoundException: ", "(crash ");

        // Each is lost once, so the one in use was. The client asks its grains through the gateways that it had, and finds the successor's when it needs one.
        await GoesOnWithout(first, sample);
        await using var successor = await SiloProcess.Join(directory, database, places[0]);
        await GoesOnWithout(second, sample);

        sample.Signal(Signals.Interrupt);
        Assert.Equal(0, await sample.Exit());
        Assert.Contains(sample.Output.Lines, line => line.Contains("in all    ", StringComparison.Ordinal) && line.Contains(" served, ", StringComparison.Ordinal));
        Assert.DoesNotContain(PostgresServer.Password, sample.Describe(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wrong_use_is_a_sentence_and_exit_code_2()
    {
        using var directory = new TemporaryDirectory();
        await using var sample = SampleProgram.Start(directory, "--database-file", directory.Combine("missing"));

        Assert.Equal(2, await sample.Exit());
        Assert.StartsWith("--database-file is ", sample.Errors.Lines[0], StringComparison.Ordinal);
    }

    /// <summary>A silo is killed: its gateway is lost, and after that a worker answers.</summary>
    private static async Task GoesOnWithout(SiloProcess silo, ProgramProcess sample)
    {
        var before = sample.Output.Lines.Count;
        await silo.Kill();
        await Eventually.Is(
            () => Task.FromResult(sample.Output.Lines.Skip(before).ToList()),
            lines => lines.FindIndex(line => line.Contains("a gateway is lost: ", StringComparison.Ordinal)) is >= 0 and var lost
                && lines.Skip(lost).Any(line => line.Contains("served    cache-manager: ", StringComparison.Ordinal)),
            "the sample loses a gateway and is served by another");
    }

    private static async Task Told(ProgramProcess sample, params string[] words)
    {
        var told = sample.Output.First(line => Array.TrueForAll(words, word => line.Contains(word, StringComparison.Ordinal)));
        await Eventually.Completed(told, $"the sample tells '{string.Join(" … ", words)}'", sample.Describe, TimeSpan.FromMinutes(2));
    }
}

/// <summary>The built sample, as a user starts it.</summary>
internal static class SampleProgram
{
    // Its own output: beside the tests it would miss what they have from the framework of the host. The last two names are configuration and framework.
    private static readonly string[] Built = AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar).Split(Path.DirectorySeparatorChar)[^2..];
    private static readonly string Assembly = Path.Combine(Overlay.Infra.FullName, "client-sample", "bin", Built[0], Built[1], "prismatic-client-sample.dll");

    // Where these tests themselves run in the background of a script, Ctrl+C is ignored, and a child inherits that; env takes it back.
    public static ProgramProcess Start(TemporaryDirectory directory, params IEnumerable<string> arguments) =>
        ProgramProcess.Start("/usr/bin/env", ["--default-signal=INT", SiloProgram.Dotnet, Assembly, .. arguments], directory.Path, []);
}
