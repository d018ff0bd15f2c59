namespace CrmGrains.Core.Autonomy;

/// <summary>How sure a rate is that was seen in few trials (E. B. Wilson, 1927).</summary>
public static class Wilson
{
    // Of a normal distribution, 2.5 % lie above it.
    private const double Z = 1.959963984540054;

    /// <summary>The lower end of the interval that holds the true rate with 95 % confidence.</summary>
    /// <param name="successes">From 0 to <paramref name="trials"/>.</param>
    /// <param name="trials">None: nothing is known, and the bound is 0.</param>
    public static double LowerBound(int successes, int trials)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(successes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(successes, trials);
        if (trials == 0)
            return 0;
        var (rate, square) = ((double)successes / trials, Z * Z);
        var center = rate + (square / (2 * trials));
        var spread = Z * Math.Sqrt(((rate * (1 - rate)) + (square / (4 * trials))) / trials);
        return Math.Max(0, (center - spread) / (1 + (square / trials)));
    }
}
