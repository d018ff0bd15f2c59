using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;
using Dapper;
using Npgsql;

namespace CrmGrains.Benchmarks.Baselines;

/// <summary>
/// All that an event calls for in one transaction inside its request. Plain, it is written as it is commonly written: a statement, a round
/// trip; tuned, the last three go together.
/// </summary>
internal static class DapperHandler
{
    private const string Append = """
        INSERT INTO ledger (partition, position, customer, version, kind, event_id, detail, hash)
        VALUES (@partition, @position, @customer, @version, 'event_received', @eventId, @detail, @hash)
        """;

    private const string MoveHead = "UPDATE ledger_head SET position = @position, hash = @hash WHERE partition = @partition";

    private const string Enqueue =
        "INSERT INTO command (account, effect_key, event_id, body) VALUES ('bench/main', @effectKey, @eventId, @command)";

    private static readonly string[] Apart = [Append, MoveHead, Enqueue];
    private static readonly string[] Together = [$"{Append};\n{MoveHead};\n{Enqueue}"];

    /// <summary>Eight round trips for a new event, and the commit; the beginning travels with the first.</summary>
    public static Task<BaselineAnswer> PlainAsync(NpgsqlDataSource database, BaselineEvent received, CancellationToken cancellationToken) =>
        HandleAsync(database, received, Apart, cancellationToken);

    /// <summary>Six, and the commit.</summary>
    public static Task<BaselineAnswer> TunedAsync(NpgsqlDataSource database, BaselineEvent received, CancellationToken cancellationToken) =>
        HandleAsync(database, received, Together, cancellationToken);

    private static async Task<BaselineAnswer> HandleAsync(
        NpgsqlDataSource database, BaselineEvent received, string[] last, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var isNew = await connection.ExecuteAsync(
            """
            INSERT INTO raw_event (event_id, delivery_id, headers, body, body_hash) VALUES (@EventId, @DeliveryId, @Headers, @Body, @BodyHash)
            ON CONFLICT (delivery_id) DO NOTHING
            """,
            new { received.EventId, received.DeliveryId, received.Headers, received.Body, received.BodyHash }, transaction) == 1;
        if (!isNew)
        {
            var first = await connection.ExecuteScalarAsync<Guid>(
                "SELECT event_id FROM raw_event WHERE delivery_id = @DeliveryId", new { received.DeliveryId }, transaction);
            await transaction.CommitAsync(cancellationToken);
            return new BaselineAnswer(first, Duplicate: true);
        }

        await connection.ExecuteAsync(
            """
            INSERT INTO event (event_id, idempotency_key, event_type, occurred_at, body)
            VALUES (@EventId, @Key, @EventType, @OccurredAt, @Normalized)
            """,
            new
            {
                received.EventId, Key = $"bench:{received.EventType}:{received.DeliveryId}", received.EventType,
                OccurredAt = received.OccurredAt.UtcDateTime, received.Normalized,
            }, transaction);

        var (version, state) = await LockAsync(connection, received, transaction);
        var next = (JsonSerializer.Deserialize(state, BaselineJson.Default.BaselineState) ?? throw new JsonException("The state is null.")).After(received);
        await connection.ExecuteAsync(
            "UPDATE customer SET version = @version, state = @state WHERE customer = @Customer",
            new { version = version + 1, state = JsonSerializer.Serialize(next, BaselineJson.Default.BaselineState), received.Customer }, transaction);

        var (position, previous) = await connection.QuerySingleAsync<(long, byte[])>(
            "SELECT position, hash FROM ledger_head WHERE partition = @Partition FOR UPDATE", new { received.Partition }, transaction);
        var detail = JsonSerializer.SerializeToUtf8Bytes(
            new LedgerDetail(received.EventId, "update", ["write_note"]), BaselineJson.Default.LedgerDetail);
        var values = new
        {
            partition = received.Partition, position = position + 1, customer = received.Customer, version = version + 1,
            eventId = received.EventId, detail = System.Text.Encoding.UTF8.GetString(detail),
            hash = Hash(previous, position + 1, received.EventId, detail),
            effectKey = $"{received.EventId}/5/note/create", command = received.Command,
        };
        foreach (var statement in last)
            await connection.ExecuteAsync(statement, values, transaction);
        await transaction.CommitAsync(cancellationToken);
        return new BaselineAnswer(received.EventId, Duplicate: false);
    }

    private static async Task<(long Version, string State)> LockAsync(
        NpgsqlConnection connection, BaselineEvent received, NpgsqlTransaction transaction)
    {
        const string Lock = "SELECT version, state FROM customer WHERE customer = @Customer FOR UPDATE";
        var found = await connection.QuerySingleOrDefaultAsync<(long Version, string? State)>(Lock, new { received.Customer }, transaction);
        if (found.State is null)
        {
            await connection.ExecuteAsync(
                """
                INSERT INTO customer (customer, version, state) VALUES (@Customer, 0, '{"events":0,"last":[]}') ON CONFLICT (customer) DO NOTHING
                """, new { received.Customer }, transaction);
            found = await connection.QuerySingleAsync<(long, string?)>(Lock, new { received.Customer }, transaction);
        }

        return (found.Version, found.State ?? "");
    }

    private static byte[] Hash(byte[] previous, long position, Guid eventId, byte[] detail)
    {
        Span<byte> covered = stackalloc byte[32 + 8 + 16 + 32];
        previous.CopyTo(covered);
        BinaryPrimitives.WriteInt64BigEndian(covered[32..], position);
        eventId.TryWriteBytes(covered[40..], bigEndian: true, out _);
        SHA256.HashData(detail, covered[56..]);
        return SHA256.HashData(covered);
    }
}
