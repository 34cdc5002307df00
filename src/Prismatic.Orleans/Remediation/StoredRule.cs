using System.Text.Json;
using System.Text.Json.Serialization;
using Prismatic.Lessons;
using Prismatic.Supervision;

namespace Prismatic.Remediation;

/// <summary>
/// A rule as it is stored. Names stand for themselves, so that a rule that a newer build wrote and this one does not know is kept
/// and left out of the table, rather than making the whole record unreadable or, worse, matching more than was meant.
/// </summary>
[GenerateSerializer, Alias("prismatic.StoredRule")]
internal sealed class StoredRule
{
    [Id(0)] public string Id { get; set; } = "";
    [Id(1)] public int Priority { get; set; }
    [Id(2)] public string Origin { get; set; } = "";
    [Id(3)] public string? Lesson { get; set; }
    [Id(4)] public string? Signature { get; set; }
    [Id(5)] public string? ExceptionType { get; set; }
    [Id(6)] public string? Code { get; set; }
    [Id(7)] public List<string> CodeValues { get; set; } = [];
    [Id(8)] public string? MessageContains { get; set; }
    [Id(9)] public string? FrameStartsWith { get; set; }
    [Id(10)] public string? Under { get; set; }
    [Id(11)] public string? Class { get; set; }
    [Id(12)] public bool StateDamaged { get; set; }
    [Id(13)] public bool TargetKnown { get; set; }
    [Id(14)] public string Action { get; set; } = "";
    [Id(15)] public TimeSpan? First { get; set; }
    [Id(16)] public TimeSpan? Initial { get; set; }
    [Id(17)] public TimeSpan? Max { get; set; }
    [Id(18)] public TimeSpan? Duration { get; set; }
    [Id(19)] public string? Target { get; set; }
    [Id(20)] public string? Reason { get; set; }
    [Id(21)] public string? MessageTemplate { get; set; }
    [Id(22)] public string? MessageRegex { get; set; }
    [Id(23)] public string? Worker { get; set; }
    [Id(24)] public string? Blame { get; set; }
    [Id(25)] public double? Factor { get; set; }
    [Id(26)] public string? Jitter { get; set; }
    [Id(27)] public int? GiveUpAfter { get; set; }
    [Id(28)] public List<StoredAction> Ladder { get; set; } = [];
    [Id(29)] public bool Shadow { get; set; }
    [Id(30)] public bool FailedStart { get; set; }

    /// <summary>What a newer build stored beside it.</summary>
    [JsonExtensionData]
    [field: NonSerialized]
    public Dictionary<string, JsonElement>? Unknown { get; set; }

    public static StoredRule Of(RemediationRule rule)
    {
        var pattern = rule.Pattern;
        var action = StoredAction.Of(rule.Action);
        return new StoredRule
        {
            Id = rule.Id,
            Priority = rule.Priority,
            Origin = rule.Origin.ToString(),
            Lesson = rule.Lesson,
            Signature = pattern.Signature,
            ExceptionType = pattern.ExceptionType,
            Code = pattern.Code,
            CodeValues = pattern.CodeValues.IsDefaultOrEmpty ? [] : [.. pattern.CodeValues],
            MessageTemplate = pattern.MessageTemplate,
            MessageContains = pattern.MessageContains,
            MessageRegex = pattern.MessageRegex,
            FrameStartsWith = pattern.FrameStartsWith,
            Worker = pattern.Worker,
            Under = pattern.Under,
            Class = pattern.Class?.ToString(),
            Blame = pattern.Blame?.ToString(),
            StateDamaged = pattern.StateDamaged,
            TargetKnown = pattern.TargetKnown,
            FailedStart = pattern.FailedStart,
            Action = action.Action,
            First = action.First,
            Initial = action.Initial,
            Max = action.Max,
            Factor = action.Factor,
            Jitter = action.Jitter,
            GiveUpAfter = action.GiveUpAfter,
            Duration = action.Duration,
            Target = action.Target,
            Reason = action.Reason,
            Ladder = rule.Ladder.IsDefaultOrEmpty ? [] : [.. rule.Ladder.Select(StoredAction.Of)],
            Shadow = rule.Shadow,
        };
    }

    /// <summary>The rule, or null with the problem when this build does not know a part of it.</summary>
    public RemediationRule? Read(out string? problem)
    {
        FailureClass? failure = Enum.TryParse<FailureClass>(Class, out var knownClass) ? knownClass : null;
        Blame? blame = Enum.TryParse<Blame>(Blame, out var knownBlame) ? knownBlame : null;
        var action = OwnAction().Read(out var actionProblem);
        var ladder = ReadLadder(out var ladderProblem);
        problem = this switch
        {
            { Unknown.Count: > 0 } => $"it has parts that this build does not know: {string.Join(", ", Unknown.Keys)}.",
            { Class: not null } when failure is null => $"this build does not know the failure class '{Class}'.",
            { Blame: not null } when blame is null => $"this build does not know the blame '{Blame}'.",
            _ when !Enum.TryParse<RuleOrigin>(Origin, out _) => $"this build does not know the origin '{Origin}'.",
            _ => actionProblem ?? ladderProblem,
        };
        return problem is not null ? null : new RemediationRule
        {
            Id = Id,
            Priority = Priority,
            Origin = Enum.Parse<RuleOrigin>(Origin),
            Lesson = Lesson,
            Action = action!,
            Ladder = [.. ladder],
            Shadow = Shadow,
            Pattern = new CrashPattern
            {
                Signature = Signature,
                ExceptionType = ExceptionType,
                Code = Code,
                CodeValues = [.. CodeValues ?? []],
                MessageTemplate = MessageTemplate,
                MessageContains = MessageContains,
                MessageRegex = MessageRegex,
                FrameStartsWith = FrameStartsWith,
                Worker = Worker,
                Under = Under,
                Class = failure,
                Blame = blame,
                StateDamaged = StateDamaged,
                TargetKnown = TargetKnown,
                FailedStart = FailedStart,
            },
        };
    }

    private StoredAction OwnAction() => new()
    {
        Action = Action,
        First = First,
        Initial = Initial,
        Max = Max,
        Factor = Factor,
        Jitter = Jitter,
        GiveUpAfter = GiveUpAfter,
        Duration = Duration,
        Target = Target,
        Reason = Reason,
    };

    private List<RemediationAction> ReadLadder(out string? problem)
    {
        problem = null;
        var steps = new List<RemediationAction>();
        foreach (var stored in Ladder ?? [])
        {
            if (stored.Read(out var wrong) is { } step)
            {
                steps.Add(step);
            }

            problem ??= wrong;
        }

        return steps;
    }
}
