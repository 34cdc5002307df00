namespace Prismatic.Lessons;

/// <summary>How like each other two crashes are: the same failure, at the same place.</summary>
internal static class CrashLikeness
{
    /// <summary>From -1 for two crashes that cannot be the same failure to 1 for two that say the same of the same place.</summary>
    public static double Of(CrashFeatures a, CrashFeatures b)
    {
        if (a.Worker != b.Worker)
        {
            return -1;
        }

        var place = PlaceLikeness.Of(a, b);
        var failure = place < 0 ? 0 : FailureLikeness.Of(a, b, ownCode: place == 1);
        return failure == 0 ? -1 : failure * place;
    }
}
