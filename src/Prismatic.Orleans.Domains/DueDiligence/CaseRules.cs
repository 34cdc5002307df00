namespace Prismatic.Domains.DueDiligence;

/// <summary>What may be done to a case, and by whom.</summary>
internal static class CaseRules
{
    public static bool MayMove(CaseState from, CaseState to) => (from, to) switch
    {
        (CaseState.Draft, CaseState.Collecting) => true,
        (CaseState.Collecting, CaseState.Review) => true,
        (CaseState.Review, CaseState.Collecting) => true,
        (CaseState.Review, CaseState.Decided) => true,
        (CaseState.Decided, CaseState.Closed) => true,
        _ => false,
    };

    public static bool TakesEvidence(CaseState state) => state is CaseState.Collecting or CaseState.Review;

    /// <summary>Why this actor may not decide; null when they may.</summary>
    public static string? FourEyes(CaseView view, string actor)
    {
        var reviewer = view.Steps.Last(step => step.State is CaseState.Review).Actor;
        return Is(view.OpenedBy) ? $"{actor} opened case {view.Id}; somebody else must decide it."
            : Is(reviewer) ? $"{actor} sent case {view.Id} to review; somebody else must decide it."
            : null;

        bool Is(string other) => string.Equals(other, actor, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>How well the evidence supports a claim. Sources are independent when their names differ.</summary>
    public static ClaimStatus Judge(IEnumerable<EvidenceItem> evidence, string claim)
    {
        var about = evidence.Where(item => string.Equals(item.Claim, claim, StringComparison.OrdinalIgnoreCase)).ToArray();
        return about.Any(item => item.Denies) ? ClaimStatus.Contradicted
            : about.Select(item => item.Source).Distinct().Count() switch { 0 => ClaimStatus.Unverified, < 3 => ClaimStatus.Partial, _ => ClaimStatus.Verified };
    }
}
