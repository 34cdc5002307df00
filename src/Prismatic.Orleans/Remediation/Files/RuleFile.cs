using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Prismatic.Files;
using Prismatic.Lessons;
using Prismatic.Supervision;

namespace Prismatic.Remediation;

/// <summary>A mistake in a rule file.</summary>
/// <param name="Line">The line, from 1.</param>
/// <param name="Field">The field, such as <c>rules[3].pattern.class</c>; empty for the file as a whole.</param>
/// <param name="Problem">What is wrong, in a sentence.</param>
internal sealed record RuleFileError(int Line, string Field, string Problem)
{
    public override string ToString() => $"line {Line}{(Field.Length == 0 ? "" : $", {Field}")}: {Problem}";
}

/// <summary>What a rule file says: its rules, or all of its mistakes. Of a file with a mistake there are no rules.</summary>
internal sealed record RuleFileContent(ImmutableArray<RemediationRule> Rules, ImmutableArray<RuleFileError> Errors)
{
    public bool IsValid => Errors.IsEmpty;
}

/// <summary>
/// Reads a rule file: <c>{ "schema": 1, "rules": [ { "id": …, "pattern": { … }, "remediation": { "action": … }, "ladder": [ … ], "priority": 0,
/// "shadow": false } ] }</c>, with the names that the admin API has. Finds all mistakes at once, each with its line and field.
/// </summary>
internal static class RuleFile
{
    public const int Schema = 1;
    public const int MaxBytes = 8 * 1024 * 1024;

    private const int Deepest = 32;
    private const double LongestSeconds = 86_400;

    private static readonly string[] Strings = ["signature", "exceptionType", "code", "messageTemplate", "messageContains", "messageRegex", "frameStartsWith", "worker", "under"];

    /// <summary>Reads a file's bytes.</summary>
    /// <param name="utf8">The bytes.</param>
    /// <param name="others">Rules that are there already and that these may not tie with.</param>
    public static RuleFileContent Read(byte[] utf8, IReadOnlyCollection<RemediationRule> others)
    {
        var errors = new List<RuleFileError>();
        if (utf8.Length > MaxBytes)
        {
            return new([], [new(1, "", $"The file has {utf8.Length} bytes; a rule file has at most {MaxBytes}.")]);
        }

        var rules = new List<(RemediationRule Rule, LocatedJson At, string Field)>();
        try
        {
            ReadRoot(LocatedJson.Parse(utf8, Deepest), rules, errors);
        }
        catch (NotJsonException invalid)
        {
            errors.Add(new(invalid.Line, "", $"This is not JSON: {invalid.Message}."));
        }

        CheckTogether(rules, others, errors);
        return errors.Count == 0
            ? new([.. rules.Select(entry => entry.Rule)], [])
            : new([], [.. errors.OrderBy(error => error.Line).ThenBy(error => error.Field, StringComparer.Ordinal)]);
    }

    /// <summary>Reads one rule that stands alone, as it would stand in a file. Lines and fields are those of the rule.</summary>
    public static RuleFileContent ReadOne(string rule)
    {
        try
        {
            LocatedJson.Parse(Encoding.UTF8.GetBytes(rule), Deepest);
        }
        catch (NotJsonException invalid)
        {
            return new([], [new(invalid.Line, "", $"This is not JSON: {invalid.Message}.")]);
        }

        // On the first line of a file of one rule, so that its lines stay what they are.
        var file = Read(Encoding.UTF8.GetBytes($"{{\"schema\":{Schema},\"rules\":[{rule}]}}"), []);
        return file with { Errors = [.. file.Errors.Select(error => error with { Field = error.Field.Replace("rules[0]", "", StringComparison.Ordinal).TrimStart('.') })] };
    }

    private static void ReadRoot(LocatedJson root, List<(RemediationRule, LocatedJson, string)> rules, List<RuleFileError> errors)
    {
        if (!Is(root, JsonTokenType.StartObject, "", "The file must be an object with \"schema\" and \"rules\"", errors))
        {
            return;
        }

        Names(root, "", ["$schema", "schema", "rules"], errors);
        if (root["schema"] is not { } schema)
        {
            errors.Add(new(root.Line, "schema", $"\"schema\" is missing; it must be {Schema}."));
        }
        else if (schema.Kind != JsonTokenType.Number || schema.Text != Schema.ToString(CultureInfo.InvariantCulture))
        {
            errors.Add(new(schema.Line, "schema", $"\"schema\" is {schema.Describe()}; this build reads {Schema}."));
        }

        if (root["rules"] is not { } list)
        {
            errors.Add(new(root.Line, "rules", "\"rules\" is missing; it must be a list, which may be empty."));
            return;
        }

        if (!Is(list, JsonTokenType.StartArray, "rules", "\"rules\" must be a list", errors))
        {
            return;
        }

        if (list.Items.Count > RuleBook.MaxRules)
        {
            errors.Add(new(list.Line, "rules", $"There are {list.Items.Count} rules; a file has at most {RuleBook.MaxRules}."));
            return;
        }

        for (var i = 0; i < list.Items.Count; i++)
        {
            var field = $"rules[{i}]";
            var before = errors.Count;
            if (ReadRule(list.Items[i], field, errors) is not { } rule)
            {
                continue;
            }

            var read = errors.Count - before;
            foreach (var problem in RuleValidation.Find(rule).Where(problem => !errors.Skip(before).Take(read).Any(error => Covers(error.Field, $"{field}.{problem.Field}"))))
            {
                errors.Add(new(LineOf(list.Items[i], problem.Field), Join(field, problem.Field), problem.Sentence));
            }

            rules.Add((rule, list.Items[i], field));
        }
    }

    // A value that could not be read has the default, and that the default does not fit is no second mistake.
    private static bool Covers(string field, string other) =>
        other == field || other.StartsWith(field + ".", StringComparison.Ordinal) || other.StartsWith(field + "[", StringComparison.Ordinal)
        || field.StartsWith(other + ".", StringComparison.Ordinal);

    private static void CheckTogether(List<(RemediationRule Rule, LocatedJson At, string Field)> rules, IReadOnlyCollection<RemediationRule> others, List<RuleFileError> errors)
    {
        foreach (var twice in rules.GroupBy(entry => entry.Rule.Id).Where(group => group.Count() > 1))
        {
            var first = twice.First();
            foreach (var (rule, at, field) in twice.Skip(1))
            {
                errors.Add(new(LineOf(at, "id"), $"{field}.id", $"'{rule.Id}' is the id of {first.Field} on line {LineOf(first.At, "id")} as well; ids must differ."));
            }
        }

        foreach (var (rule, at, field) in rules)
        {
            if (others.FirstOrDefault(other => other.Id == rule.Id && other.Origin is not (RuleOrigin.File or RuleOrigin.BuiltIn)) is { } taken)
            {
                errors.Add(new(LineOf(at, "id"), $"{field}.id", $"'{rule.Id}' is the id of a rule that does not come from a file ({taken.Origin}); ids must differ."));
            }
        }

        var places = rules.GroupBy(entry => entry.Rule.Id).ToDictionary(group => group.Key, group => group.First());
        var unique = places.Values.Select(entry => entry.Rule).Where(rule => RuleValidation.Find(rule).IsEmpty).ToList();
        foreach (var (rule, problem) in RuleValidation.FindInTable(unique, [.. others.Where(other => other.Origin != RuleOrigin.File)]))
        {
            var (_, at, field) = places[rule.Id];
            errors.Add(new(LineOf(at, problem.Field), Join(field, problem.Field), problem.Sentence));
        }
    }

    private static RemediationRule? ReadRule(LocatedJson at, string field, List<RuleFileError> errors)
    {
        if (!Is(at, JsonTokenType.StartObject, field, "A rule must be an object", errors))
        {
            return null;
        }

        Names(at, field, ["id", "pattern", "remediation", "ladder", "priority", "shadow", "description"], errors);
        Text(at, "description", field, errors);
        var id = Required(at, "id", field, errors) is { } placed ? Text(placed, $"{field}.id", errors) : null;
        var pattern = Required(at, "pattern", field, errors) is { } when ? ReadPattern(when, $"{field}.pattern", errors) : null;
        var action = Required(at, "remediation", field, errors) is { } then ? ReadAction(then, $"{field}.remediation", errors) : null;
        var ladder = ReadLadder(at["ladder"], $"{field}.ladder", errors);
        var priority = Whole(at, "priority", field, errors);
        var shadow = Flag(at, "shadow", field, errors);
        return id is null || pattern is null || action is null ? null : new RemediationRule
        {
            Id = id,
            Pattern = pattern,
            Action = action,
            Ladder = ladder,
            Priority = priority ?? 0,
            Shadow = shadow,
            Origin = RuleOrigin.File,
        };
    }

    private static CrashPattern? ReadPattern(LocatedJson at, string field, List<RuleFileError> errors)
    {
        if (!Is(at, JsonTokenType.StartObject, field, "A pattern must be an object", errors))
        {
            return null;
        }

        Names(at, field, [.. Strings, "codeValues", "class", "blame", "stateDamaged", "targetKnown", "failedStart"], errors);
        return new CrashPattern
        {
            Signature = Text(at, "signature", field, errors),
            ExceptionType = Text(at, "exceptionType", field, errors),
            Code = Text(at, "code", field, errors),
            CodeValues = Texts(at["codeValues"], $"{field}.codeValues", errors),
            MessageTemplate = Text(at, "messageTemplate", field, errors),
            MessageContains = Text(at, "messageContains", field, errors),
            MessageRegex = Text(at, "messageRegex", field, errors),
            FrameStartsWith = Text(at, "frameStartsWith", field, errors),
            Worker = Text(at, "worker", field, errors),
            Under = Text(at, "under", field, errors),
            Class = Name<FailureClass>(at, "class", field, errors),
            Blame = Name<Blame>(at, "blame", field, errors),
            StateDamaged = Flag(at, "stateDamaged", field, errors),
            TargetKnown = Flag(at, "targetKnown", field, errors),
            FailedStart = Flag(at, "failedStart", field, errors),
        };
    }

    private static ImmutableArray<RemediationAction> ReadLadder(LocatedJson? at, string field, List<RuleFileError> errors)
    {
        if (at is null || !Is(at, JsonTokenType.StartArray, field, "A ladder must be a list of remediations", errors))
        {
            return [];
        }

        return [.. at.Items.Select((step, i) => ReadAction(step, $"{field}[{i}]", errors)).OfType<RemediationAction>()];
    }

    private static RemediationAction? ReadAction(LocatedJson at, string field, List<RuleFileError> errors)
    {
        if (!Is(at, JsonTokenType.StartObject, field, "A remediation must be an object with an \"action\"", errors)
            || Required(at, "action", field, errors) is not { } named
            || Text(named, $"{field}.action", errors) is not { } action)
        {
            return null;
        }

        string[]? parameters = action switch
        {
            nameof(RestartWithBackoff) => ["firstSeconds", "initialSeconds", "maxSeconds", "factor", "jitter", "giveUpAfter"],
            nameof(RestartWithStateReset) => [],
            nameof(RedirectToFallback) => ["durationSeconds"],
            nameof(CircuitBreak) => ["durationSeconds", "target"],
            nameof(Escalate) => ["reason"],
            _ => null,
        };
        if (parameters is null)
        {
            errors.Add(new(named.Line, $"{field}.action", $"\"{action}\" is no action; it must be RestartWithBackoff, RestartWithStateReset, RedirectToFallback, CircuitBreak or Escalate."));
            return null;
        }

        Names(at, field, ["action", .. parameters], errors);
        return action switch
        {
            nameof(RestartWithBackoff) => ReadBackoff(at, field, errors),
            nameof(RestartWithStateReset) => new RestartWithStateReset(),
            nameof(RedirectToFallback) => new RedirectToFallback { Duration = Seconds(at, "durationSeconds", field, errors) ?? new RedirectToFallback().Duration },
            nameof(CircuitBreak) => new CircuitBreak { Target = Text(at, "target", field, errors), Duration = Seconds(at, "durationSeconds", field, errors) ?? new CircuitBreak().Duration },
            _ => new Escalate { Reason = Text(at, "reason", field, errors) ?? new Escalate().Reason },
        };
    }

    private static RestartWithBackoff ReadBackoff(LocatedJson at, string field, List<RuleFileError> errors)
    {
        var defaults = new RestartWithBackoff();
        return new RestartWithBackoff
        {
            First = Seconds(at, "firstSeconds", field, errors) ?? defaults.First,
            Initial = Seconds(at, "initialSeconds", field, errors) ?? defaults.Initial,
            Max = Seconds(at, "maxSeconds", field, errors) ?? defaults.Max,
            Factor = Number(at, "factor", field, errors) ?? defaults.Factor,
            Jitter = Name<BackoffJitter>(at, "jitter", field, errors) ?? defaults.Jitter,
            GiveUpAfter = Whole(at, "giveUpAfter", field, errors) ?? defaults.GiveUpAfter,
        };
    }

    private static void Names(LocatedJson at, string field, string[] known, List<RuleFileError> errors)
    {
        foreach (var member in at.Members.Where(member => !known.Contains(member.Name)))
        {
            errors.Add(new(member.Line, Join(field, member.Name), $"\"{member.Name}\" is not known here; known are {string.Join(", ", known)}."));
        }

        foreach (var twice in at.Members.GroupBy(member => member.Name).Where(group => group.Count() > 1))
        {
            errors.Add(new(twice.Last().Line, Join(field, twice.Key), $"\"{twice.Key}\" is there {twice.Count()} times, first on line {twice.First().Line}; once is enough."));
        }
    }

    private static LocatedJson? Required(LocatedJson at, string name, string field, List<RuleFileError> errors)
    {
        if (at[name] is null)
        {
            errors.Add(new(at.Line, $"{field}.{name}", $"\"{name}\" is missing."));
        }

        return at[name];
    }

    private static bool Is(LocatedJson at, JsonTokenType kind, string field, string wanted, List<RuleFileError> errors)
    {
        if (at.Kind != kind)
        {
            errors.Add(new(at.Line, field, $"{wanted}; it is {at.Describe()}."));
        }

        return at.Kind == kind;
    }

    private static string? Text(LocatedJson at, string name, string field, List<RuleFileError> errors) =>
        at[name] is { } value ? Text(value, $"{field}.{name}", errors) : null;

    private static string? Text(LocatedJson value, string field, List<RuleFileError> errors) =>
        Is(value, JsonTokenType.String, field, "This must be a text", errors) ? value.Text : null;

    private static ImmutableArray<string> Texts(LocatedJson? at, string field, List<RuleFileError> errors) =>
        at is null || !Is(at, JsonTokenType.StartArray, field, "This must be a list of texts", errors)
            ? []
            : [.. at.Items.Select((item, i) => Text(item, $"{field}[{i}]", errors)).OfType<string>()];

    private static bool Flag(LocatedJson at, string name, string field, List<RuleFileError> errors)
    {
        if (at[name] is not { } value)
        {
            return false;
        }

        return value.Kind == JsonTokenType.True || (value.Kind != JsonTokenType.False && Is(value, JsonTokenType.True, $"{field}.{name}", "This must be true or false", errors));
    }

    private static TName? Name<TName>(LocatedJson at, string name, string field, List<RuleFileError> errors)
        where TName : struct, Enum
    {
        if (at[name] is not { } value || !Is(value, JsonTokenType.String, $"{field}.{name}", "This must be a text", errors))
        {
            return null;
        }

        if (Enum.GetNames<TName>().FirstOrDefault(known => string.Equals(known, value.Text, StringComparison.OrdinalIgnoreCase)) is { } found)
        {
            return Enum.Parse<TName>(found);
        }

        errors.Add(new(value.Line, $"{field}.{name}", $"\"{value.Text}\" is not known here; it must be one of {string.Join(", ", Enum.GetNames<TName>())}."));
        return null;
    }

    private static double? Number(LocatedJson at, string name, string field, List<RuleFileError> errors) =>
        at[name] is { } value && Is(value, JsonTokenType.Number, $"{field}.{name}", "This must be a number", errors)
            ? double.Parse(value.Text, CultureInfo.InvariantCulture)
            : null;

    private static TimeSpan? Seconds(LocatedJson at, string name, string field, List<RuleFileError> errors)
    {
        if (Number(at, name, field, errors) is not { } seconds)
        {
            return null;
        }

        if (seconds is >= 0 and <= LongestSeconds)
        {
            return TimeSpan.FromSeconds(seconds);
        }

        errors.Add(new(at[name]!.Line, $"{field}.{name}", $"This is {at[name]!.Describe()}; it must be a number of seconds from 0 to {LongestSeconds}."));
        return null;
    }

    private static int? Whole(LocatedJson at, string name, string field, List<RuleFileError> errors)
    {
        if (at[name] is not { } value || !Is(value, JsonTokenType.Number, $"{field}.{name}", "This must be a whole number", errors))
        {
            return null;
        }

        if (int.TryParse(value.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole))
        {
            return whole;
        }

        errors.Add(new(value.Line, $"{field}.{name}", $"This is {value.Describe()}; it must be a whole number from {int.MinValue} to {int.MaxValue}."));
        return null;
    }

    /// <summary>The line of a field below <paramref name="at"/>, or of the deepest part of its path that is there.</summary>
    private static int LineOf(LocatedJson at, string field)
    {
        var line = at.Line;
        var place = at;
        foreach (var part in field.Split(['.', '['], StringSplitOptions.RemoveEmptyEntries))
        {
            if (part.EndsWith(']') && int.TryParse(part.AsSpan(0, part.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var index))
            {
                place = index < place.Items.Count ? place.Items[index] : null;
                line = place?.Line ?? line;
            }
            else
            {
                var member = place.Members.LastOrDefault(known => known.Name == part);
                place = member.Value;
                line = place is null ? line : member.Line;
            }

            if (place is null)
            {
                break;
            }
        }

        return line;
    }

    private static string Join(string field, string name) => name.Length == 0 ? field : field.Length == 0 ? name : $"{field}.{name}";
}
