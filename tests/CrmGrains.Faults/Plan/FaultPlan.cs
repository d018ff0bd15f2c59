using CrmGrains.Faults.Kinds;

namespace CrmGrains.Faults.Plan;

/// <summary>
/// Which faults strike when. The same seed gives the same plan; what they meet in a running cluster is real time's choice, so that a run
/// repeats its plan and not its interleaving.
/// </summary>
internal static class FaultPlan
{
    private static readonly TimeSpan ShortestGap = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan LongestGap = TimeSpan.FromSeconds(4);

    /// <param name="length">How long faults strike. One that has begun ends after it.</param>
    public static IReadOnlyList<Strike> Draw(int seed, TimeSpan length, IReadOnlyList<Fault> kinds, int silos)
    {
        var random = new Random(seed);
        var strikes = new List<Strike>();
        for (var at = Between(random, ShortestGap, LongestGap); at < length; at += Between(random, ShortestGap, LongestGap))
        {
            var kind = kinds[random.Next(kinds.Count)];
            strikes.Add(new Strike(at, kind.Name, random.Next(silos), Between(random, kind.Shortest, kind.Longest), random.NextDouble()));
        }

        return strikes;
    }

    private static TimeSpan Between(Random random, TimeSpan shortest, TimeSpan longest) => shortest + ((longest - shortest) * random.NextDouble());
}
