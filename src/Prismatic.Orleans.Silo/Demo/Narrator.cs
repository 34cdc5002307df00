using System.Globalization;
using Prismatic.Events;
using Prismatic.Lessons;

namespace Prismatic.Silo.Demo;

/// <summary>Prints the story and, between its sentences, the events of supervision as they happen. Colours only repeat what the words say.</summary>
internal sealed class Narrator(TextWriter output, bool colours, TimeProvider time)
{
    private const int Width = 100;
    private const string Indent = "   ";
    private const string EventIndent = "              ";
    private readonly Lock _lock = new();
    private readonly long _start = time.GetTimestamp();
    private string _step = "the start";
    private int _steps;

    /// <summary>Whether a person looks at a terminal that can show colours, and has not asked for none (see no-color.org).</summary>
    public static bool WantsColours() =>
        !Console.IsOutputRedirected
        && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
        && Environment.GetEnvironmentVariable("TERM") is not "dumb";

    public TimeSpan Elapsed => time.GetElapsedTime(_start);

    public void Step(string title)
    {
        lock (_lock)
        {
            _step = title;
            output.WriteLine();
            output.WriteLine(Paint("1", $"{++_steps}. {title}"));
        }
    }

    public void Say(string sentence)
    {
        lock (_lock)
        {
            Write(Indent, sentence);
        }
    }

    public void Failed(string sentence)
    {
        lock (_lock)
        {
            output.WriteLine();
            output.WriteLine(Paint("31;1", $"Not as told, in step {_steps}, '{_step}': {sentence}"));
        }
    }

    public void Event(SupervisionEvent happened)
    {
        var (word, colour) = Word(happened);
        var id = happened.CorrelationId.Length == 0 ? "" : $"  [{Short(happened.CorrelationId)}]";
        lock (_lock)
        {
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"   {Elapsed.TotalSeconds,6:0.00} s {Paint(colour, word.PadRight(10))} {Name(happened.Subject)}{id}"));
            Write(EventIndent, happened.Text);
            if (happened is { Class: { } failure, Kind: SupervisionEventKind.Crashed })
            {
                Write(EventIndent, $"class {failure}, remedy {happened.Remediation}, by rule {happened.Rule}");
            }
        }
    }

    /// <summary>The part of a correlation id that this silo counts; the trace before it is for log searches.</summary>
    public static string Short(string correlationId) => string.Join('-', correlationId.Split('-').TakeLast(2));

    /// <summary>"1 lesson", "2 lessons".</summary>
    public static string Count(long number, string one) => string.Create(CultureInfo.InvariantCulture, $"{number} {one}{(number == 1 ? "" : one.EndsWith("sh", StringComparison.Ordinal) ? "es" : "s")}");

    private static string Name(string subject) => subject.StartsWith("prismatic/", StringComparison.Ordinal) ? subject["prismatic/".Length..] : subject;

    private static (string Word, string Colour) Word(SupervisionEvent happened) => (happened.Kind, happened.Outcome) switch
    {
        (SupervisionEventKind.Crashed, _) => ("crash", "31"),
        (SupervisionEventKind.Restarted, _) => ("restart", "33"),
        (SupervisionEventKind.BreakerOpened, _) => ("breaker", "33"),
        (SupervisionEventKind.TicketOpened, _) => ("ticket", "35"),
        (SupervisionEventKind.TicketResolved, _) => ("resolved", "35"),
        (SupervisionEventKind.Recovered, _) => ("served", "32"),
        (SupervisionEventKind.OutcomeKnown, Outcome.Healed) => ("healed", "32;1"),
        (SupervisionEventKind.OutcomeKnown, Outcome.Failed) => ("failed", "31"),
        (SupervisionEventKind.OutcomeKnown, _) => ("unclear", "33"),
        (SupervisionEventKind.Quarantined, _) => ("quarantine", "31;1"),
        (SupervisionEventKind.DependencyFailed, _) => ("passed on", "2"),
        (SupervisionEventKind.RequestFailed, _) => ("request", "2"),
        (SupervisionEventKind.RoundFinished, _) => ("round", "33"),
        (SupervisionEventKind.OperatorActed, _) => ("operator", "36"),
        _ => ("note", "2"),
    };

    /// <summary>Breaks lines between words. A word that is longer than the line stays whole, so that it can be copied.</summary>
    private void Write(string indent, string text)
    {
        var line = "";
        indent += text[..^text.TrimStart(' ').Length];
        foreach (var word in text.TrimStart(' ').Split(' '))
        {
            if (line.Length > 0 && indent.Length + line.Length + 1 + word.Length > Width)
            {
                output.WriteLine(indent + line);
                line = word;
            }
            else
            {
                line = line.Length == 0 ? word : $"{line} {word}";
            }
        }

        output.WriteLine((indent + line).TrimEnd());
    }

    private string Paint(string colour, string text) => colours ? $"\e[{colour}m{text}\e[0m" : text;
}
