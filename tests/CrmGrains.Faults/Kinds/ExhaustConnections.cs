using CrmGrains.Faults.Cluster;
using CrmGrains.Faults.Plan;
using Npgsql;

namespace CrmGrains.Faults.Kinds;

/// <summary>Somebody else takes every connection that is left, and those that the hosts lose meanwhile.</summary>
internal sealed class ExhaustConnections : Fault
{
    private const string TooMany = "53300";
    private const string TerminateSome = """
        SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name LIKE 'crmgrains%' AND random() < 0.5
        """;

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    public override string Name => "connections";

    public override string Description => "max_connections is used up by somebody else, and sessions are ended";

    public override FaultTarget Target => FaultTarget.Server;

    public override TimeSpan Shortest => TimeSpan.FromSeconds(1);

    public override TimeSpan Longest => TimeSpan.FromSeconds(5);

    public override Task StrikeAsync(FaultCluster cluster, Strike strike, CancellationToken cancellationToken) =>
        AloneAsync(cluster.ServerTurn, () => ExhaustAsync(cluster, strike.Length, cancellationToken), cancellationToken);

    private static async Task ExhaustAsync(FaultCluster cluster, TimeSpan length, CancellationToken cancellationToken)
    {
        var plain = new NpgsqlConnectionStringBuilder(cluster.ConnectionString)
        {
            Pooling = false, ApplicationName = "somebody else",
        }.ConnectionString;
        var taken = new List<NpgsqlConnection>();
        try
        {
            await TakeAllAsync(plain, taken, cancellationToken);
            // What is idle in the hosts' pools would carry them through.
            await using (var terminate = cluster.Database.CreateCommand(TerminateSome))
                await terminate.ExecuteNonQueryAsync(cancellationToken);
            var began = TimeProvider.System.GetTimestamp();
            while (TimeProvider.System.GetElapsedTime(began) < length)
            {
                await TakeAllAsync(plain, taken, cancellationToken);
                await Task.Delay(Look, TimeProvider.System, cancellationToken);
            }
        }
        finally
        {
            foreach (var connection in taken)
                await connection.DisposeAsync();
        }
    }

    private static async Task TakeAllAsync(string connectionString, List<NpgsqlConnection> taken, CancellationToken cancellationToken)
    {
        while (taken.Count < PostgresServer.MaxConnections)
        {
            var connection = new NpgsqlConnection(connectionString);
            try
            {
                await connection.OpenAsync(cancellationToken);
                taken.Add(connection);
            }
            catch (PostgresException exception) when (exception.SqlState == TooMany)
            {
                await connection.DisposeAsync();
                return;
            }
        }
    }
}
