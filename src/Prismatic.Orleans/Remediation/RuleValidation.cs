using System.Collections.Immutable;
using System.Globalization;
using Prismatic.Lessons;
using Prismatic.Supervision;

namespace Prismatic.Remediation;

/// <summary>Something that is wrong with a rule.</summary>
/// <param name="Field">Where, as a rule file writes it, such as <c>pattern.under</c> or <c>ladder[1].durationSeconds</c>; empty for the rule itself.</param>
/// <param name="Sentence">What is wrong, for the person who wrote it.</param>
internal readonly record struct RuleProblem(string Field, string Sentence);

/// <summary>Finds everything that is wrong with a rule.</summary>
internal static class RuleValidation
{
    public const int MaxIdLength = 100;
    public const int MaxTextLength = 500;
    public const int MaxCodeValues = 100;
    public const int MaxLadder = 4;
    public const int MaxGiveUp = 1_000;
    public const double MaxFactor = 100;

    /// <summary>The most rules of a table that can be found by trying each of them only.</summary>
    public const int MaxTried = 200;

    public static readonly TimeSpan LongestDuration = TimeSpan.FromDays(1);

    /// <summary>The problems of <paramref name="rule"/> among <paramref name="others"/>; a rule with its own id is the one that it replaces.</summary>
    public static ImmutableArray<string> FindProblems(RemediationRule rule, IEnumerable<RemediationRule> others)
    {
        var known = others.Where(other => other.Id != rule.Id).ToList();
        return [.. Find(rule).Concat(rule.Pattern is null ? [] : FindInTable([rule], known).Select(found => found.Problem)).Select(problem => problem.Sentence)];
    }

    /// <summary>What is wrong with the rule by itself.</summary>
    public static ImmutableArray<RuleProblem> Find(RemediationRule rule)
    {
        if (rule.Id is null || rule.Pattern is null || rule.Action is null)
        {
            return [new("", "A rule needs an id, a pattern and an action.")];
        }

        return [.. Id(rule.Id), .. Origin(rule), .. Pattern(rule.Pattern), .. Action("remediation", rule.Action, rule.Pattern), .. Ladder(rule)];
    }

    /// <summary>What is wrong with rules among all others: ties, each pair once, and too many that must be tried one by one.</summary>
    public static IEnumerable<(RemediationRule Rule, RuleProblem Problem)> FindInTable(IReadOnlyCollection<RemediationRule> added, IReadOnlyCollection<RemediationRule> others)
    {
        foreach (var (rule, other) in RuleTies.Find(added, others))
        {
            yield return (rule, new("priority", Tie(rule, other)));
        }

        var tried = others.Count(IsTried);
        foreach (var rule in added.Where(IsTried))
        {
            if (++tried > MaxTried)
            {
                yield return (rule, new("pattern", $"'{Shorten(rule.Id)}' can be found by trying it only, since its pattern has nothing but expressions and short texts, and there are {MaxTried} such rules already: add a type, a code, a worker, or a text of at least {TextGrams.Length} characters."));
            }
        }
    }

    private static bool IsTried(RemediationRule rule) => rule.Origin != RuleOrigin.BuiltIn && !RuleKey.Of(rule.Pattern).Any();

    private static string Tie(RemediationRule rule, RemediationRule other) => RuleOrder.SamePattern(rule.Pattern, other.Pattern)
        ? $"'{Shorten(rule.Id)}' ties with '{other.Id}': both have priority {rule.Priority} and match when {other.Pattern.Describe()}. Change one priority."
        : $"'{Shorten(rule.Id)}' ties with '{other.Id}': both have priority {rule.Priority}, are equally specific, and could match the same crash, of which one would {rule.Action.Describe()} and the other {other.Action.Describe()}. Change one priority.";

    private static IEnumerable<RuleProblem> Id(string id)
    {
        if (id.Length is 0 or > MaxIdLength)
        {
            yield return new("id", $"The id has {id.Length} characters; it must have 1 to {MaxIdLength}.");
        }

        if (id.Any(letter => !char.IsAsciiLetterOrDigit(letter) && !"-_.:/".Contains(letter, StringComparison.Ordinal)))
        {
            yield return new("id", $"The id '{Shorten(id)}' may hold ASCII letters, digits and - _ . : / only.");
        }

        if (BuiltInRules.All.Any(rule => rule.Id == id))
        {
            yield return new("id", $"'{id}' is a built-in rule, which cannot be replaced: give the new rule another id, and it outranks the built-in one.");
        }
    }

    private static IEnumerable<RuleProblem> Origin(RemediationRule rule)
    {
        if (rule.Origin == RuleOrigin.BuiltIn || !Enum.IsDefined(rule.Origin))
        {
            yield return new("origin", $"The origin is {rule.Origin}; it must be Registered, Learned, Person, Code or File.");
        }

        if (rule.Lesson is { Length: 0 or > MaxTextLength })
        {
            yield return new("lesson", $"Lesson has {rule.Lesson.Length} characters; it must have 1 to {MaxTextLength}, or be null.");
        }
    }

    private static IEnumerable<RuleProblem> Pattern(CrashPattern pattern)
    {
        if (Specificity.Of(pattern).Parts == 0)
        {
            yield return new("pattern", "The pattern is empty and would match every crash: set at least one part.");
        }

        foreach (var problem in Text("pattern.signature", "Signature", pattern.Signature)
            .Concat(Text("pattern.exceptionType", "ExceptionType", pattern.ExceptionType))
            .Concat(Text("pattern.code", "Code", pattern.Code))
            .Concat(Text("pattern.messageTemplate", "MessageTemplate", pattern.MessageTemplate))
            .Concat(Text("pattern.messageContains", "MessageContains", pattern.MessageContains))
            .Concat(Expression(pattern.MessageRegex))
            .Concat(Text("pattern.frameStartsWith", "FrameStartsWith", pattern.FrameStartsWith))
            .Concat(Text("pattern.worker", "Worker", pattern.Worker))
            .Concat(Text("pattern.under", "Under", pattern.Under)))
        {
            yield return problem;
        }

        if (pattern.Under is { } under && under.Split('/').Any(string.IsNullOrWhiteSpace))
        {
            yield return new("pattern.under", $"Under is '{Shorten(under)}'; it must be a path such as prismatic/osint, without empty segments.");
        }

        if (pattern.Class is { } failure && !Enum.IsDefined(failure))
        {
            yield return new("pattern.class", $"Class is {failure}, which is not a failure class.");
        }

        if (pattern.Blame is { } blame && (!Enum.IsDefined(blame) || blame == Blame.Host))
        {
            yield return new("pattern.blame", $"Blame is {blame}; it must be Worker, Request or Dependency, since nothing is done about what a host does when it stops.");
        }

        if (pattern.CodeValues.IsDefaultOrEmpty)
        {
            yield break;
        }

        if (pattern.Code is null)
        {
            yield return new("pattern.codeValues", "CodeValues are set without Code: name the code that may have these values.");
        }

        if (pattern.CodeValues.Length > MaxCodeValues || pattern.CodeValues.Any(value => value is null or { Length: 0 or > MaxTextLength }))
        {
            yield return new("pattern.codeValues", $"CodeValues must be at most {MaxCodeValues} texts of 1 to {MaxTextLength} characters.");
        }
    }

    private static IEnumerable<RuleProblem> Expression(string? expression)
    {
        const string Field = "pattern.messageRegex";
        if (expression is null)
        {
            yield break;
        }

        if (string.IsNullOrWhiteSpace(expression) || expression.Length > CompiledRule.MaxExpression)
        {
            yield return new(Field, $"MessageRegex has {expression.Length} characters; it must have 1 to {CompiledRule.MaxExpression}.");
            yield break;
        }

        string? problem = null;
        try
        {
            if (CompiledRule.Compile(expression).IsMatch(""))
            {
                problem = "it matches the empty text, and so every message";
            }
        }
        catch (ArgumentException invalid)
        {
            problem = invalid.Message.TrimEnd('.');
        }
        catch (NotSupportedException)
        {
            problem = "it cannot run without backtracking: look-arounds, back references, atomic groups and very large repetitions are refused";
        }

        if (problem is not null)
        {
            yield return new(Field, $"MessageRegex '{Shorten(expression)}' cannot be used: {problem}.");
        }
    }

    private static IEnumerable<RuleProblem> Action(string field, RemediationAction action, CrashPattern pattern) => action switch
    {
        _ when pattern.Blame is { } blame and not Blame.Worker && action is not CircuitBreak =>
            [new(field, $"A rule about crashes whose blame is on the {blame.ToString().ToLowerInvariant()} restarts nobody: its only action is CircuitBreak, and this is {action.Name}.")],
        RestartWithBackoff backoff => Backoff(field, backoff),
        RestartWithStateReset => pattern.StateDamaged
            ? []
            : [new(field, "RestartWithStateReset destroys state: its pattern must have StateDamaged, which only the state facet's own finding satisfies.")],
        RedirectToFallback redirect => Positive($"{field}.durationSeconds", "RedirectToFallback.Duration", redirect.Duration),
        CircuitBreak circuit => Positive($"{field}.durationSeconds", "CircuitBreak.Duration", circuit.Duration).Concat(Text($"{field}.target", "CircuitBreak.Target", circuit.Target)),
        Escalate escalate => escalate.Reason is null ? [new($"{field}.reason", "Escalate.Reason is missing.")] : Text($"{field}.reason", "Escalate.Reason", escalate.Reason),
        _ => [new(field, $"{action.GetType().Name} is not one of the five actions.")],
    };

    private static IEnumerable<RuleProblem> Ladder(RemediationRule rule)
    {
        var ladder = rule.Ladder.IsDefault ? [] : rule.Ladder;
        if (ladder.Length > MaxLadder)
        {
            yield return new("ladder", $"The ladder has {ladder.Length} steps; it can have {MaxLadder}.");
        }

        if (rule.Action is Escalate && ladder.Length > 0)
        {
            yield return new("ladder", "Nothing comes after a ticket: a rule whose action is Escalate has no ladder.");
        }

        for (var i = 0; i < ladder.Length; i++)
        {
            var field = $"ladder[{i}]";
            if (ladder[i] is null)
            {
                yield return new(field, "A step of the ladder is missing.");
                continue;
            }

            if (ladder[i] is Escalate && i < ladder.Length - 1)
            {
                yield return new(field, "Nothing comes after a ticket: Escalate can be the last step only.");
            }

            if (ladder[i] == rule.Action || ladder.IndexOf(ladder[i]) < i)
            {
                yield return new(field, $"The ladder would do again what did not help: {ladder[i].Describe()}.");
            }

            foreach (var problem in Action(field, ladder[i], rule.Pattern))
            {
                yield return problem;
            }
        }
    }

    private static IEnumerable<RuleProblem> Backoff(string field, RestartWithBackoff backoff)
    {
        foreach (var (name, value) in new[] { ("First", backoff.First), ("Initial", backoff.Initial), ("Max", backoff.Max) })
        {
            if (value < TimeSpan.Zero || value > LongestDuration)
            {
                yield return new($"{field}.{name.ToLowerInvariant()}Seconds", $"RestartWithBackoff.{name} is {value}; it must be between zero and one day.");
            }
        }

        if (backoff.Initial > backoff.Max)
        {
            yield return new($"{field}.initialSeconds", $"RestartWithBackoff.Initial ({backoff.Initial}) must be at most Max ({backoff.Max}).");
        }

        if (backoff.First > backoff.Max)
        {
            yield return new($"{field}.firstSeconds", $"RestartWithBackoff.First ({backoff.First}) must be at most Max ({backoff.Max}).");
        }

        if (!(backoff.Factor is >= 1 and <= MaxFactor))
        {
            yield return new($"{field}.factor", $"RestartWithBackoff.Factor is {backoff.Factor.ToString(CultureInfo.InvariantCulture)}; it must be from 1 to {MaxFactor}.");
        }

        if (!Enum.IsDefined(backoff.Jitter))
        {
            yield return new($"{field}.jitter", $"RestartWithBackoff.Jitter is {backoff.Jitter}; it must be Decorrelated, Full, Equal or None.");
        }

        if (backoff.GiveUpAfter is < 0 or > MaxGiveUp)
        {
            yield return new($"{field}.giveUpAfter", $"RestartWithBackoff.GiveUpAfter is {backoff.GiveUpAfter}; it must be from 0, which never gives up, to {MaxGiveUp}.");
        }
    }

    private static IEnumerable<RuleProblem> Positive(string field, string name, TimeSpan value)
    {
        if (value <= TimeSpan.Zero || value > LongestDuration)
        {
            yield return new(field, $"{name} is {value}; it must be positive and at most one day.");
        }
    }

    private static IEnumerable<RuleProblem> Text(string field, string name, string? value)
    {
        if (value is not null && (string.IsNullOrWhiteSpace(value) || value.Length > MaxTextLength))
        {
            yield return new(field, $"{name} has {value.Length} characters; it must be a text of 1 to {MaxTextLength} that is not blank, or null.");
        }
    }

    private static string Shorten(string text) => text.Length <= MaxIdLength ? text : string.Concat(text.AsSpan(0, MaxIdLength), "…");
}
