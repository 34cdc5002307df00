using System.Collections.Immutable;
using System.Globalization;
using Prismatic.Remediation;

namespace Prismatic.Lessons;

/// <summary>What a person's change made different, field by field, as text.</summary>
internal static class LessonChanges
{
    /// <summary>The fields that differ, as they were and as they are.</summary>
    public static (ImmutableDictionary<string, string> Before, ImmutableDictionary<string, string> After) Between(
        Lesson before, Lesson after, RemediationAction? remedyBefore, RemediationAction? remedyAfter)
    {
        var fields = new (string Name, string Was, string Is)[]
        {
            (nameof(Lesson.RootCause), before.RootCause, after.RootCause),
            (nameof(Lesson.Remediation), Text(remedyBefore), Text(remedyAfter)),
            (nameof(Lesson.Status), before.Status.ToString(), after.Status.ToString()),
            (nameof(Lesson.Mute), Text(before.Mute), Text(after.Mute)),
            (nameof(Lesson.ResolvedBuild), before.ResolvedBuild, after.ResolvedBuild),
        };
        var changed = fields.Where(field => field.Was != field.Is).ToList();
        return (changed.ToImmutableDictionary(field => field.Name, field => field.Was), changed.ToImmutableDictionary(field => field.Name, field => field.Is));
    }

    private static string Text(RemediationAction? action) => action is null ? "" : $"{action.Name}: {action.Describe()}";

    private static string Text(LessonMute? mute) => mute is null ? "" : string.Join(
        ", ",
        new[]
        {
            mute.Until is { } until ? string.Create(CultureInfo.InvariantCulture, $"until {until:O}") : null,
            mute.Crashes is { } crashes ? string.Create(CultureInfo.InvariantCulture, $"for {crashes} crashes") : null,
            mute.Build is { } build ? $"on build {build}" : null,
        }.OfType<string>().DefaultIfEmpty("until a person ends it"));
}
