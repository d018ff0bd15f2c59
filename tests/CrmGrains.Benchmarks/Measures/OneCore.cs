using System.Diagnostics;

namespace CrmGrains.Benchmarks.Measures;

/// <summary>What a piece of work costs that one core does alone.</summary>
/// <param name="Microseconds">For one piece of it.</param>
/// <param name="Bytes">Allocated for one piece of it.</param>
internal readonly record struct OneCore(double Microseconds, double Bytes)
{
    /// <summary>Does the work over and over.</summary>
    /// <param name="work">One piece.</param>
    /// <param name="seconds">How long; the first rounds compile.</param>
    /// <param name="round">Pieces that are measured together.</param>
    /// <returns>The middle of the best half of the rounds: others use the core too.</returns>
    public static OneCore Of(Action work, double seconds, int round)
    {
        var took = new List<double>();
        var until = Stopwatch.GetTimestamp() + (long)(Stopwatch.Frequency * seconds);
        var bytes = 0.0;
        while (Stopwatch.GetTimestamp() < until || took.Count < 3)
        {
            var (began, allocated) = (Stopwatch.GetTimestamp(), GC.GetAllocatedBytesForCurrentThread());
            for (var i = 0; i < round; i++)
                work();
            took.Add(Stopwatch.GetElapsedTime(began).TotalMicroseconds / round);
            bytes = (GC.GetAllocatedBytesForCurrentThread() - allocated) / (double)round;
        }

        return new OneCore(took.Order().ElementAt(took.Count / 4), bytes);
    }
}
