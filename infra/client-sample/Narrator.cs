using System.Globalization;

namespace Prismatic.ClientSample;

/// <summary>One line for each thing that happens, and at the end how many there were of each.</summary>
internal sealed class Narrator(TextWriter output, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly long _began = time.GetTimestamp();
    private readonly SortedDictionary<AnswerKind, long> _answers = new(Enum.GetValues<AnswerKind>().ToDictionary(kind => kind, _ => 0L));

    public void Tell(string call, Answer answer)
    {
        lock (_lock)
        {
            _answers[answer.Kind]++;
            var hint = answer switch
            {
                { Kind: AnswerKind.Refused, Again: { } wait } => string.Create(CultureInfo.InvariantCulture, $"; again in {wait.TotalSeconds:0.0} s"),
                { Kind: AnswerKind.Refused } => "; not asked again",
                _ => "",
            };
            Write($"{answer.Kind.ToString().ToLowerInvariant(),-9} {call}: {answer.Text}{hint}");
        }
    }

    public void Gateways(int now, int before) => Note(now < before ? $"a gateway is lost: {now} of {before} left" : $"a gateway is there: {now}");

    public void Note(string text)
    {
        lock (_lock)
        {
            Write($"{"note",-9} {text}");
        }
    }

    public void SumUp()
    {
        lock (_lock)
        {
            Write($"{"in all",-9} {string.Join(", ", _answers.Select(answer => $"{answer.Value} {answer.Key.ToString().ToLowerInvariant()}"))}");
        }
    }

    private void Write(string line)
    {
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{time.GetElapsedTime(_began).TotalSeconds,8:0.00} s  {line}"));
        output.Flush();
    }
}
