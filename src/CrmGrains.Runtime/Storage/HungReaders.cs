using Npgsql;
using NpgsqlTypes;

namespace CrmGrains.Runtime.Storage;

/// <summary>
/// The sessions of silos that haven't read on in the middle of an answer: they aren't idle, a statement's timeout doesn't reach them, and
/// where the way is a Unix socket nothing else does.
/// </summary>
internal static class HungReaders
{
    private const string Sql = $"""
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND usename = current_user AND application_name = '{EngineDatabase.SessionName}'
          AND state = 'active' AND wait_event = 'ClientWrite' AND query_start < clock_timestamp() - $1
        """;

    /// <summary>Ends them. A silo that was only slow has its batch rolled back and takes it once more.</summary>
    public static NpgsqlBatchCommand End()
    {
        var end = new NpgsqlBatchCommand(Sql);
        end.Parameters.With(NpgsqlDbType.Interval, EngineDatabase.HungBatch);
        return end;
    }
}
