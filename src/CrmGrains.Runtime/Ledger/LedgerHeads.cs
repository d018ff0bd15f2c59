using CrmGrains.Runtime.Mailboxes;
using CrmGrains.Runtime.Storage;
using Npgsql;

namespace CrmGrains.Runtime.Ledger;

/// <summary>
/// Where the chains of claimed partitions end, and who wrote their last entries. Read in a statement after the claim: that one's
/// snapshot may be older than the lock that it got.
/// </summary>
internal static class LedgerHeads
{
    private const string Sql = """
        SELECT wanted.id, l.position, l.hash, l.silo
        FROM unnest($1) AS wanted (id)
        CROSS JOIN LATERAL (
            SELECT x.position, x.hash, x.silo FROM ledger x WHERE x.partition = wanted.id ORDER BY x.position DESC LIMIT 1) l
        """;

    public static NpgsqlBatchCommand Statement(IReadOnlyCollection<ClaimedPartition> claimed) =>
        Statement([.. claimed.Select(partition => partition.Id)]);

    public static NpgsqlBatchCommand Statement(IReadOnlyCollection<int> partitions)
    {
        var heads = new NpgsqlBatchCommand(Sql);
        heads.Parameters.Ints(partitions);
        return heads;
    }

    public static async Task ReadAsync(
        NpgsqlDataReader reader, IReadOnlyCollection<ClaimedPartition> claimed, CancellationToken cancellationToken)
    {
        var byId = claimed.ToDictionary(partition => partition.Id);
        foreach (var partition in claimed)
            partition.HeadHash = new byte[LedgerChain.HashBytes];
        while (await reader.ReadAsync(cancellationToken))
        {
            if (!byId.TryGetValue(reader.GetInt32(0), out var partition))
                continue;
            partition.HeadPosition = reader.GetInt64(1);
            partition.HeadHash = reader.GetFieldValue<byte[]>(2);
            partition.LastSilo = reader.GetGuid(3);
        }
    }
}
