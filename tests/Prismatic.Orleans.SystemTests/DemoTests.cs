using System.Globalization;
using System.Text.RegularExpressions;
using Prismatic.SystemTests.Harness;
using Xunit;

namespace Prismatic.SystemTests;

public sealed partial class DemoTests
{
    // The story waits half a minute for a breaker, as it would in earnest.
    private static readonly TimeSpan Story = TimeSpan.FromMinutes(4);

    [Fact]
    public async Task The_demo_heals_as_it_tells_and_its_second_run_begins_with_the_lessons_of_the_first()
    {
        using var directory = new TemporaryDirectory();

        var first = await Run(directory);
        var second = await Run(directory);

        Assert.Contains("It starts with no lessons.", first, StringComparison.Ordinal);
        var known = Learned().Match(first);
        Assert.True(known.Success, $"The first run does not say what it has learned:\n{first}");
        var remembered = Remembered().Match(second);
        Assert.True(remembered.Success, $"The second run does not say what it remembers:\n{second}");
        Assert.Equal(Number(known, "lessons"), Number(remembered, "lessons"));
        Assert.Equal(Number(known, "crashes"), Number(remembered, "crashes"));
    }

    private static async Task<string> Run(TemporaryDirectory directory)
    {
        await using var demo = SiloProgram.Start(directory, [], "demo", "--data", directory.Combine("demo"));
        var code = await demo.Exit(Story);
        Assert.True(code == 0, $"The demo ended with {code}.\n{demo.Describe()}");
        return demo.Output.Text;
    }

    private static int Number(Match match, string group) => int.Parse(match.Groups[group].ValueSpan, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^\s*lessons\s+(?<lessons>\d+)\s.*\n\s*crashes\s+(?<crashes>\d+)\s", RegexOptions.Multiline)]
    private static partial Regex Learned();

    [GeneratedRegex(@"It starts with (?<lessons>\d+) lessons? from (?<crashes>\d+) crash(es)? of earlier runs\.")]
    private static partial Regex Remembered();
}
