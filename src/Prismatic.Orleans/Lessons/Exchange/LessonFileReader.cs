using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Prismatic.Files;
using Prismatic.Remediation;
using Prismatic.Telemetry;

namespace Prismatic.Lessons;

/// <summary>Reads a lesson file, and finds every mistake in it in one go: each is a sentence with its line and its field.</summary>
internal sealed partial class LessonFileReader
{
    private const int MostLessons = 500;
    private const int MostSignatures = 32;
    private const int MostMistakes = 100;
    private const int LongText = 2000;
    private const double LongestSeconds = 86_400;

    /// <summary>What was found wrong.</summary>
    public List<string> Mistakes { get; } = [];

    /// <summary>The lessons, as far as they could be read.</summary>
    /// <param name="root">The file.</param>
    /// <param name="sign">The signature over version, time and lessons.</param>
    public ImmutableArray<ImportedLesson> Lessons(LocatedJson root, Func<long, string, ReadOnlyMemory<byte>, string> sign)
    {
        var file = Fields(root, "", "format", "version", "exportedAt", "signature", "lessons");
        var format = Text(file, root, "format", "", required: true, longest: 100);
        if (format is not null && format != LessonFile.Format)
        {
            Wrong(file["format"], "format", $"is \"{Short(format)}\"; it must be \"{LessonFile.Format}\"");
        }

        var version = Number(file, root, "version", "");
        if (version is { } found && found != LessonFile.Version)
        {
            Wrong(file["version"], "version", $"is {found.ToString(CultureInfo.InvariantCulture)}; this build reads version {LessonFile.Version}");
        }

        var exportedAt = Text(file, root, "exportedAt", "", required: true, longest: 100);
        if (exportedAt is not null && !DateTimeOffset.TryParse(exportedAt, CultureInfo.InvariantCulture, DateTimeStyles.None, out _))
        {
            Wrong(file["exportedAt"], "exportedAt", $"is \"{Short(exportedAt)}\"; it must be a time such as 2026-01-31T12:00:00+00:00");
        }

        var lessons = ImmutableArray.CreateBuilder<ImportedLesson>();
        if (!file.TryGetValue("lessons", out var list))
        {
            Wrong(root, "lessons", "is missing; it must be an array of lessons");
        }
        else if (list.Kind != JsonTokenType.StartArray)
        {
            Wrong(list, "lessons", $"is {Name(list)}; it must be an array of lessons");
        }
        else if (list.Items.Count > MostLessons)
        {
            Wrong(list, "lessons", $"holds {list.Items.Count} lessons; a file may hold {MostLessons}");
        }
        else
        {
            for (var i = 0; i < list.Items.Count && Mistakes.Count < MostMistakes; i++)
            {
                if (Lesson(list.Items[i], $"lessons[{i}]") is { } lesson)
                {
                    lessons.Add(lesson);
                }
            }

            Doubles(list, lessons);
        }

        Signed(file, root, version, exportedAt, sign);
        return lessons.ToImmutable();
    }

    private ImportedLesson? Lesson(LocatedJson at, string field)
    {
        var before = Mistakes.Count;
        var lesson = Fields(at, field, "id", "failureMode", "class", "workerType", "rootCause", "answeredBy", "origin", "signatures", "remediation");
        if (at.Kind != JsonTokenType.StartObject)
        {
            return null;
        }

        var id = Identifier(lesson, at, "id", field);
        var failureMode = Text(lesson, at, "failureMode", field, required: true, longest: LongText);
        var failure = Choice<FailureClass>(lesson, at, "class", field, Enum.GetNames<FailureClass>());
        var workerType = Text(lesson, at, "workerType", field, required: false, longest: 500);
        var rootCause = Text(lesson, at, "rootCause", field, required: false, longest: LongText);
        var answeredBy = Text(lesson, at, "answeredBy", field, required: false, longest: 200);
        var origin = Choice<RuleOrigin>(lesson, at, "origin", field, nameof(RuleOrigin.Learned), nameof(RuleOrigin.Person));
        var signatures = Signatures(lesson, at, field);
        var remediation = Remediation(lesson, at, field);
        return Mistakes.Count > before ? null : new ImportedLesson
        {
            Id = id!,
            FailureMode = Redaction.Scrub(failureMode!, LongText),
            Class = failure!.Value,
            WorkerType = workerType ?? "",
            RootCause = Redaction.Scrub(rootCause ?? "", LongText),
            AnsweredBy = PrintableText.Of(answeredBy ?? "", 200),
            Origin = origin!.Value,
            Signatures = signatures,
            Remediation = remediation!,
        };
    }

    private ImmutableArray<string> Signatures(Dictionary<string, LocatedJson> lesson, LocatedJson at, string parent)
    {
        var field = $"{parent}.signatures";
        if (!lesson.TryGetValue("signatures", out var list))
        {
            Wrong(at, field, "is missing; a lesson says which crashes it is about");
            return [];
        }

        if (list.Kind != JsonTokenType.StartArray || list.Items.Count is 0 or > MostSignatures)
        {
            Wrong(list, field, $"must be an array of 1 to {MostSignatures} signatures; it is {(list.Kind == JsonTokenType.StartArray ? $"one of {list.Items.Count}" : Name(list))}");
            return [];
        }

        for (var i = 0; i < list.Items.Count; i++)
        {
            CheckIdentifier(list.Items[i], $"{field}[{i}]");
        }

        return [.. list.Items.Select(item => item.Text)];
    }

    private RemediationAction? Remediation(Dictionary<string, LocatedJson> lesson, LocatedJson at, string parent)
    {
        var field = $"{parent}.remediation";
        if (!lesson.TryGetValue("remediation", out var value))
        {
            Wrong(at, field, "is missing; a lesson says what helps");
            return null;
        }

        if (value.Kind != JsonTokenType.StartObject)
        {
            Wrong(value, field, $"is {Name(value)}; it must be an object with an action");
            return null;
        }

        var action = value.Members.FirstOrDefault(member => member.Name == "action").Value;
        if (action is not { Kind: JsonTokenType.String })
        {
            Wrong(value, $"{field}.action", "is missing; it must name one of the five actions");
            return null;
        }

        string[]? takes = action.Text switch
        {
            nameof(RestartWithBackoff) => ["action", "firstSeconds", "initialSeconds", "maxSeconds", "factor", "jitter", "giveUpAfter"],
            nameof(RestartWithStateReset) => ["action"],
            nameof(RedirectToFallback) => ["action", "durationSeconds"],
            nameof(CircuitBreak) => ["action", "durationSeconds", "target"],
            nameof(Escalate) => ["action", "reason"],
            _ => null,
        };
        if (takes is null)
        {
            Wrong(action, $"{field}.action", $"is \"{Short(action.Text)}\"; it must be RestartWithBackoff, RestartWithStateReset, RedirectToFallback, CircuitBreak or Escalate");
            return null;
        }

        var before = Mistakes.Count;
        var fields = Fields(value, field, takes);
        RemediationAction made = action.Text switch
        {
            nameof(RestartWithBackoff) => Restart(fields, field),
            nameof(RestartWithStateReset) => new RestartWithStateReset(),
            nameof(RedirectToFallback) => new RedirectToFallback { Duration = Seconds(fields, "durationSeconds", field, new RedirectToFallback().Duration, positive: true) },
            nameof(CircuitBreak) => new CircuitBreak
            {
                Duration = Seconds(fields, "durationSeconds", field, new CircuitBreak().Duration, positive: true),
                Target = Text(fields, value, "target", field, required: false, longest: 500) is { Length: > 0 } target ? target : null,
            },
            _ => new Escalate { Reason = Text(fields, value, "reason", field, required: true, longest: 500) is { } reason ? Redaction.Scrub(reason, 500) : "" },
        };
        return Mistakes.Count > before ? null : made;
    }

    private RestartWithBackoff Restart(Dictionary<string, LocatedJson> fields, string field)
    {
        var standard = new RestartWithBackoff();
        var restart = new RestartWithBackoff
        {
            First = Seconds(fields, "firstSeconds", field, standard.First, positive: false),
            Initial = Seconds(fields, "initialSeconds", field, standard.Initial, positive: false),
            Max = Seconds(fields, "maxSeconds", field, standard.Max, positive: false),
            Factor = Number(fields, "factor", field, standard.Factor, 1, RuleValidation.MaxFactor, whole: false),
            Jitter = Jitter(fields, field, standard.Jitter),
            GiveUpAfter = (int)Number(fields, "giveUpAfter", field, standard.GiveUpAfter, 0, RuleValidation.MaxGiveUp, whole: true),
        };
        foreach (var (name, value) in new[] { ("firstSeconds", restart.First), ("initialSeconds", restart.Initial) })
        {
            if (value > restart.Max && fields.GetValueOrDefault(name) is { } found)
            {
                Wrong(found, $"{field}.{name}", $"is {found.Text}; it must be at most maxSeconds, which is {restart.Max.TotalSeconds.ToString(CultureInfo.InvariantCulture)}");
            }
        }

        return restart;
    }

    private double Number(Dictionary<string, LocatedJson> fields, string name, string parent, double standard, double least, double most, bool whole)
    {
        if (!fields.TryGetValue(name, out var value))
        {
            return standard;
        }

        if (value.Kind == JsonTokenType.Number
            && double.TryParse(value.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            && number >= least && number <= most && (!whole || double.IsInteger(number)))
        {
            return number;
        }

        Wrong(value, $"{parent}.{name}", $"is {(value.Kind == JsonTokenType.Number ? Short(value.Text) : Name(value))}; it must be a {(whole ? "whole " : "")}number from {least} to {most}");
        return standard;
    }

    private BackoffJitter Jitter(Dictionary<string, LocatedJson> fields, string parent, BackoffJitter standard)
    {
        if (!fields.TryGetValue("jitter", out var value))
        {
            return standard;
        }

        if (value.Kind == JsonTokenType.String && Enum.GetNames<BackoffJitter>().Contains(value.Text))
        {
            return Enum.Parse<BackoffJitter>(value.Text);
        }

        Wrong(value, $"{parent}.jitter", $"is {(value.Kind == JsonTokenType.String ? $"\"{Short(value.Text)}\"" : Name(value))}; it must be {string.Join(", ", Enum.GetNames<BackoffJitter>())}");
        return standard;
    }

    private TimeSpan Seconds(Dictionary<string, LocatedJson> fields, string name, string parent, TimeSpan standard, bool positive)
    {
        if (!fields.TryGetValue(name, out var value))
        {
            return standard;
        }

        var least = positive ? "more than 0" : "0 or more";
        if (value.Kind == JsonTokenType.Number
            && double.TryParse(value.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds)
            && seconds <= LongestSeconds && (positive ? seconds > 0 : seconds >= 0))
        {
            return TimeSpan.FromSeconds(seconds);
        }

        Wrong(value, $"{parent}.{name}", $"is {(value.Kind == JsonTokenType.Number ? Short(value.Text) : Name(value))}; it must be a number of seconds, {least} and at most {LongestSeconds}");
        return standard;
    }

    private void Doubles(LocatedJson list, IEnumerable<ImportedLesson> lessons)
    {
        foreach (var id in lessons.GroupBy(lesson => lesson.Id).Where(same => same.Count() > 1).Select(same => same.Key))
        {
            Wrong(list, "lessons", $"holds the lesson \"{Short(id)}\" more than once");
        }

        var signatures = lessons.DistinctBy(lesson => lesson.Id).SelectMany(lesson => lesson.Signatures.Distinct());
        foreach (var signature in signatures.GroupBy(signature => signature).Where(same => same.Count() > 1).Select(same => same.Key))
        {
            Wrong(list, "lessons", $"holds the signature \"{Short(signature)}\" in more than one lesson");
        }
    }

    private void Signed(Dictionary<string, LocatedJson> file, LocatedJson root, double? version, string? exportedAt, Func<long, string, ReadOnlyMemory<byte>, string> sign)
    {
        if (Text(file, root, "signature", "", required: true, longest: 100) is not { } signature || exportedAt is null || version is null
            || file.GetValueOrDefault("lessons") is not { } lessons)
        {
            return;
        }

        var right = Encoding.ASCII.GetBytes(sign((long)version.Value, exportedAt, lessons.Bytes));
        if (!CryptographicOperations.FixedTimeEquals(right, Encoding.ASCII.GetBytes(signature)))
        {
            Wrong(file["signature"], "signature", "does not fit: the file was changed after it was exported, or exported with another key");
        }
    }

    private Dictionary<string, LocatedJson> Fields(LocatedJson at, string field, params string[] known)
    {
        var fields = new Dictionary<string, LocatedJson>();
        if (at.Kind != JsonTokenType.StartObject)
        {
            Wrong(at, field, $"is {Name(at)}; it must be an object");
            return fields;
        }

        foreach (var (name, _, value) in at.Members)
        {
            var path = field.Length == 0 ? name : $"{field}.{name}";
            if (!known.Contains(name))
            {
                Wrong(value, Short(path), $"is not known here; known are {string.Join(", ", known)}");
            }
            else if (!fields.TryAdd(name, value))
            {
                Wrong(value, path, "stands there twice");
            }
        }

        return fields;
    }

    private string? Text(Dictionary<string, LocatedJson> fields, LocatedJson at, string name, string parent, bool required, int longest)
    {
        var field = parent.Length == 0 ? name : $"{parent}.{name}";
        if (!fields.TryGetValue(name, out var value))
        {
            if (required && at.Kind == JsonTokenType.StartObject)
            {
                Wrong(at, field, "is missing; it must be a text");
            }

            return null;
        }

        if (value.Kind != JsonTokenType.String)
        {
            Wrong(value, field, $"is {Name(value)}; it must be a text");
            return null;
        }

        if ((required && string.IsNullOrWhiteSpace(value.Text)) || value.Text.Length > longest)
        {
            Wrong(value, field, $"has {value.Text.Length} characters; it must be a text of {(required ? 1 : 0)} to {longest}{(required ? " that is not blank" : "")}");
            return null;
        }

        return value.Text;
    }

    private string? Identifier(Dictionary<string, LocatedJson> fields, LocatedJson at, string name, string parent)
    {
        if (!fields.TryGetValue(name, out var value))
        {
            Wrong(at, $"{parent}.{name}", "is missing; it must be an id");
            return null;
        }

        return CheckIdentifier(value, $"{parent}.{name}") ? value.Text : null;
    }

    private bool CheckIdentifier(LocatedJson value, string field)
    {
        if (value.Kind == JsonTokenType.String && IdentifierText().IsMatch(value.Text))
        {
            return true;
        }

        Wrong(value, field, $"is {(value.Kind == JsonTokenType.String ? $"\"{Short(value.Text)}\"" : Name(value))}; it must have 1 to 80 ASCII letters, digits and - _ . :");
        return false;
    }

    private T? Choice<T>(Dictionary<string, LocatedJson> fields, LocatedJson at, string name, string parent, params string[] choices)
        where T : struct, Enum
    {
        var field = $"{parent}.{name}";
        if (!fields.TryGetValue(name, out var value))
        {
            Wrong(at, field, $"is missing; it must be {string.Join(" or ", choices)}");
            return null;
        }

        if (value.Kind == JsonTokenType.String && choices.Contains(value.Text))
        {
            return Enum.Parse<T>(value.Text);
        }

        Wrong(value, field, $"is {(value.Kind == JsonTokenType.String ? $"\"{Short(value.Text)}\"" : Name(value))}; it must be {string.Join(" or ", choices)}");
        return null;
    }

    private double? Number(Dictionary<string, LocatedJson> fields, LocatedJson at, string name, string parent)
    {
        var field = parent.Length == 0 ? name : $"{parent}.{name}";
        if (!fields.TryGetValue(name, out var value))
        {
            if (at.Kind == JsonTokenType.StartObject)
            {
                Wrong(at, field, "is missing; it must be a number");
            }

            return null;
        }

        if (value.Kind == JsonTokenType.Number && double.TryParse(value.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && Math.Abs(number) < 1e15)
        {
            return number;
        }

        Wrong(value, field, $"is {(value.Kind == JsonTokenType.Number ? Short(value.Text) : Name(value))}; it must be a number");
        return null;
    }

    private void Wrong(LocatedJson at, string field, string what) => Mistakes.Add($"line {at.Line}: {(field.Length == 0 ? "the file" : field)} {what}.");

    private static string Name(LocatedJson value) => value.Kind switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "an array",
        JsonTokenType.String => "a text",
        JsonTokenType.Number => "a number",
        JsonTokenType.Null => "null",
        _ => "true or false",
    };

    /// <summary>What a file says is repeated to the person who sent it: printable, and not at length.</summary>
    private static string Short(string text) => Redaction.Scrub(text, 80);

    [GeneratedRegex("^[A-Za-z0-9_.:-]{1,80}$", RegexOptions.NonBacktracking)]
    private static partial Regex IdentifierText();
}
