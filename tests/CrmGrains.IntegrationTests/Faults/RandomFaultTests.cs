using CrmGrains.Faults;
using CrmGrains.Faults.Kinds;
using Xunit.Abstractions;

namespace CrmGrains.IntegrationTests.Faults;

/// <summary>Runs of the program, with every kind of fault that this machine allows.</summary>
public sealed class RandomFaultTests(ITestOutputHelper output)
{
    [Fact]
    public Task Random_faults_of_all_kinds_violate_nothing() => RunAsync(seed: 1, seconds: 15);

    [Theory]
    [Trait("Category", "Long")]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public Task Neither_do_those_of_other_seeds(int seed) => RunAsync(seed, seconds: 60);

    private async Task RunAsync(int seed, int seconds)
    {
        await using var progress = new StringWriter();

        var report = await FaultRun.RunAsync(
            new RunOptions { Seed = seed, Seconds = seconds, Kinds = FaultKinds.All, Rate = 40 }, progress, CancellationToken.None);

        output.WriteLine($"{progress}{report}");
        Assert.True(report.IsClean, $"{progress}{report}");
        Assert.True(report.Found.Acknowledged > 0 && report.Struck.Count > 0, "Nothing was sent, or no fault struck.");
    }
}
