using CrmGrains.Runtime.Storage;
using Npgsql;
using NpgsqlTypes;

namespace CrmGrains.Runtime.DeadLetters;

/// <summary>What a person does with messages that were given up on.</summary>
public static class TurnDeadLetters
{
    private const string RetrySql = """
        WITH ended AS (
            UPDATE dead_letter SET ended_at = now(), resolution = 'retried'
            WHERE id = $1 AND queue = 'turns' AND ended_at IS NULL
            RETURNING workspace, partition, grain, kind, event_id, body)
        INSERT INTO message (partition, workspace, grain, kind, event_id, body)
        SELECT partition, workspace, grain, kind, event_id, body FROM ended
        """;

    private const string DiscardSql =
        "UPDATE dead_letter SET ended_at = now(), resolution = 'discarded' WHERE id = $1 AND queue = 'turns' AND ended_at IS NULL";

    /// <summary>Sends the message once more, at the end of its mailbox.</summary>
    /// <returns>False where there is no such open dead letter.</returns>
    public static Task<bool> RetryAsync(NpgsqlDataSource database, long id, CancellationToken cancellationToken) =>
        ExecuteAsync(database, RetrySql, id, cancellationToken);

    /// <summary>Ends it without a retry.</summary>
    /// <returns>False where there is no such open dead letter.</returns>
    public static Task<bool> DiscardAsync(NpgsqlDataSource database, long id, CancellationToken cancellationToken) =>
        ExecuteAsync(database, DiscardSql, id, cancellationToken);

    private static async Task<bool> ExecuteAsync(NpgsqlDataSource database, string sql, long id, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(sql);
        command.Parameters.With(NpgsqlDbType.Bigint, id);
        return await command.ExecuteNonQueryAsync(cancellationToken) > 0;
    }
}
