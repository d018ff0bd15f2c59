using Npgsql;

namespace CrmGrains.Runtime.Storage;

/// <summary>The connections through which batches of turns run.</summary>
public sealed class EngineDatabase : IAsyncDisposable
{
    /// <summary>What PostgreSQL calls the sessions.</summary>
    internal const string SessionName = "crmgrains-silo";

    private const int HungBatchMs = 5_000;

    /// <summary>A silo that hangs in the middle of a batch loses its session, and with it its locks, after this long.</summary>
    internal static readonly TimeSpan HungBatch = TimeSpan.FromMilliseconds(HungBatchMs);

    private const int StatementMs = 60_000;

    private const int ConnectSeconds = 5;

    /// <summary>Opens the pool.</summary>
    /// <param name="connectionString">Of the server; timeouts and preparation are set here.</param>
    /// <param name="maxConnections">Upper bound of the pool.</param>
    public EngineDatabase(string connectionString, int maxConnections)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString)
        {
            ApplicationName = SessionName,
            MaxPoolSize = maxConnections,
            MaxAutoPrepare = 64,
            AutoPrepareMinUsages = 2,
            NoResetOnClose = true,
            KeepAlive = 0,
            Timeout = ConnectSeconds,

            // Every step of a batch goes from a few rows to an index; statistics of tables that fill and empty in seconds must not
            // talk the planner into anything else. With one plan possible, planning each call anew only costs: popping a small batch took
            // four times as long to plan as to run.
            Options = $"{new NpgsqlConnectionStringBuilder(connectionString).Options} -c idle_in_transaction_session_timeout={HungBatchMs} -c statement_timeout={StatementMs} -c tcp_user_timeout={HungBatchMs}"
                + " -c tcp_keepalives_idle=3 -c tcp_keepalives_interval=1 -c tcp_keepalives_count=3"
                + " -c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off -c plan_cache_mode=force_generic_plan -c jit=off",
        };
        Source = NpgsqlDataSource.Create(settings.WithTcpKeepalive());
    }

    /// <summary>The pool.</summary>
    public NpgsqlDataSource Source { get; }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Source.DisposeAsync();
}
