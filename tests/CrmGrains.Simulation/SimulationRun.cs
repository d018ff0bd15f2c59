using CrmGrains.Simulation.Checks;
using CrmGrains.Simulation.Scheduling;
using CrmGrains.Simulation.Store;
using CrmGrains.Simulation.World;

namespace CrmGrains.Simulation;

/// <summary>What one seed came to.</summary>
/// <param name="Seed">Repeats it exactly.</param>
/// <param name="Violations">All that is wrong; none where the engine kept its promises.</param>
/// <param name="Steps">Continuations that were run.</param>
/// <param name="Turns">Ledger entries.</param>
/// <param name="Fingerprint">Of all that happened, in order.</param>
/// <param name="LastSteps">The end of the trace.</param>
public sealed record SimulationResult(
    long Seed, IReadOnlyList<string> Violations, long Steps, int Turns, ulong Fingerprint, IReadOnlyList<string> LastSteps)
{
    /// <summary>Whether nothing is wrong.</summary>
    public bool IsClean => Violations.Count == 0;

    /// <summary>For people: what is wrong, and what happened last.</summary>
    public override string ToString() => IsClean
        ? $"Seed {Seed}: {Steps} steps, {Turns} turns, nothing wrong."
        : string.Join('\n', LastSteps.Concat([$"Seed {Seed}, after {Steps} steps and {Turns} turns:"]).Concat(Violations.Take(20)));
}

/// <summary>Runs the engine through one seed's world: its faults, then its peace, then its laws.</summary>
public static class SimulationRun
{
    private const int MostSteps = 400_000;
    private const int LinesKept = 120;

    private static readonly TimeSpan LongestStorm = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan LongestDrain = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan LongestStop = TimeSpan.FromMinutes(1);

    /// <summary>Runs a seed.</summary>
    /// <param name="seed">Decides everything.</param>
    /// <param name="planted">Bugs that it shall find.</param>
    /// <param name="linesKept">Lines of the trace that are kept.</param>
    public static SimulationResult Run(long seed, Planted planted = Planted.None, int linesKept = LinesKept)
    {
        var trace = new Trace(linesKept);
        var scheduler = new Scheduler(new Chance((ulong)seed).Of("order"), trace);
        using var world = new SimulatedWorld((ulong)seed, scheduler, planted);
        var violations = new List<string>();
        try
        {
            if (Play(world, scheduler) is { } failure)
                violations.Add(failure);
            else
                violations.AddRange(WorldLaws.Check(world));
        }
        catch (Exception exception)
        {
            violations.Add($"The run broke: {exception}");
        }

        return new SimulationResult(
            seed, violations, scheduler.Steps, world.Database.Ledger.Values.Sum(chain => chain.Count), trace.Fingerprint, [.. trace.Lines]);
    }

    private static string? Play(SimulatedWorld world, Scheduler scheduler)
    {
        var marks = new MarkWatch(world);
        bool Until(Func<bool> isSo, TimeSpan atMost) => scheduler.RunUntil(isSo, marks.Watch, MostSteps, atMost);

        if (!Until(() => world.IsCalm && world.Senders.AreDone, LongestStorm))
            return Fault("The faults and the senders didn't come to their end");
        if (!Until(() => world.IsDrained, LongestDrain))
            return Fault($"Something is left to do: {Left(world)}");
        foreach (var silo in world.Silos)
            silo.Stop();
        return Until(() => world.Silos.All(silo => silo.HasStopped), LongestStop) ? null
            : Fault($"{string.Join(", ", world.Silos.Where(silo => !silo.HasStopped).Select(silo => silo.Process.Name))} can't be stopped");

        string Fault(string what) => marks.Fault ?? scheduler.Fault ?? $"{what}, after {scheduler.Elapsed.TotalSeconds:F0} s.";
    }

    private static string Left(SimulatedWorld world) => string.Join(", ", world.Database.Messages.Where(row => row.IsAlive).Take(10)
        .Select(row => $"message {row.Id} in {row.Partition}")
        .Concat(world.Database.Timers.Where(row => row.IsAlive).Take(5)
            .Select(row => $"timer {row.Name} of {row.Grain} due at {row.DueAt:O}")));
}
