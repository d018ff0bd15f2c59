using CrmGrains.Faults.Cluster;
using CrmGrains.Faults.Traffic;

namespace CrmGrains.Faults.Versions;

/// <summary>Runs the previous version under traffic, on a database of its own schema, and notes what it asks of PostgreSQL.</summary>
internal static class StatementRecording
{
    private static readonly string[] Prepared = ["SELECT", "INSERT", "UPDATE", "DELETE", "WITH"];
    private static readonly TimeSpan Sending = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static async Task<StatementFile> RecordAsync(TextWriter progress, CancellationToken cancellationToken)
    {
        var (version, obstacle) = await PreviousVersion.FindAsync(cancellationToken);
        if (version is null)
            throw new ClusterException($"There is no previous version: {obstacle}. Name one with {PreviousVersion.Variable}.");
        var source = Directory.CreateTempSubdirectory("crmgrains-previous-");
        try
        {
            await progress.WriteLineAsync($"Building {version.Commit} ...");
            var assembly = await version.BuildAsync(source.FullName, cancellationToken);
            await using var cluster = await FaultCluster.StartAsync(
                new ClusterOptions { Silos = 0, Assembly = assembly, IsRecorded = true }, cancellationToken);
            await progress.WriteLineAsync("Running it ...");
            // Twice, since the second one takes over what the first one had.
            for (var round = 0; round < 2; round++)
                await SendAsync(cluster, assembly, round, cancellationToken);
            return new StatementFile(StatementFile.Command, version.Commit, await TextsAsync(cluster, cancellationToken));
        }
        finally
        {
            source.Delete(recursive: true);
        }
    }

    private static async Task SendAsync(FaultCluster cluster, string assembly, int round, CancellationToken cancellationToken)
    {
        await using var host = await cluster.StartHostAsync(
            $"all-{round}", "all", new Dictionary<string, string>(), cancellationToken, link: null, assembly);
        using var vendor = new Vendor(host.Url);
        using var stop = new CancellationTokenSource(Sending, TimeProvider.System);
        await new SteadyTraffic(vendor, $"s{round}", round).SendAsync(stop.Token, cancellationToken);
        if (await Drain.WaitAsync(cluster.Database, Patience, cancellationToken) is { } left)
            throw new ClusterException($"The previous version didn't finish: {left}");
    }

    private static async Task<IReadOnlyList<StatementText>> TextsAsync(FaultCluster cluster, CancellationToken cancellationToken)
    {
        var names = new Dictionary<uint, string>();
        await using (var command = cluster.Database.CreateCommand(
            "SELECT oid, CASE oid WHEN 0 THEN 'unknown' ELSE oid::regtype::text END FROM pg_type"))
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
                names[reader.GetFieldValue<uint>(0)] = reader.GetString(1);
        }

        return
        [
            .. cluster.Recorded.Where(one => Array.Exists(Prepared, word => one.Sql.TrimStart().StartsWith(word, StringComparison.Ordinal)))
                // What the driver asks about the server's types is its own.
                .Where(one => !one.Sql.Contains("pg_catalog", StringComparison.Ordinal)
                    && !one.Sql.Contains("FROM pg_", StringComparison.Ordinal))
                .Select(one => new StatementText(one.Sql, [.. one.Types.Select(type => names.GetValueOrDefault(type, "unknown"))])),
        ];
    }
}
