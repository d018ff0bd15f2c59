using System.Text.Json;
using CrmGrains.Core.Grains;
using CrmGrains.Core.Json;
using CrmGrains.Runtime.Mailboxes;
using CrmGrains.Runtime.Storage;
using Npgsql;
using NpgsqlTypes;

namespace CrmGrains.Intake.Identity;

/// <summary>What asking for a merge, or for undoing one, came to. A closed set.</summary>
public abstract record MergeOutcome
{
    private MergeOutcome() { }

    /// <summary>It is done once the transaction is committed, and the absorbed customer is told.</summary>
    /// <param name="Merge">The merge's id.</param>
    /// <param name="Absorbed">Key of the customer who went into the other one.</param>
    /// <param name="Survivor">Key of the other one.</param>
    /// <param name="Message">To be sent in the same transaction.</param>
    public sealed record Done(Guid Merge, string Absorbed, string Survivor, OutgoingMessage Message) : MergeOutcome;

    /// <summary>Nothing was done.</summary>
    /// <param name="Code">A stable name.</param>
    /// <param name="Detail">What is in the way and what to do.</param>
    public sealed record Refused(string Code, string Detail) : MergeOutcome;
}

/// <summary>
/// Merges customers and undoes it: moves the identifiers and tells the absorbed grain, which tells the survivor, in one transaction of the
/// caller's, who has taken <see cref="LockAsync"/> before. Merges form a tree: whoever was absorbed absorbs nobody and isn't absorbed again.
/// </summary>
public static class CustomerMerges
{
    private const string FindSql = """
        WITH RECURSIVE way (customer, hops) AS (
            SELECT $3, 0
            UNION ALL
            SELECT m.survivor, w.hops + 1 FROM way w
            JOIN customer_merge m ON m.workspace = $1 AND m.absorbed = w.customer AND m.undone_at IS NULL
            WHERE w.hops < 100)
        SELECT (SELECT customer FROM way ORDER BY hops DESC LIMIT 1),
               (SELECT m.survivor FROM customer_merge m WHERE m.workspace = $1 AND m.absorbed = $2 AND m.undone_at IS NULL)
        """;

    private const string MergeSql = """
        WITH merged AS (
            INSERT INTO customer_merge (id, workspace, absorbed, survivor, reason, event_id) VALUES ($1, $2, $3, $4, $5, $6)),
        moved AS (
            UPDATE identity SET customer = $4 WHERE workspace = $2 AND customer = $3 RETURNING kind, value)
        INSERT INTO identity_move (merge_id, workspace, kind, value) SELECT $1, $2, kind, value FROM moved
        """;

    private const string FindUndoSql = """
        SELECT m.id, m.survivor,
               (SELECT n.survivor FROM customer_merge n WHERE n.workspace = $1 AND n.absorbed = m.survivor AND n.undone_at IS NULL)
        FROM customer_merge m WHERE m.workspace = $1 AND m.absorbed = $2 AND m.undone_at IS NULL
        """;

    private const string UndoSql = """
        WITH undone AS (UPDATE customer_merge SET undone_at = now() WHERE id = $1)
        UPDATE identity i SET customer = $3
        FROM identity_move m
        WHERE m.merge_id = $1 AND i.workspace = $2 AND i.kind = m.kind AND i.value = m.value AND i.customer = $4
        """;

    /// <summary>Keeps everything else that changes whom identifiers belong to away from the workspaces, until the transaction ends.</summary>
    public static async Task LockAsync(NpgsqlConnection connection, IEnumerable<string> workspaces, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(IdentityLock.Alone(workspaces));
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Merges one customer into another one; where that one was absorbed itself, into whoever has it.</summary>
    /// <param name="connection">In the transaction.</param>
    /// <param name="workspace">Of both.</param>
    /// <param name="absorbed">Key of the customer who goes.</param>
    /// <param name="into">Key of the customer who stays.</param>
    /// <param name="reason">Who asked for it: <c>person</c> or <c>crm</c>.</param>
    /// <param name="eventId">The event that told of it.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<MergeOutcome> MergeAsync(
        NpgsqlConnection connection, string workspace, string absorbed, string into, string reason, Guid? eventId, CancellationToken cancellationToken)
    {
        var (survivor, standing) = await FindAsync(connection, workspace, absorbed, into, cancellationToken);
        if (survivor == absorbed)
            return new MergeOutcome.Refused("merged_the_other_way", $"Customer {into} is {absorbed} already, or is the same. Undo that merge first.");
        if (standing is not null)
            return new MergeOutcome.Refused("already_merged", $"Customer {absorbed} was merged into {standing} before. Undo that, or merge {standing}.");

        var merge = Guid.CreateVersion7();
        await using var command = new NpgsqlCommand(MergeSql, connection);
        command.Parameters.With(NpgsqlDbType.Uuid, merge).Text(workspace).Text(absorbed).Text(survivor).Text(reason).With(NpgsqlDbType.Uuid, eventId);
        await command.ExecuteNonQueryAsync(cancellationToken);
        return new MergeOutcome.Done(
            merge, absorbed, survivor, To(workspace, absorbed, new Message.CustomerMerged(merge, Customer(workspace, survivor), reason)));
    }

    /// <summary>Undoes the merge that stands of a customer: what it was known by then is its own again; what came since stays where it is.</summary>
    public static async Task<MergeOutcome> UndoAsync(
        NpgsqlConnection connection, string workspace, string absorbed, CancellationToken cancellationToken)
    {
        if (await FindUndoAsync(connection, workspace, absorbed, cancellationToken) is not var (merge, survivor, next))
            return new MergeOutcome.Refused("not_merged", $"Customer {absorbed} isn't merged into anybody.");
        if (next is not null)
            return new MergeOutcome.Refused("survivor_was_merged", $"Customer {survivor} was merged into {next} since. Undo that first.");

        await using var command = new NpgsqlCommand(UndoSql, connection);
        command.Parameters.With(NpgsqlDbType.Uuid, merge).Text(workspace).Text(absorbed).Text(survivor);
        await command.ExecuteNonQueryAsync(cancellationToken);
        return new MergeOutcome.Done(merge, absorbed, survivor, To(workspace, absorbed, new Message.MergeUndone(merge)));
    }

    /// <summary>Whom a customer went into, at last; itself, where it stands for itself.</summary>
    internal static async Task<string> StandingAsync(NpgsqlConnection connection, string workspace, string customer, CancellationToken cancellationToken) =>
        (await FindAsync(connection, workspace, customer, customer, cancellationToken)).Survivor;

    private static async Task<(string Survivor, string? Standing)> FindAsync(
        NpgsqlConnection connection, string workspace, string absorbed, string into, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(FindSql, connection);
        command.Parameters.Text(workspace).Text(absorbed).Text(into);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return (reader.GetString(0), reader.IsDBNull(1) ? null : reader.GetString(1));
    }

    private static async Task<(Guid Merge, string Survivor, string? Next)?> FindUndoAsync(
        NpgsqlConnection connection, string workspace, string absorbed, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(FindUndoSql, connection);
        command.Parameters.Text(workspace).Text(absorbed);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
            return null;
        return (reader.GetGuid(0), reader.GetString(1), reader.IsDBNull(2) ? null : reader.GetString(2));
    }

    private static GrainId Customer(string workspace, string key) => GrainId.Of(workspace, GrainKind.Customer, key);

    // The event behind it is in the merge's row. In the message it would be what the effects of each turn are done once for, and one event
    // may merge several customers.
    private static OutgoingMessage To(string workspace, string key, Message message)
    {
        var grain = Customer(workspace, key);
        return new OutgoingMessage(
            MailboxPartition.Of(grain), workspace, grain.ToString(), message.Name, null,
            JsonSerializer.SerializeToUtf8Bytes(message, CoreJson.Default.Message));
    }
}
