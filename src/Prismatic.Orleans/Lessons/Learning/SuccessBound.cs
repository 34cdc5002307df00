namespace Prismatic.Lessons;

/// <summary>How much a few outcomes prove. Counts may be fractions: old outcomes weigh less than new ones.</summary>
internal static class SuccessBound
{
    /// <summary>The standard normal quantile of 90 %, one-sided: nine times in ten the true rate lies above the bound.</summary>
    public const double Ninety = 1.2815515655446004;

    /// <summary>
    /// The lower end of Wilson's interval for the success rate: 0 without outcomes, and below the observed rate by as much as so few
    /// outcomes can mislead. One success alone gives 0.38, two give 0.55, ten give 0.86.
    /// </summary>
    public static double Lower(double successes, double failures, double z = Ninety)
    {
        var n = successes + failures;
        if (n <= 0)
        {
            return 0;
        }

        var rate = successes / n;
        var spread = z * Math.Sqrt((rate * (1 - rate) / n) + (z * z / (4 * n * n)));
        return Math.Max(0, (rate + (z * z / (2 * n)) - spread) / (1 + (z * z / n)));
    }

    /// <summary>
    /// Fisher's exact test, two-sided: how probable it is that two samples of one and the same rate differ at least as much as these.
    /// </summary>
    public static double FisherExact(int successes, int failures, int otherSuccesses, int otherFailures)
    {
        var (row, column, all) = (successes + failures, successes + otherSuccesses, successes + failures + otherSuccesses + otherFailures);
        var observed = LogProbability(successes);
        var total = 0.0;
        for (var k = Math.Max(0, row + column - all); k <= Math.Min(row, column); k++)
        {
            // Tables as improbable as the observed one count with it; the slack is for rounding.
            var probability = LogProbability(k);
            total += probability <= observed + 1e-9 ? Math.Exp(probability) : 0;
        }

        return Math.Min(1, total);

        double LogProbability(int k) =>
            LogChoose(column, k) + LogChoose(all - column, row - k) - LogChoose(all, row);
    }

    private static double LogChoose(int n, int k) => LogFactorial(n) - LogFactorial(k) - LogFactorial(n - k);

    private static double LogFactorial(int n)
    {
        var sum = 0.0;
        for (var i = 2; i <= n; i++)
        {
            sum += Math.Log(i);
        }

        return sum;
    }
}
