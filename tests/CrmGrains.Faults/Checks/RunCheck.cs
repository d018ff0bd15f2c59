using CrmGrains.Checker;
using CrmGrains.Faults.Cluster;
using CrmGrains.Host.Configuration;
using Npgsql;

namespace CrmGrains.Faults.Checks;

/// <summary>Holds what a run left against the engine's laws.</summary>
internal static class RunCheck
{
    /// <param name="sent">Every attempt on this database, of which the database holds nothing but this.</param>
    /// <param name="isDrained">Whether nothing should be left to do.</param>
    public static async Task<CheckReport> RunAsync(
        FaultCluster cluster, IReadOnlyList<SentDelivery> sent, bool isDrained, CancellationToken cancellationToken)
    {
        using var stored = await ReadAsync(cluster.Database, sent, cancellationToken);
        using var sandbox = new HttpClient { BaseAddress = new Uri(cluster.Sandbox.Url) };
        var history = stored with { Crm = await CrmReader.ReadAsync(sandbox, cancellationToken) };
        var file = WorkspaceFile.Parse(cluster.WorkspaceFile, await File.ReadAllTextAsync(cluster.WorkspaceFile, cancellationToken));
        var replay = new GrainReplay(history, (_, hash) => file.Configuration is { } known && known.Hash == hash ? known : null);
        return HistoryChecker.Check(history, new CheckOptions { IsDrained = isDrained, Fold = replay.Fold });
    }

    // Sessions that were opened while the server was going down fail at their first use.
    private static async Task<History> ReadAsync(
        NpgsqlDataSource database, IReadOnlyList<SentDelivery> sent, CancellationToken cancellationToken)
    {
        database.Clear();
        return await HistoryReader.ReadAsync(database, sent, cancellationToken);
    }
}
