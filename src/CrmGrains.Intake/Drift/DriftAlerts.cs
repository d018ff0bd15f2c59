using CrmGrains.Runtime.Storage;
using Npgsql;

namespace CrmGrains.Intake.Drift;

/// <summary>What a person does about changed shapes, and what a mended map does by itself.</summary>
public static class DriftAlerts
{
    // What is released at once; the rest follows, so that no transaction grows with the number of those held.
    private const int MaxReleased = 2_000;

    /// <summary>Takes a change for usual and sends the deliveries that only it held through the queue again, in their order, each once.</summary>
    /// <param name="database">Where alerts are.</param>
    /// <param name="id">The alert.</param>
    /// <param name="workspace">The only workspace whose alerts there are for whoever accepts it; null: all.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>False where there is no such open alert.</returns>
    public static async Task<bool> AcceptAsync(NpgsqlDataSource database, Guid id, string? workspace, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var found = await FindAsync(connection, id, workspace, cancellationToken);
        if (found is not var (owner, source))
            return false;
        await using var batch = new NpgsqlBatch(connection, transaction);
        batch.BatchCommands.Add(DriftStore.Lock([(owner, source)]));
        var accept = new NpgsqlBatchCommand(DriftSql.Accept);
        accept.Parameters.With(NpgsqlTypes.NpgsqlDbType.Uuid, id);
        batch.BatchCommands.Add(accept);
        batch.BatchCommands.Add(Release(owner, source, changedTo: null));
        await batch.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);

        // Of two who press at once the second finds it ended.
        return accept.RecordsAffected > 0;
    }

    /// <summary>Ends what earlier versions of a source's map have raised and held, and what is held by nothing any more.</summary>
    internal static async Task<int> SettleAsync(
        NpgsqlDataSource database, string workspace, string source, string version, CancellationToken cancellationToken)
    {
        await using var batch = database.CreateBatch();
        batch.BatchCommands.Add(DriftStore.Lock([(workspace, source)]));
        var end = new NpgsqlBatchCommand(DriftSql.EndOfVersion);
        end.Parameters.Text(workspace).Text(source).Text(version);
        batch.BatchCommands.Add(end);
        batch.BatchCommands.Add(Release(workspace, source, version));
        await batch.ExecuteNonQueryAsync(cancellationToken);
        return (int)(end.RecordsAffected + batch.BatchCommands[2].RecordsAffected);
    }

    private static NpgsqlBatchCommand Release(string workspace, string source, string? changedTo)
    {
        var release = new NpgsqlBatchCommand(DriftSql.Release);
        release.Parameters.Text(workspace).Text(source).Text(changedTo).Int(MaxReleased);
        return release;
    }

    private static async Task<(string Workspace, string Source)?> FindAsync(
        NpgsqlConnection connection, Guid id, string? workspace, CancellationToken cancellationToken)
    {
        await using var find = new NpgsqlCommand(DriftSql.Find, connection);
        find.Parameters.With(NpgsqlTypes.NpgsqlDbType.Uuid, id).Text(workspace);
        await using var reader = await find.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? (reader.GetString(0), reader.GetString(1)) : null;
    }
}
