using CrmGrains.Faults.Cluster;
using CrmGrains.Faults.Plan;
using Npgsql;

namespace CrmGrains.Faults.Kinds;

/// <summary><c>pg_terminate_backend</c> of some of the hosts' sessions, again and again.</summary>
internal sealed class TerminateBackends : Fault
{
    private const string Terminate = """
        SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
        WHERE application_name LIKE 'crmgrains%' AND datname = current_database() AND random() < $1
        """;

    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(150);

    public override string Name => "terminate";

    public override string Description => "pg_terminate_backend of some sessions, several times";

    public override FaultTarget Target => FaultTarget.Sessions;

    public override TimeSpan Shortest => TimeSpan.FromSeconds(0.3);

    public override TimeSpan Longest => TimeSpan.FromSeconds(3);

    public override async Task StrikeAsync(FaultCluster cluster, Strike strike, CancellationToken cancellationToken)
    {
        // From a few to all of them.
        var share = 0.1 + (strike.Draw * strike.Draw);
        var began = TimeProvider.System.GetTimestamp();
        do
        {
            await TerminateAsync(cluster, share, cancellationToken);
            await Task.Delay(Between, TimeProvider.System, cancellationToken);
        }
        while (TimeProvider.System.GetElapsedTime(began) < strike.Length);
    }

    private static async Task TerminateAsync(FaultCluster cluster, double share, CancellationToken cancellationToken)
    {
        try
        {
            await using var command = cluster.Database.CreateCommand(Terminate);
            command.Parameters.Add(new NpgsqlParameter<double> { TypedValue = share });
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
        catch (NpgsqlException)
        {
            // Another fault has stopped PostgreSQL, and all sessions with it.
        }
    }
}
