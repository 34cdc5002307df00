namespace Prismatic.Remediation;

/// <summary>
/// How exactly a pattern names a crash. The kind of its strongest part decides first, then the number of its parts, then how deep
/// in the tree it applies.
/// </summary>
internal readonly record struct Specificity(int Kind, int Parts, int Depth) : IComparable<Specificity>
{
    public static Specificity Of(CrashPattern pattern) =>
        new(KindOf(pattern), PartsOf(pattern), pattern.Under is null ? 0 : 1 + pattern.Under.Count(letter => letter == '/'));

    public int CompareTo(Specificity other) => (Kind, Parts, Depth).CompareTo((other.Kind, other.Parts, other.Depth));

    private static int KindOf(CrashPattern pattern) => pattern switch
    {
        { Signature: not null } => 10,
        { StateDamaged: true } => 9,
        { Code: not null } => 8,
        { ExceptionType: not null, MessageTemplate: not null } => 7,
        { ExceptionType: not null } when HasText(pattern) => 6,
        { MessageTemplate: not null } => 5,
        { ExceptionType: not null } => 4,
        _ when HasText(pattern) => 3,
        { Class: not null } or { TargetKnown: true } or { FailedStart: true } or { Worker: not null } or { Blame: not null } => 2,
        { Under: not null } => 1,
        _ => 0,
    };

    private static bool HasText(CrashPattern pattern) =>
        pattern is { MessageContains: not null } or { MessageRegex: not null } or { FrameStartsWith: not null };

    private static int PartsOf(CrashPattern pattern) =>
        Count(pattern.Signature is not null)
        + Count(pattern.ExceptionType is not null)
        + Count(pattern.Code is not null)
        + Count(!pattern.CodeValues.IsDefaultOrEmpty)
        + Count(pattern.MessageTemplate is not null)
        + Count(pattern.MessageContains is not null)
        + Count(pattern.MessageRegex is not null)
        + Count(pattern.FrameStartsWith is not null)
        + Count(pattern.Worker is not null)
        + Count(pattern.Under is not null)
        + Count(pattern.Class is not null)
        + Count(pattern.Blame is not null)
        + Count(pattern.StateDamaged)
        + Count(pattern.TargetKnown)
        + Count(pattern.FailedStart);

    private static int Count(bool part) => part ? 1 : 0;
}
