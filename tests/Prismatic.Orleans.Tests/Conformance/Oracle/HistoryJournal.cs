namespace Prismatic.Tests.Conformance;

/// <summary>Numbers the starts of each path, knows from the script how they go, and writes down starts and ends.</summary>
internal sealed class HistoryJournal
{
    private readonly Dictionary<string, int> _attempts = [];
    private readonly List<(string Text, string? Simple)> _events = [];

    /// <summary>The number of this start, and how it goes: o, f or i.</summary>
    public (int Attempt, char Outcome) Start(string path, HistoryChild child)
    {
        var attempt = _attempts[path] = _attempts.GetValueOrDefault(path) + 1;
        var outcome = attempt <= child.Starts.Length ? child.Starts[attempt - 1] : 'o';
        _events.Add(($"{outcome switch { 'o' => '+', 'f' => '!', _ => '~' }}{path}#{attempt}", null));
        return (attempt, outcome);
    }

    /// <param name="path">What ended.</param>
    /// <param name="attempt">Which run of it.</param>
    /// <param name="reason">Why, in OTP's words.</param>
    /// <param name="above">The specification of its supervisor, if that is alive.</param>
    public void End(string path, int attempt, string reason, HistoryChild? above) =>
        _events.Add(($"-{path}#{attempt} {reason}", above is { IsSimple: true } ? path[..path.LastIndexOf('/')] : null));

    /// <summary>The events since the last call. simple_one_for_one stops its children side by side: their ends have no order and are sorted.</summary>
    public IReadOnlyList<string> Take()
    {
        var taken = new List<string>();
        while (_events.Count > 0)
        {
            var simple = _events[0].Simple;
            var run = simple is null ? [_events[0]] : _events.TakeWhile(one => one.Simple == simple).ToList();
            taken.AddRange(run.Select(one => one.Text).Order(StringComparer.Ordinal));
            _events.RemoveRange(0, run.Count);
        }

        return taken;
    }

    public static string Name(string path, int attempt) => $"{path}#{attempt}";

    /// <summary>How a crash is told: OTP's exit reason of the worker.</summary>
    public static string CrashReason(string reason) => reason switch
    {
        "kill" => "killed",
        "shutdown_term" => "{shutdown,x}",
        _ => reason,
    };
}
