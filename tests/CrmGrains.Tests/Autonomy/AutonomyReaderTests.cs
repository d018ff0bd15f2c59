using CrmGrains.Core.Configuration;
using CrmGrains.Host.Configuration.Reading;

namespace CrmGrains.Tests.Autonomy;

public sealed class AutonomyReaderTests
{
    [Fact]
    public void What_is_left_out_is_as_usual() => Assert.Equal(new AutonomyPolicy(), AutonomyReader.Read(null));

    [Fact]
    public void What_is_written_counts()
    {
        var (policy, faults) = Read("min_decisions: 20\nmin_lower_bound: 0.9\ndemote_below: 0.5\nwindow: 30d");

        Assert.Empty(faults);
        Assert.Equal(new AutonomyPolicy { MinDecisions = 20, MinLowerBound = 0.9, DemoteBelow = 0.5, Window = TimeSpan.FromDays(30) }, policy);
    }

    [Fact]
    public void Every_fault_is_told_with_its_line()
    {
        var (_, faults) = Read("min_decisions: 0\nmin_lower_bound: 95\nwindow: 1d\nodd: 1");

        Assert.Equal([1, 2, 3, 4], faults.Order());
    }

    private static (AutonomyPolicy Policy, IReadOnlyList<int> FaultLines) Read(string yaml)
    {
        var faults = new FaultList("test.yaml");
        var root = YamlTree.Read(yaml, faults);
        return (AutonomyReader.Read(root is null ? null : new Value(root, "", faults)), [.. faults.InOrder().Select(fault => fault.Line)]);
    }
}
