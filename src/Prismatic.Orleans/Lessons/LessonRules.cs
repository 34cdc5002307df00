using System.Collections.Immutable;
using Prismatic.Remediation;

namespace Prismatic.Lessons;

/// <summary>The rules that a lesson has in the registry: one for each signature of its group, all with the same action.</summary>
internal static class LessonRules
{
    /// <summary>What a report names as its rule when none matched.</summary>
    public const string NoRule = "default";

    private const string Applying = "lesson-";
    private const string Containing = "contain-";
    private const string Requests = "request-";

    /// <summary>Whether a rule is a lesson's.</summary>
    public static bool IsLessons(string rule) => rule.StartsWith(Applying, StringComparison.Ordinal) || Contains(rule) || BlamesRequest(rule);

    /// <summary>Whether a rule contains what a person knows of already, and claims no cure.</summary>
    public static bool Contains(string rule) => rule.StartsWith(Containing, StringComparison.Ordinal);

    /// <summary>
    /// Whether a rule says that a failure is the fault of the requests that meet it. Then nothing is done to the worker, unless different requests crash it
    /// with nothing served in between: that is a sick worker, and it gets the rule's action, the default restart.
    /// </summary>
    public static bool BlamesRequest(string rule) => rule.StartsWith(Requests, StringComparison.Ordinal);

    /// <summary>Whether two rules say the same; sets of values in them are compared by what they hold.</summary>
    public static bool Same(RemediationRule one, RemediationRule other) =>
        one.Id == other.Id && one.Action == other.Action && one.Ladder.SequenceEqual(other.Ladder) && one.Origin == other.Origin && one.Lesson == other.Lesson
        && one.Pattern.Signature == other.Pattern.Signature && one.Pattern.StateDamaged == other.Pattern.StateDamaged;

    /// <summary>The rules for what is advised about a group; none where the rules of others decide.</summary>
    public static ImmutableArray<RemediationRule> For(LessonRecord record) =>
        record is { Advised: { } action, Lesson: { } lesson }
            ? [.. lesson.Signatures.Where(signature => !record.Splits.ContainsKey(signature)).Select(signature => Rule(lesson.Id, signature, record.Ground, action, record.Then))]
            : [];

    private static RemediationRule Rule(string group, string signature, AdviceGround ground, RemediationAction action, RemediationAction? then) => new()
    {
        Id = ground switch
        {
            AdviceGround.Contain => Containing,
            AdviceGround.Request => Requests,
            _ => Applying,
        } + signature,

        // A state is reset on evidence of damage only, whoever names the reset.
        Pattern = new CrashPattern { Signature = signature, StateDamaged = action is RestartWithStateReset },
        Action = action,
        Ladder = then is null ? [] : [then],
        Origin = ground == AdviceGround.Person ? RuleOrigin.Person : RuleOrigin.Learned,
        Lesson = group,
    };
}
