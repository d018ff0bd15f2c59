using System.Globalization;
using CrmGrains.Simulation;
using CrmGrains.Simulation.Store;

namespace CrmGrains.Tests.Simulation;

public sealed class SimulationTests
{
    private const int Seeds = 200;

    /// <summary>More seeds, or others: SIMULATION_SEEDS=10000 SIMULATION_FIRST_SEED=1.</summary>
    [Fact]
    public void The_engine_keeps_its_promises_whatever_fails_and_in_whatever_order_things_happen()
    {
        var results = Run(Planted.None, Setting("SIMULATION_FIRST_SEED", 1), (int)Setting("SIMULATION_SEEDS", Seeds));

        Assert.True(results.All(result => result.IsClean), results.FirstOrDefault(result => !result.IsClean)?.ToString());
        Assert.True(results.Sum(result => result.Turns) > results.Count * 50, "The seeds' worlds hardly do anything.");
    }

    [Theory]
    [InlineData(7)]
    [InlineData(52)]
    public void A_seed_repeats_exactly(long seed)
    {
        var first = SimulationRun.Run(seed);
        var second = SimulationRun.Run(seed);

        Assert.Equal(first.Fingerprint, second.Fingerprint);
        Assert.Equal(first.Steps, second.Steps);
        Assert.Equal(first.LastSteps, second.LastSteps);
    }

    [Theory]
    [InlineData(Planted.RowLocksAreIgnored)]
    [InlineData(Planted.MarksMoveUnproven)]
    [InlineData(Planted.CandidatesAreTooHigh)]
    [InlineData(Planted.CachesAreKept)]
    [InlineData(Planted.HeadsAreStale)]
    [InlineData(Planted.CommitsAreDropped)]
    [InlineData(Planted.PopsAreNotRolledBack)]
    [InlineData(Planted.FullMailboxesAreIdle)]
    [InlineData(Planted.StatesAreNotRolledBack)]
    public void A_planted_bug_is_found(Planted bug)
    {
        for (var seed = 1; seed <= Seeds; seed++)
        {
            if (!SimulationRun.Run(seed, bug, linesKept: 0).IsClean)
                return;
        }

        Assert.Fail($"{bug} goes unnoticed.");
    }

    private static IReadOnlyList<SimulationResult> Run(Planted planted, long first, int count)
    {
        var results = new SimulationResult[count];
        Parallel.For(0, count, place => results[place] = SimulationRun.Run(first + place, planted));
        return results;
    }

    private static long Setting(string name, long otherwise) =>
        long.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var value) ? value : otherwise;
}
