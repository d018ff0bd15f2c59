using System.Runtime.CompilerServices;
using System.Text;
using Npgsql;

namespace CrmGrains.Runtime.Ledger;

/// <summary>Follows every partition's chain and says where one is broken.</summary>
public static class LedgerVerification
{
    private const string States = "SELECT grain, version FROM grain WHERE partition = $1";

    // Up to where the chain goes now, and what was noted of it before: an entry of that place and hash must still be there.
    private const string End = """
        SELECT greatest(l.position, p.head_position), p.head_position, p.head_hash
        FROM partition p
        LEFT JOIN LATERAL (SELECT x.position FROM ledger x WHERE x.partition = p.id ORDER BY x.position DESC LIMIT 1) l ON true
        WHERE p.id = $1 AND (p.head_position > 0 OR l.position IS NOT NULL)
        """;

    private const string Entries = """
        SELECT position, workspace, grain, version, message_id, kind, outcome, event_id, configuration, silo, began_at,
               detail, salt, detail_hash, hash
        FROM ledger WHERE partition = $1 AND position <= $2 ORDER BY position
        """;

    /// <summary>Verifies chain after chain, each as of when its turn comes; goes on beside running silos.</summary>
    public static async IAsyncEnumerable<ChainReport> VerifyAsync(
        NpgsqlDataSource database, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var partition in await PartitionsAsync(database, cancellationToken))
        {
            if (await HeadAsync(database, partition, cancellationToken) is { } head)
                yield return await VerifyAsync(database, head, cancellationToken);
        }
    }

    private static async Task<List<int>> PartitionsAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("SELECT id FROM partition ORDER BY id");
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var partitions = new List<int>();
        while (await reader.ReadAsync(cancellationToken))
            partitions.Add(reader.GetInt32(0));
        return partitions;
    }

    // Null where nothing was ever written.
    private static async Task<Head?> HeadAsync(NpgsqlDataSource database, int partition, CancellationToken cancellationToken)
    {
        var states = new Dictionary<string, long>(StringComparer.Ordinal);
        await using (var command = database.CreateCommand(States))
        {
            command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = partition });
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
                states[reader.GetString(0)] = reader.GetInt64(1);
        }

        await using (var command = database.CreateCommand(End))
        {
            command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = partition });
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            return await reader.ReadAsync(cancellationToken)
                ? new Head(partition, reader.GetInt64(0), reader.GetInt64(1), reader.GetFieldValue<byte[]>(2), states)
                : null;
        }
    }

    private static async Task<ChainReport> VerifyAsync(
        NpgsqlDataSource database, Head head, CancellationToken cancellationToken)
    {
        // The states were read before the end of the chain was looked up, so it must know of them all.
        var states = new Dictionary<string, long>(head.States, StringComparer.Ordinal);
        await using var command = database.CreateCommand(Entries);
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = head.Partition });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = head.Position });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);

        var previous = new byte[LedgerChain.HashBytes];
        long position = 0;
        long erased = 0;
        while (await reader.ReadAsync(cancellationToken))
        {
            var entry = Header(reader, head.Partition);
            if (entry.Position != position + 1)
                return new ChainReport(head.Partition, position, erased, position + 1, "An entry is missing.");
            position = entry.Position;
            if (reader.IsDBNull(11) && reader.IsDBNull(12))
                erased++;
            else if (!HoldsDetail(reader, entry))
                return new ChainReport(head.Partition, position, erased, position, "The detail was changed.");
            var hash = LedgerChain.Hash(previous, entry);
            if (!hash.AsSpan().SequenceEqual(reader.GetFieldValue<byte[]>(14)))
                return new ChainReport(head.Partition, position, erased, position, "The entry, or its place in the chain, was changed.");
            if (position == head.NotedPosition && !hash.AsSpan().SequenceEqual(head.NotedHash))
                return new ChainReport(head.Partition, position, erased, position, "The chain is another one than was noted.");
            previous = hash;
            if (states.TryGetValue(entry.Grain, out var version) && version <= entry.Version)
                states.Remove(entry.Grain);
        }

        return position == head.Position && states.Count == 0
            ? new ChainReport(head.Partition, position, erased, null, null)
            : new ChainReport(head.Partition, position, erased, position + 1, "The chain ends before its head.");
    }

    private readonly record struct Head(
        int Partition, long Position, long NotedPosition, byte[] NotedHash, IReadOnlyDictionary<string, long> States);

    private static bool HoldsDetail(NpgsqlDataReader reader, in LedgerHeader entry) =>
        !reader.IsDBNull(11) && !reader.IsDBNull(12)
        && LedgerChain.DetailHash(reader.GetFieldValue<byte[]>(12), Encoding.UTF8.GetBytes(reader.GetString(11)))
            .AsSpan().SequenceEqual(entry.DetailHash);

    private static LedgerHeader Header(NpgsqlDataReader reader, int partition) => new(
        partition,
        reader.GetInt64(0),
        reader.GetString(1),
        reader.GetString(2),
        reader.GetInt64(3),
        reader.GetInt64(4),
        reader.GetString(5),
        reader.GetString(6),
        reader.IsDBNull(7) ? null : reader.GetGuid(7),
        reader.GetString(8),
        reader.GetGuid(9),
        reader.GetFieldValue<DateTimeOffset>(10),
        reader.GetFieldValue<byte[]>(13));
}

/// <summary>What following one chain came to.</summary>
/// <param name="Partition">Whose chain.</param>
/// <param name="Entries">Entries that verify.</param>
/// <param name="Erased">Those whose detail was erased.</param>
/// <param name="BrokenAt">The first position that doesn't verify; null where all do.</param>
/// <param name="Reason">What is wrong there.</param>
public sealed record ChainReport(int Partition, long Entries, long Erased, long? BrokenAt, string? Reason);
