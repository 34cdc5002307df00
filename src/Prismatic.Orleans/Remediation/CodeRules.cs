namespace Prismatic.Remediation;

/// <summary>The rules that the service declared with its tree.</summary>
internal sealed record CodeRules(IReadOnlyList<RemediationRule> Rules)
{
    public static CodeRules None { get; } = new([]);
}
