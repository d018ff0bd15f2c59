using System.CommandLine;
using System.Diagnostics;
using CrmGrains.Simulation.Store;

namespace CrmGrains.Simulation;

/// <summary><c>simulate --seeds 10000 [--seed N]</c>: runs seeds, prints the first that fails with its last steps.</summary>
public static class SimulateCommand
{
    private const int SeedsAtOnce = 64;
    private static readonly TimeSpan BetweenProgress = TimeSpan.FromSeconds(10);

    /// <summary>The command; add it to a root command.</summary>
    public static Command Create()
    {
        var seeds = new Option<int>("--seeds") { Description = "How many seeds are run, from --seed on.", DefaultValueFactory = _ => 200 };
        var seed = new Option<long>("--seed") { Description = "The first one.", DefaultValueFactory = _ => 1 };
        var lines = new Option<int>("--trace") { Description = "Steps shown of a seed that fails.", DefaultValueFactory = _ => 120 };
        var planted = new Option<Planted>("--planted") { Description = "Bugs to put into the store, to see them found." };
        var command = new Command(
            "simulate", "Runs the engine on one thread with seeded time, order and faults. Exit code 1 if a seed fails.")
        {
            seeds, seed, lines, planted,
        };
        command.SetAction((parsed, stop) => Task.FromResult(Run(
            parsed.GetValue(seed), parsed.GetValue(seeds), parsed.GetValue(lines), parsed.GetValue(planted), Console.Out, stop)));
        return command;
    }

    private static int Run(long first, int count, int lines, Planted planted, TextWriter output, CancellationToken stop)
    {
        var began = Stopwatch.GetTimestamp();
        var (steps, turns, ran, told) = (0L, 0L, 0, began);
        while (ran < count && !stop.IsCancellationRequested)
        {
            // Each seed has a thread to itself; several run side by side.
            var results = new SimulationResult[Math.Min(SeedsAtOnce, count - ran)];
            Parallel.For(0, results.Length, place => results[place] = SimulationRun.Run(first + ran + place, planted, lines));
            ran += results.Length;
            steps += results.Sum(result => result.Steps);
            turns += results.Sum(result => result.Turns);
            if (Stopwatch.GetElapsedTime(told) >= BetweenProgress)
            {
                told = Stopwatch.GetTimestamp();
                Console.Error.WriteLine($"{ran} of {count} seeds ...");
            }

            if (Array.Find(results, result => !result.IsClean) is not { } failed)
                continue;
            output.WriteLine(failed);
            output.WriteLine($"Repeat it: simulate --seed {failed.Seed} --seeds 1");
            return 1;
        }

        var took = Stopwatch.GetElapsedTime(began);
        output.WriteLine(
            $"{ran} seeds, {turns} turns, {steps} steps in {took.TotalSeconds:F1} s"
            + $" ({ran / took.TotalSeconds:F0} seeds/s): nothing wrong.");
        return 0;
    }
}
