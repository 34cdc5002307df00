namespace Prismatic.Lessons;

/// <summary>
/// Lets a crash report show this member of a grain, or of its state, as it was when the grain crashed. What does not carry it is never
/// shown. The value is written as text, redacted, and cut to 200 characters; a report shows at most 20 members.
/// <code>[ShownInCrashes] public int OpenCases { get; set; }</code>
/// </summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field)]
public sealed class ShownInCrashesAttribute : Attribute;
