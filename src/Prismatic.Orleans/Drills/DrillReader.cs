using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Prismatic.Files;
using Prismatic.Lessons;
using Prismatic.Remediation;

namespace Prismatic.Drills;

/// <summary>What a drill file may name: the children of the tree, their supervisors, and what can be called.</summary>
internal interface IDrillStage
{
    /// <summary>Why there is no such child, in a sentence, or null when there is.</summary>
    string? NoChild(string path);

    /// <summary>Why there is neither such a child nor such a supervisor, or null.</summary>
    string? NoNode(string path);

    /// <summary>Why the child has no stored state that could be damaged, or null.</summary>
    string? NoState(string path);

    /// <summary>Why the child's method cannot be called with these arguments, or null.</summary>
    string? NoCall(string path, DrillMethod method);
}

/// <summary>
/// Reads a drill file. Every mistake is found in one go, and each is a sentence that names line and field; a file with a mistake is no drill.
/// </summary>
internal sealed class DrillReader
{
    private static readonly string[] Priorities = ["low", "normal", "high", "critical"];
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    private const double MostCalls = 1_000_000;
    private const int Deepest = 32;

    private static readonly string[] Actions =
        [nameof(RestartWithBackoff), nameof(RestartWithStateReset), nameof(RedirectToFallback), nameof(CircuitBreak), nameof(Escalate)];

    private readonly List<string> _mistakes = [];
    private readonly IDrillStage? _stage;

    private DrillReader(IDrillStage? stage) => _stage = stage;

    /// <param name="json">The file.</param>
    /// <param name="stage">What it may name; null to check its form only.</param>
    public static (DrillFile? Drill, ImmutableArray<string> Mistakes) Read(string json, IDrillStage? stage = null)
    {
        LocatedJson root;
        try
        {
            root = LocatedJson.Parse(Encoding.UTF8.GetBytes(json), Deepest);
        }
        catch (NotJsonException wrong)
        {
            return (null, [$"line {wrong.Line}: the file is not JSON: {wrong.Message}."]);
        }

        var reader = new DrillReader(stage);
        var drill = reader.File(root);
        return reader._mistakes.Count == 0 ? (drill, []) : (null, [.. reader._mistakes]);
    }

    private DrillFile File(LocatedJson root)
    {
        var file = Object(root, "the file", "name", "seed", "duration", "load", "faults", "expect");
        var duration = Duration(file, "duration", "duration", TimeSpan.FromMilliseconds(100), Longest) ?? Missing(root, "duration", "a duration such as \"10s\"", TimeSpan.FromSeconds(1), file.ContainsKey("duration"));
        var drill = new DrillFile
        {
            Name = Text(file, "name", "name", 200) ?? Missing(root, "name", "a text", "", file.ContainsKey("name")),
            Seed = Whole(file, "seed", "seed", long.MinValue, long.MaxValue) ?? 1,
            Duration = duration,
            Load = [.. Items(file, "load").Select((load, i) => Load(load, $"load[{i}]"))],
            Faults = [.. Items(file, "faults").Select((fault, i) => Fault(fault, $"faults[{i}]", duration))],
            Expect = file.TryGetValue("expect", out var expect) ? Expect(expect) : new DrillExpectations(),
        };
        if (drill.Load.Sum(load => load.RatePerSecond) * duration.TotalSeconds > MostCalls)
        {
            Wrong(file["load"], "load", $"makes more than {MostCalls} calls in {DrillDuration.Write(duration)}");
        }

        if (drill.Load.IsEmpty && drill.Faults.IsEmpty && _mistakes.Count == 0)
        {
            Wrong(root, "faults", "is missing, and so is load: the drill would do nothing");
        }

        return drill;
    }

    private DrillLoad Load(LocatedJson at, string field)
    {
        var load = Object(at, field, "child", "ratePerSecond", "priority", "method", "args", "request");
        var child = Child(at, load, field);
        var rate = Number(load, "ratePerSecond", $"{field}.ratePerSecond", 0.01, 10_000) ?? Missing(at, $"{field}.ratePerSecond", "a number of calls per second", 1d, load.ContainsKey("ratePerSecond"));
        var priority = OneOf(load, "priority", $"{field}.priority", Priorities);
        var method = Text(load, "method", $"{field}.method", 200);
        var arguments = Items(load, "args", field).Select(argument => argument.Raw).ToImmutableArray();
        var request = Text(load, "request", $"{field}.request", 200);
        if (method is null && arguments.Length > 0)
        {
            Wrong(at, $"{field}.args", "is given without a method to call with it");
        }

        if (method is not null && request is not null)
        {
            Wrong(at, $"{field}.request", "belongs to the library's probe; with a method the arguments tell requests apart");
        }

        var call = method is null ? null : new DrillMethod(method, arguments);
        if (call is not null && child.Length > 0 && _stage?.NoChild(child) is null && _stage?.NoCall(child, call) is { } refusal)
        {
            Wrong(load["method"], $"{field}.method", refusal);
        }

        return new DrillLoad { Child = child, RatePerSecond = rate, Priority = priority, Method = call, Request = request };
    }

    private DrillFault Fault(LocatedJson at, string field, TimeSpan duration)
    {
        var fault = Object(
            at, field, "at", "until", "child", "where", "exception", "message", "code", "inner", "stack", "target", "request", "probability", "count", "corrupt", "kill");
        var where = OneOf(fault, "where", $"{field}.where", ["call", "timer", "activation", "state", "silo"]) ?? Missing(at, $"{field}.where", "call, timer, activation, state or silo", "call", fault.ContainsKey("where"));
        var place = Enum.Parse<FaultPlace>(where, ignoreCase: true);
        var throws = place is FaultPlace.Call or FaultPlace.Timer or FaultPlace.Activation;
        Allowed(fault, field, throws, $"where {where}", "exception", "message", "code", "inner", "stack", "until", "probability", "count");
        Allowed(fault, field, place == FaultPlace.Call, $"where {where}", "target", "request");
        Allowed(fault, field, place == FaultPlace.State, $"where {where}", "corrupt");
        Allowed(fault, field, place == FaultPlace.Silo, $"where {where}", "kill");
        Allowed(fault, field, place != FaultPlace.Silo, $"where {where}", "child");
        Demanded(at, fault, field, "corrupt", place == FaultPlace.State);
        Demanded(at, fault, field, "kill", place == FaultPlace.Silo);

        var start = Duration(fault, "at", $"{field}.at", TimeSpan.Zero, duration) ?? Missing(at, $"{field}.at", "a duration such as \"1s\", from the start of the drill", TimeSpan.Zero, fault.ContainsKey("at"));
        var until = throws ? Duration(fault, "until", $"{field}.until", TimeSpan.Zero, duration) : null;
        if (until <= start)
        {
            Wrong(fault["until"], $"{field}.until", $"is {fault["until"].Describe()}; it must be later than at, which is {fault.GetValueOrDefault("at")?.Describe()}");
        }

        if (place == FaultPlace.State && fault.TryGetValue("child", out var kept) && _stage?.NoChild(kept.Text) is null && _stage?.NoState(kept.Text) is { } stateless)
        {
            Wrong(kept, $"{field}.child", stateless);
        }

        var recipe = throws ? Recipe(at, fault, field) : null;
        return new DrillFault
        {
            At = start,
            Until = until,
            Child = place == FaultPlace.Silo ? null : Child(at, fault, field),
            Where = place,
            Exception = recipe,
            Probability = Number(fault, "probability", $"{field}.probability", 0, 1) ?? 1,
            Count = (int?)Whole(fault, "count", $"{field}.count", 1, 1_000_000),
            Target = TargetOf(fault, field, place, recipe),
            Request = Text(fault, "request", $"{field}.request", 200),
        };
    }

    private ExceptionRecipe? Recipe(LocatedJson at, Dictionary<string, LocatedJson> owner, string field)
    {
        var recipe = new ExceptionRecipe
        {
            Type = Text(owner, "exception", $"{field}.exception", 300) ?? Missing(at, $"{field}.exception", "the full name of an exception type", "", owner.ContainsKey("exception")),
            Message = Text(owner, "message", $"{field}.message", 2_000) ?? Missing(at, $"{field}.message", "the exception's message", "", owner.ContainsKey("message")),
            Code = Text(owner, "code", $"{field}.code", 100),
            Stack = Text(owner, "stack", $"{field}.stack", 10_000),
            Inner = owner.TryGetValue("inner", out var inner) ? Recipe(inner, Object(inner, $"{field}.inner", "exception", "message", "code", "inner"), $"{field}.inner") : null,
        };
        if (recipe.Type.Length > 0 && recipe.Inner is null == !owner.ContainsKey("inner") && recipe.FindMistake() is { } mistake && !(recipe.Inner?.FindMistake() is { } below && below == mistake))
        {
            Wrong(owner["exception"], $"{field}.exception", $"cannot be used: {mistake}");
        }

        return recipe;
    }

    /// <summary>A failing call to somebody outside goes through a breaker, as the workers' own calls do; which one, when the file does not say, is the child's drill breaker.</summary>
    private string? TargetOf(Dictionary<string, LocatedJson> fault, string field, FaultPlace place, ExceptionRecipe? recipe)
    {
        if (fault.TryGetValue("target", out var given) && given is { Kind: JsonTokenType.String, Text: "" })
        {
            return null;
        }

        var target = Text(fault, "target", $"{field}.target", 200);
        return target is null && place == FaultPlace.Call && recipe is not null && recipe.FindMistake() is null && ClassOf(recipe) == FailureClass.ExternalDependency
            && fault.TryGetValue("child", out var child)
            ? $"drill:{child.Text}"
            : target;
    }

    private static FailureClass ClassOf(ExceptionRecipe recipe) =>
        FailureClassifier.Classify(CrashCapture.Read(recipe.Make("", "check"), "", "", Supervision.Blame.Worker, target: null, stateDamaged: false));

    private DrillExpectations Expect(LocatedJson at)
    {
        var expect = Object(
            at, "expect", "escalationsAtMost", "escalationsAtLeast", "recoveredWithin", "remediations", "classes", "crashes", "bystanderFailuresAtMost", "degradedAnswersAtLeast",
            "untouched", "quarantined", "callersSeeTheFault");
        return new DrillExpectations
        {
            EscalationsAtMost = Count(expect, "escalationsAtMost"),
            EscalationsAtLeast = Count(expect, "escalationsAtLeast"),
            RecoveredWithin = Duration(expect, "recoveredWithin", "expect.recoveredWithin", TimeSpan.Zero, Longest),
            Remediations = Ranges(expect, "remediations", Actions),
            Classes = Ranges(expect, "classes", Enum.GetNames<FailureClass>()),
            Crashes = expect.TryGetValue("crashes", out var crashes) ? Range(crashes, "expect.crashes") : null,
            BystanderFailuresAtMost = Count(expect, "bystanderFailuresAtMost"),
            DegradedAnswersAtLeast = Count(expect, "degradedAnswersAtLeast"),
            Untouched = Nodes(expect, "untouched"),
            Quarantined = Nodes(expect, "quarantined"),
            CallersSeeTheFault = Truth(expect, "callersSeeTheFault", "expect.callersSeeTheFault") ?? false,
        };
    }

    private int? Count(Dictionary<string, LocatedJson> owner, string name) => (int?)Whole(owner, name, $"expect.{name}", 0, int.MaxValue);

    private ImmutableSortedDictionary<string, CountRange> Ranges(Dictionary<string, LocatedJson> owner, string name, string[] known)
    {
        if (!owner.TryGetValue(name, out var at))
        {
            return ImmutableSortedDictionary<string, CountRange>.Empty;
        }

        return Object(at, $"expect.{name}", known)
            .Where(entry => known.Contains(entry.Key))
            .ToImmutableSortedDictionary(entry => entry.Key, entry => Range(entry.Value, $"expect.{name}.{entry.Key}"), StringComparer.Ordinal);
    }

    private CountRange Range(LocatedJson at, string field)
    {
        if (at.Kind == JsonTokenType.Number)
        {
            var exact = (int)(Whole(at, field, 0, int.MaxValue) ?? 0);
            return new CountRange(exact, exact);
        }

        if (at.Kind != JsonTokenType.StartObject)
        {
            Wrong(at, field, $"is {at.Describe()}; it must be a count, or an object with min and max");
            return default;
        }

        var range = Object(at, field, "min", "max");
        var (min, max) = (Whole(range, "min", $"{field}.min", 0, int.MaxValue), Whole(range, "max", $"{field}.max", 0, int.MaxValue));
        if (range.Count == 0 || min > max)
        {
            Wrong(at, field, range.Count == 0 ? "has neither min nor max" : $"has a min of {min} and a max of {max}; the max must not be the smaller");
        }

        return new CountRange((int)(min ?? 0), (int)(max ?? int.MaxValue));
    }

    private ImmutableArray<string> Nodes(Dictionary<string, LocatedJson> owner, string name)
    {
        var nodes = ImmutableArray.CreateBuilder<string>();
        foreach (var (item, i) in Items(owner, name, "expect").Select((item, i) => (item, i)))
        {
            if (item.Kind != JsonTokenType.String)
            {
                Wrong(item, $"expect.{name}[{i}]", $"is {item.Describe()}; it must be a path, such as \"prismatic/osint\"");
            }
            else if (_stage?.NoNode(item.Text) is { } nowhere)
            {
                Wrong(item, $"expect.{name}[{i}]", nowhere);
            }

            nodes.Add(item.Text);
        }

        return nodes.ToImmutable();
    }

    private string Child(LocatedJson at, Dictionary<string, LocatedJson> owner, string field)
    {
        var child = Text(owner, "child", $"{field}.child", 500) ?? Missing(at, $"{field}.child", "a child's path, such as \"prismatic/osint/source-manager\"", "", owner.ContainsKey("child"));
        if (child.Length > 0 && _stage?.NoChild(child) is { } nowhere)
        {
            Wrong(owner["child"], $"{field}.child", nowhere);
        }

        return child;
    }

    private Dictionary<string, LocatedJson> Object(LocatedJson at, string field, params string[] known)
    {
        var members = new Dictionary<string, LocatedJson>();
        if (at.Kind != JsonTokenType.StartObject)
        {
            Wrong(at, field, $"is {at.Describe()}; it must be an object");
            return members;
        }

        foreach (var (name, line, value) in at.Members)
        {
            var full = field == "the file" ? name : $"{field}.{name}";
            if (!known.Contains(name))
            {
                _mistakes.Add($"line {line}: {full} is not a field of a drill file; here the fields are {string.Join(", ", known)}.");
            }
            else if (!members.TryAdd(name, value))
            {
                _mistakes.Add($"line {line}: {full} is given twice.");
            }
        }

        return members;
    }

    private List<LocatedJson> Items(Dictionary<string, LocatedJson> owner, string name, string? parent = null)
    {
        if (!owner.TryGetValue(name, out var at))
        {
            return [];
        }

        if (at.Kind != JsonTokenType.StartArray)
        {
            Wrong(at, parent is null ? name : $"{parent}.{name}", $"is {at.Describe()}; it must be a list");
        }

        return at.Items;
    }

    private string? Text(Dictionary<string, LocatedJson> owner, string name, string field, int longest)
    {
        if (!owner.TryGetValue(name, out var at))
        {
            return null;
        }

        if (at.Kind == JsonTokenType.String && at.Text.Length > 0 && at.Text.Length <= longest)
        {
            return at.Text;
        }

        Wrong(at, field, at.Kind == JsonTokenType.String ? $"has {at.Text.Length} characters; it must have 1 to {longest}" : $"is {at.Describe()}; it must be a text");
        return null;
    }

    private string? OneOf(Dictionary<string, LocatedJson> owner, string name, string field, string[] values)
    {
        if (!owner.TryGetValue(name, out var at))
        {
            return null;
        }

        if (at.Kind == JsonTokenType.String && values.Contains(at.Text))
        {
            return at.Text;
        }

        Wrong(at, field, $"is {at.Describe()}; it must be {string.Join(", ", values[..^1])} or {values[^1]}");
        return null;
    }

    private bool? Truth(Dictionary<string, LocatedJson> owner, string name, string field)
    {
        if (!owner.TryGetValue(name, out var at))
        {
            return null;
        }

        if (at.Kind is JsonTokenType.True or JsonTokenType.False)
        {
            return at.Kind == JsonTokenType.True;
        }

        Wrong(at, field, $"is {at.Describe()}; it must be true or false");
        return null;
    }

    private double? Number(Dictionary<string, LocatedJson> owner, string name, string field, double least, double most)
    {
        if (!owner.TryGetValue(name, out var at))
        {
            return null;
        }

        if (at.Kind == JsonTokenType.Number && double.TryParse(at.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most)
        {
            return number;
        }

        Wrong(at, field, FormattableString.Invariant($"is {at.Describe()}; it must be a number from {least} to {most}"));
        return null;
    }

    private long? Whole(Dictionary<string, LocatedJson> owner, string name, string field, long least, long most) =>
        owner.TryGetValue(name, out var at) ? Whole(at, field, least, most) : null;

    private long? Whole(LocatedJson at, string field, long least, long most)
    {
        if (at.Kind == JsonTokenType.Number && long.TryParse(at.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most)
        {
            return number;
        }

        Wrong(at, field, $"is {at.Describe()}; it must be a whole number from {least} to {most}");
        return null;
    }

    private TimeSpan? Duration(Dictionary<string, LocatedJson> owner, string name, string field, TimeSpan least, TimeSpan most)
    {
        if (!owner.TryGetValue(name, out var at))
        {
            return null;
        }

        if (at.Kind == JsonTokenType.String && DrillDuration.TryParse(at.Text, out var duration) && duration >= least && duration <= most)
        {
            return duration;
        }

        Wrong(at, field, $"is {at.Describe()}; it must be a duration from {DrillDuration.Write(least)} to {DrillDuration.Write(most)}, such as \"250ms\", \"4s\" or \"2m\"");
        return null;
    }

    private void Allowed(Dictionary<string, LocatedJson> owner, string field, bool allowed, string where, params string[] names)
    {
        foreach (var name in names.Where(name => !allowed && owner.ContainsKey(name)))
        {
            Wrong(owner[name], $"{field}.{name}", $"has no meaning for a fault with {where}");
        }
    }

    private void Demanded(LocatedJson at, Dictionary<string, LocatedJson> owner, string field, string name, bool demanded)
    {
        if (demanded && Truth(owner, name, $"{field}.{name}") is not true)
        {
            Wrong(owner.GetValueOrDefault(name) ?? at, $"{field}.{name}", "must be true: it is the only thing such a fault can do");
        }
    }

    private T Missing<T>(LocatedJson at, string field, string expected, T instead, bool given)
    {
        // A value that is there and wrong has been told already.
        if (!given)
        {
            Wrong(at, field, $"is missing; it must be {expected}");
        }

        return instead;
    }

    private void Wrong(LocatedJson at, string field, string what) => _mistakes.Add($"line {at.Line}: {field} {what}.");
}

/// <summary>Durations as drill files write them.</summary>
internal static class DrillDuration
{
    private static readonly (string Unit, double Seconds)[] Units = [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600)];

    public static bool TryParse(string text, out TimeSpan duration)
    {
        foreach (var (unit, seconds) in Units)
        {
            if (text.EndsWith(unit, StringComparison.Ordinal)
                && double.TryParse(text.AsSpan(0, text.Length - unit.Length), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
                && number * seconds <= TimeSpan.FromDays(365).TotalSeconds)
            {
                duration = TimeSpan.FromSeconds(number * seconds);
                return true;
            }
        }

        duration = default;
        return false;
    }

    public static string Write(TimeSpan duration) =>
        FormattableString.Invariant($"{(duration >= TimeSpan.FromSeconds(1) || duration == TimeSpan.Zero ? duration.TotalSeconds : duration.TotalMilliseconds):0.###}{(duration >= TimeSpan.FromSeconds(1) || duration == TimeSpan.Zero ? "s" : "ms")}");
}
