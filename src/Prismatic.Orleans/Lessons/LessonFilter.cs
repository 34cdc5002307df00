namespace Prismatic.Lessons;

/// <summary>Which lessons a query asks for.</summary>
internal static class LessonFilter
{
    /// <summary>Whether <paramref name="lesson"/> has the class and the text that <paramref name="query"/> names.</summary>
    public static bool Matches(LessonQuery query, Lesson lesson) =>
        (query.Class is not { } wanted || lesson.Class == wanted)
        && (query.Text is not { Length: > 0 } text
            || lesson.FailureMode.Contains(text, StringComparison.OrdinalIgnoreCase)
            || lesson.Child.Contains(text, StringComparison.OrdinalIgnoreCase)
            || lesson.RootCause.Contains(text, StringComparison.OrdinalIgnoreCase));
}
