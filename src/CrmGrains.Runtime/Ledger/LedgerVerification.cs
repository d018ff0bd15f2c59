using System.Runtime.CompilerServices;
using System.Text;
using Npgsql;

namespace CrmGrains.Runtime.Ledger;

/// <summary>Follows every partition's chain and says where one is broken.</summary>
public static class LedgerVerification
{
    private const string Heads = "SELECT id, head_position, head_hash FROM partition WHERE head_position > 0 ORDER BY id";

    private const string Entries = """
        SELECT position, workspace, grain, version, message_id, kind, outcome, event_id, configuration, silo, began_at,
               detail, salt, detail_hash, hash
        FROM ledger WHERE partition = $1 AND position <= $2 ORDER BY position
        """;

    /// <summary>Verifies chain after chain, as of the heads at the start; goes on beside running silos.</summary>
    public static async IAsyncEnumerable<ChainReport> VerifyAsync(
        NpgsqlDataSource database, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var heads = new List<(int Id, long Position, byte[] Hash)>();
        await using (var command = database.CreateCommand(Heads))
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
                heads.Add((reader.GetInt32(0), reader.GetInt64(1), reader.GetFieldValue<byte[]>(2)));
        }

        foreach (var head in heads)
            yield return await VerifyAsync(database, head.Id, head.Position, head.Hash, cancellationToken);
    }

    private static async Task<ChainReport> VerifyAsync(
        NpgsqlDataSource database, int partition, long headPosition, byte[] headHash, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Entries);
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = partition });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = headPosition });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);

        var previous = new byte[LedgerChain.HashBytes];
        long position = 0;
        long erased = 0;
        while (await reader.ReadAsync(cancellationToken))
        {
            var entry = Header(reader, partition);
            if (entry.Position != position + 1)
                return new ChainReport(partition, position, erased, position + 1, "An entry is missing.");
            position = entry.Position;
            if (reader.IsDBNull(11) && reader.IsDBNull(12))
                erased++;
            else if (!HoldsDetail(reader, entry))
                return new ChainReport(partition, position, erased, position, "The detail was changed.");
            var hash = LedgerChain.Hash(previous, entry);
            if (!hash.AsSpan().SequenceEqual(reader.GetFieldValue<byte[]>(14)))
                return new ChainReport(partition, position, erased, position, "The entry, or its place in the chain, was changed.");
            previous = hash;
        }

        return position == headPosition && previous.AsSpan().SequenceEqual(headHash)
            ? new ChainReport(partition, position, erased, null, null)
            : new ChainReport(partition, position, erased, position + 1, "The chain ends before its head.");
    }

    private static bool HoldsDetail(NpgsqlDataReader reader, in LedgerHeader entry) =>
        !reader.IsDBNull(11) && !reader.IsDBNull(12)
        && LedgerChain.DetailHash(reader.GetFieldValue<byte[]>(12), Encoding.UTF8.GetBytes(reader.GetString(11))).AsSpan().SequenceEqual(entry.DetailHash);

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
