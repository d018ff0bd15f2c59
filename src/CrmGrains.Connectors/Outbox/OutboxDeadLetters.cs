using Npgsql;

namespace CrmGrains.Connectors.Outbox;

/// <summary>What a person can do with commands that were given up on. Safe beside the running outbox, in this process or another.</summary>
/// <param name="database">Where the commands are.</param>
/// <param name="reopened">
/// Called after a command was opened again: <see cref="CrmOutbox.Sweep"/>, where one runs in this process. Elsewhere it is found within
/// half a minute.
/// </param>
public sealed class OutboxDeadLetters(NpgsqlDataSource database, Action reopened)
{
    /// <summary>
    /// Opens the command of a dead letter again, with all its attempts. It may have been carried out, so it is looked for first; where the
    /// record was written for a newer command since, nothing is written.
    /// </summary>
    /// <returns>False where no such dead letter of the queue <c>crm_api_failed_jobs</c> is open.</returns>
    public Task<bool> RetryAsync(long deadLetterId, CancellationToken cancellationToken) =>
        ReopenAsync(OutboxSql.RetryDeadLetter, [new NpgsqlParameter<long>("id", deadLetterId)], cancellationToken);

    /// <summary>Gives the command of a dead letter up for good.</summary>
    /// <returns>False where no such dead letter of the queue <c>crm_api_failed_jobs</c> is open.</returns>
    public Task<bool> DiscardAsync(long deadLetterId, CancellationToken cancellationToken) =>
        ExecuteAsync(OutboxSql.DiscardDeadLetter, [new NpgsqlParameter<long>("id", deadLetterId)], cancellationToken);

    /// <summary>Opens a command again that the CRM had refused as it was, once a person has corrected what it named.</summary>
    /// <returns>False where the workspace has no refused command of that effect key.</returns>
    public Task<bool> RetryRefusedAsync(string workspace, string effectKey, CancellationToken cancellationToken) =>
        ReopenAsync(OutboxSql.RetryRefused, Refused(workspace, effectKey), cancellationToken);

    /// <summary>The same in a transaction of the caller's, who says <see cref="Reopened"/> once it is committed.</summary>
    public static Task<bool> RetryRefusedAsync(NpgsqlConnection connection, string workspace, string effectKey, CancellationToken cancellationToken) =>
        ExecuteAsync(connection, OutboxSql.RetryRefused, Refused(workspace, effectKey), cancellationToken);

    /// <summary>Gives a refused command up for good, in a transaction of the caller's.</summary>
    /// <returns>False where the workspace has no refused command of that effect key.</returns>
    public static Task<bool> DiscardRefusedAsync(NpgsqlConnection connection, string workspace, string effectKey, CancellationToken cancellationToken) =>
        ExecuteAsync(connection, OutboxSql.DiscardRefused, Refused(workspace, effectKey), cancellationToken);

    /// <summary>Calls the outbox of this process for commands that were opened again and are committed.</summary>
    public void Reopened() => reopened();

    private static NpgsqlParameter[] Refused(string workspace, string effectKey) =>
        [new NpgsqlParameter<string>("workspace", workspace), new NpgsqlParameter<string>("effect_key", effectKey)];

    private async Task<bool> ReopenAsync(string sql, NpgsqlParameter[] parameters, CancellationToken cancellationToken)
    {
        if (!await ExecuteAsync(sql, parameters, cancellationToken))
            return false;
        reopened();
        return true;
    }

    private async Task<bool> ExecuteAsync(string sql, NpgsqlParameter[] parameters, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await ExecuteAsync(connection, sql, parameters, cancellationToken);
    }

    private static async Task<bool> ExecuteAsync(
        NpgsqlConnection connection, string sql, NpgsqlParameter[] parameters, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddRange(parameters);
        return await command.ExecuteScalarAsync(cancellationToken) is not null;
    }
}
