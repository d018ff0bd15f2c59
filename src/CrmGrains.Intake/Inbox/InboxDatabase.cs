using CrmGrains.Runtime.Storage;
using Npgsql;

namespace CrmGrains.Intake.Inbox;

/// <summary>The connections through which deliveries are stored; apart from those of the API, so that no report keeps a sender waiting.</summary>
public sealed class InboxDatabase : IAsyncDisposable
{
    // One commits, one looks up the queue of a source that is new here, one replaces a broken one.
    private const int Connections = 3;

    // A statement that has had its time is canceled over another connection, and where the server is gone without a word that one waits so
    // long too: with the usual 15 seconds the next senders waited as long to be told to come again.
    private const int ConnectSeconds = 3;

    /// <summary>Opens the pool.</summary>
    public InboxDatabase(string connectionString)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString)
        {
            ApplicationName = "crmgrains-inbox", MaxPoolSize = Connections, MaxAutoPrepare = 8, AutoPrepareMinUsages = 2, NoResetOnClose = true,
            Timeout = ConnectSeconds,

            // The plan is the same for one delivery and for five hundred: made anew for each commit, as PostgreSQL likes to for small arrays,
            // it takes longer than the insert.
            Options = $"{new NpgsqlConnectionStringBuilder(connectionString).Options} -c plan_cache_mode=force_generic_plan -c jit=off"
                + " -c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off",
        };
        Source = NpgsqlDataSource.Create(settings.WithTcpKeepalive());
    }

    /// <summary>The pool.</summary>
    public NpgsqlDataSource Source { get; }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Source.DisposeAsync();
}
