using System.Text.RegularExpressions;
using Microsoft.Extensions.Time.Testing;
using Prismatic.Events;
using Prismatic.Lessons;
using Prismatic.Silo.Demo;
using Xunit;

namespace Prismatic.Tests.Demo;

public sealed partial class NarratorTests
{
    [Fact]
    public void Colours_only_repeat_what_the_words_say()
    {
        var plain = Tell(colours: false);
        var coloured = Tell(colours: true);

        Assert.NotEqual(plain, coloured);
        Assert.DoesNotContain('\e', plain);
        Assert.Equal(plain, Colour().Replace(coloured, ""));
    }

    [Fact]
    public void An_event_shows_its_kind_its_child_the_short_id_and_for_a_crash_class_remedy_and_rule()
    {
        var told = Tell(colours: false);

        Assert.Contains("crash      osint/source-manager  [9d865253-1]", told, StringComparison.Ordinal);
        Assert.Contains("class ExternalDependency, remedy CircuitBreak, by rule http-connection", told, StringComparison.Ordinal);
        Assert.Contains("healed     osint/source-manager", told, StringComparison.Ordinal);
    }

    [Fact]
    public void Lines_break_between_words_and_a_longer_word_stays_whole()
    {
        var output = new StringWriter();
        var word = new string('x', 120);

        new Narrator(output, colours: false, new FakeTimeProvider()).Say($"{string.Join(' ', Enumerable.Repeat("twelve", 30))} {word} end");

        var lines = output.ToString().TrimEnd().Split(Environment.NewLine);
        Assert.Contains("   " + word, lines);
        Assert.All(lines.Where(line => !line.Contains(word, StringComparison.Ordinal)), line => Assert.InRange(line.Length, 1, 100));
    }

    [Theory]
    [InlineData(1, "crash", "1 crash")]
    [InlineData(2, "crash", "2 crashes")]
    [InlineData(0, "row", "0 rows")]
    public void Numbers_and_words_agree(long number, string word, string expected) => Assert.Equal(expected, Narrator.Count(number, word));

    private static string Tell(bool colours)
    {
        var output = new StringWriter();
        var narrator = new Narrator(output, colours, new FakeTimeProvider());
        narrator.Step("A source refuses connections");
        narrator.Event(new SupervisionEvent
        {
            Kind = SupervisionEventKind.Crashed,
            Subject = "prismatic/osint/source-manager",
            CorrelationId = "0af7651916cd43dd8448eb211c80319c-9d865253-1",
            Class = FailureClass.ExternalDependency,
            Remediation = "CircuitBreak",
            Rule = "http-connection",
            Text = "Query crashed",
        });
        narrator.Event(new SupervisionEvent
        {
            Kind = SupervisionEventKind.OutcomeKnown, Subject = "prismatic/osint/source-manager", Outcome = Outcome.Healed, Text = "CircuitBreak: Healed",
        });
        narrator.Failed("the outcome is Failed.");
        return output.ToString();
    }

    [GeneratedRegex(@"\e\[[0-9;]*m")]
    private static partial Regex Colour();
}
