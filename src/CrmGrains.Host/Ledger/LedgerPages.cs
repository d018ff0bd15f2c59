using CrmGrains.Runtime.Storage;
using Npgsql;
using NpgsqlTypes;

namespace CrmGrains.Host.Ledger;

/// <summary>Reads the ledger in pages, of all workspaces or of one.</summary>
internal static class LedgerPages
{
    // Entries of all workspaces share their chains, so a small workspace's may lie far apart.
    private const int LookedAt = 500;
    private const int MostLooks = 20;

    /// <summary>The page after a cursor.</summary>
    public static async Task<LedgerPage> ReadAsync(
        NpgsqlDataSource database, Dictionary<int, long> positions, string? workspace, int limit, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return workspace is null
            ? await ReadAllAsync(connection, positions, limit, cancellationToken)
            : await ReadOneAsync(connection, positions, workspace, limit, cancellationToken);
    }

    private static async Task<LedgerPage> ReadAllAsync(
        NpgsqlConnection connection, Dictionary<int, long> positions, int limit, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(LedgerSql.Page, connection);
        command.Parameters.Ints([.. positions.Keys]).Longs([.. positions.Values]).Int(limit);
        var entries = await ReadAsync(command, cancellationToken);
        foreach (var entry in entries)
            positions[entry.Partition] = Math.Max(positions.GetValueOrDefault(entry.Partition), entry.Position);
        return new LedgerPage(entries, LedgerCursor.Write(positions), null);
    }

    private static async Task<LedgerPage> ReadOneAsync(
        NpgsqlConnection connection, Dictionary<int, long> positions, string workspace, int limit, CancellationToken cancellationToken)
    {
        for (var look = 1; ; look++)
        {
            var (meant, looked, isAll) = await LookAsync(connection, positions, workspace, cancellationToken);
            var taken = meant.OrderBy(place => place.WrittenAt).ThenBy(place => place.Partition).ThenBy(place => place.Position).Take(limit).ToList();
            MoveOn(positions, meant, taken, looked);
            isAll &= taken.Count == meant.Count;
            if (taken.Count == 0 && !isAll && look < MostLooks)
                continue;
            await using var command = new NpgsqlCommand(LedgerSql.Entries, connection);
            command.Parameters.Ints(taken.ConvertAll(place => place.Partition)).Longs(taken.ConvertAll(place => place.Position));
            return new LedgerPage(await ReadAsync(command, cancellationToken), LedgerCursor.Write(positions), isAll ? null : true);
        }
    }

    private static async Task<(List<Place> Meant, List<(int Partition, long Position)> Looked, bool IsAll)> LookAsync(
        NpgsqlConnection connection, Dictionary<int, long> positions, string workspace, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(LedgerSql.Look, connection);
        command.Parameters.Ints([.. positions.Keys]).Longs([.. positions.Values]).Text(workspace).Int(LookedAt);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var (meant, looked, isAll) = (new List<Place>(), new List<(int, long)>(), true);
        while (await reader.ReadAsync(cancellationToken))
        {
            if (!reader.IsDBNull(2))
            {
                meant.Add(new Place(reader.GetInt32(0), reader.GetInt64(1), reader.GetFieldValue<DateTimeOffset>(2)));
                continue;
            }

            looked.Add((reader.GetInt32(0), reader.GetInt64(1)));
            isAll &= reader.GetBoolean(3);
        }

        return (meant, looked, isAll);
    }

    // A chain all of whose entries are on the page is followed from where the look ended, any other one from its last entry on the page.
    private static void MoveOn(
        Dictionary<int, long> positions, List<Place> meant, List<Place> taken, List<(int Partition, long Position)> looked)
    {
        var left = meant.Except(taken).Select(place => place.Partition).ToHashSet();
        foreach (var place in taken.Where(place => left.Contains(place.Partition)))
            positions[place.Partition] = Math.Max(positions.GetValueOrDefault(place.Partition), place.Position);
        foreach (var (partition, position) in looked.Where(chain => !left.Contains(chain.Partition)))
            positions[partition] = position;
    }

    private static async Task<List<LedgerEntry>> ReadAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var entries = new List<LedgerEntry>();
        while (await reader.ReadAsync(cancellationToken))
            entries.Add(LedgerEntry.Read(reader));
        return entries;
    }

    private sealed record Place(int Partition, long Position, DateTimeOffset WrittenAt);
}
