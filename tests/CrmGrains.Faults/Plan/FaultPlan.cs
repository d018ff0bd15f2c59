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

    // After a fault of the server everybody connects again, which should get somewhere before the next one.
    private static readonly TimeSpan CalmAfterServer = TimeSpan.FromSeconds(3);

    /// <param name="length">How long faults strike. One that has begun ends after it.</param>
    public static IReadOnlyList<Strike> Draw(int seed, TimeSpan length, IReadOnlyList<Fault> kinds, int silos)
    {
        var random = new Random(seed);
        var strikes = new List<Strike>();
        var busyUntil = new Dictionary<(FaultTarget Target, int Silo), TimeSpan>();
        for (var at = Between(random, ShortestGap, LongestGap); at < length; at += Between(random, ShortestGap, LongestGap))
        {
            var kind = kinds[random.Next(kinds.Count)];
            var strike = new Strike(at, kind.Name, random.Next(silos), Between(random, kind.Shortest, kind.Longest), random.NextDouble());
            var target = (kind.Target, kind.Target == FaultTarget.Silo ? strike.Silo : 0);
            var free = busyUntil.GetValueOrDefault(target);
            if (free > at)
                continue;
            busyUntil[target] = at + strike.Length + (kind.Target == FaultTarget.Server ? CalmAfterServer : TimeSpan.Zero);
            strikes.Add(strike);
        }

        return strikes;
    }

    private static TimeSpan Between(Random random, TimeSpan shortest, TimeSpan longest) =>
        shortest + ((longest - shortest) * random.NextDouble());
}
