using CrmGrains.Checker;
using CrmGrains.Faults.Checks;
using CrmGrains.Faults.Cluster;
using CrmGrains.Faults.Kinds;
using CrmGrains.Faults.Plan;
using CrmGrains.Faults.Traffic;
using CrmGrains.IntegrationTests.Engine;
using Npgsql;
using Xunit.Abstractions;

namespace CrmGrains.IntegrationTests.Faults;

/// <summary>
/// A gateway, three silos, the stand-in CRM and a durable PostgreSQL on a small disk, each a process; the tests of a run share them and
/// strike one after the other. Whatever was done to it before, the whole history must hold.
/// </summary>
public sealed class FaultyCluster : IAsyncLifetime
{
    public const string Name = "faulty cluster";

    private const long DiskBytes = 700L * 1024 * 1024;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    private readonly List<SentDelivery> _earlier = [];
    private FaultCluster? _cluster;
    private int _runs;

    internal FaultCluster Cluster => _cluster ?? throw new InvalidOperationException("The cluster wasn't started.");

    internal PostgresServer Server => Cluster.Server ?? throw new InvalidOperationException("The cluster has no server of its own.");

    internal NpgsqlDataSource Database => Cluster.Database;

    public async Task InitializeAsync() =>
        _cluster = await FaultCluster.StartAsync(new ClusterOptions { DiskBytes = DiskBytes }, CancellationToken.None);

    public async Task DisposeAsync()
    {
        if (_cluster is not null)
            await _cluster.DisposeAsync();
    }

    /// <summary>Traffic, something that is done to it meanwhile, and then everything must be as it should.</summary>
    /// <param name="output">Is told how long events waited.</param>
    /// <param name="strike">What is done, given who sends; healed when it returns.</param>
    /// <returns>Every attempt to deliver.</returns>
    internal async Task<IReadOnlyList<SentDelivery>> RunAsync(ITestOutputHelper output, Func<Vendor, Task> strike)
    {
        using var vendor = new Vendor(Cluster.Gateway.Url);
        using var stop = new CancellationTokenSource();
        using var giveUp = new CancellationTokenSource(Patience * 2);
        var run = ++_runs;
        var sending = new SteadyTraffic(vendor, $"t{run}", run).SendAsync(stop.Token, giveUp.Token);
        var beganAt = TimeProvider.System.GetUtcNow();
        try
        {
            await UntilAsync("the first deliveries", () => Task.FromResult(vendor.Sent.Count > 20));
            await strike(vendor);
            Assert.Empty(Cluster.Died());
        }
        finally
        {
            await Cluster.HealAsync(CancellationToken.None);
            await stop.CancelAsync();
            await sending;
            _earlier.AddRange(vendor.Sent.Select(Shifted));
        }

        Assert.Null(await Drain.WaitAsync(Database, Patience, CancellationToken.None));
        var report = await RunCheck.RunAsync(Cluster, _earlier, isDrained: true, CancellationToken.None);
        var longest = await Recovery.LongestWaitMsAsync(Database, beganAt, TimeProvider.System.GetUtcNow(), CancellationToken.None);
        output.WriteLine($"{report}\nThe longest wait of an event: {longest:0} ms.");
        if (!report.IsClean)
            Cluster.KeepFolder();
        Assert.True(report.IsClean, $"{report}\nLogs and data are in {Cluster.Folder}");
        Assert.Equal(0, vendor.RefusedWithoutWait);
        Assert.DoesNotContain(vendor.Sent, sent => sent.Status is not (null or 202 or 503));
        return vendor.Sent;
    }

    /// <summary>A kind of fault, at once.</summary>
    internal Task StrikeAsync(string kind, int silo = 0, double seconds = 0, double draw = 0.5) =>
        FaultKinds.All.Single(one => one.Name == kind).StrikeAsync(
            Cluster, new Strike(TimeSpan.Zero, kind, silo, TimeSpan.FromSeconds(seconds), draw), CancellationToken.None);

    /// <summary>Asks again until it is so.</summary>
    /// <param name="missing">What a failing test says.</param>
    internal static async Task UntilAsync(string missing, Func<Task<bool>> isSo)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!await IsSoAsync())
        {
            Assert.True(
                TimeProvider.System.GetElapsedTime(began) < Patience, $"Waited {Patience.TotalSeconds} seconds in vain for: {missing}.");
            await Task.Delay(Look, TimeProvider.System);
        }

        async Task<bool> IsSoAsync()
        {
            try
            {
                return await isSo();
            }
            catch (NpgsqlException)
            {
                return false;
            }
        }
    }

    /// <summary>
    /// Waits for something that a silo does once it is needed, while the others hang: it may have nothing to do for as long as they keep up.
    /// </summary>
    internal async Task WithOnlyAsync(SiloSlot silo, string missing, Func<Task<bool>> isSo)
    {
        var others = Cluster.Silos.Where(other => other != silo).ToList();
        try
        {
            others.ForEach(other => other.Process.Freeze());
            await UntilAsync(missing, isSo);
        }
        finally
        {
            others.ForEach(other => other.Process.Thaw());
        }
    }

    /// <summary>Waits until so many more turns were committed.</summary>
    internal async Task MoreTurnsAsync(int count)
    {
        long? before = null;
        // PostgreSQL may be replaying its log still.
        await UntilAsync("an answer of PostgreSQL", async () => (before = await TurnsAsync()) is not null);
        await UntilAsync($"{count} more turns", async () => await TurnsAsync() >= before + count);
    }

    internal Task<long> TurnsAsync() => Database.ValueAsync<long>("SELECT count(*) FROM ledger");

    /// <summary>What PostgreSQL said.</summary>
    internal string ServerLog() => File.ReadAllText(Path.Combine(Cluster.Folder, "postgres.log"));

    // Each vendor's clock begins with itself; those of earlier runs have ended before the next began.
    private SentDelivery Shifted(SentDelivery sent)
    {
        var day = TimeSpan.FromDays(_runs);
        return sent with { SentAt = sent.SentAt + day, AnsweredAt = sent.AnsweredAt + day };
    }
}

/// <summary>Tests that share the cluster, one after the other.</summary>
[CollectionDefinition(FaultyCluster.Name)]
public sealed class FaultyClusterTests : ICollectionFixture<FaultyCluster>;
