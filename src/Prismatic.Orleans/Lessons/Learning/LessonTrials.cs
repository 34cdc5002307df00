namespace Prismatic.Lessons;

/// <summary>Whether lessons may try what no outcome speaks for yet, as the options say.</summary>
internal sealed record LessonTrials(bool Allowed);
