using Npgsql;

namespace CrmGrains.Checker;

/// <summary>
/// Reads what a run left, row by row: of a million turns only what tells them apart stays in memory, their details lie in a temporary file.
/// </summary>
public static class HistoryReader
{
    private const int TimeoutSeconds = 600;

    /// <summary>Reads the database as of one instant; silos may go on meanwhile.</summary>
    /// <param name="deliveries">What was sent; nobody else knows.</param>
    /// <param name="database">Of the run.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>Without the CRM's side; see <see cref="CrmReader"/>. Disposed by the caller.</returns>
    public static async Task<History> ReadAsync(
        NpgsqlDataSource database, IReadOnlyList<SentDelivery> deliveries, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using (var begin = new NpgsqlCommand(HistorySql.Begin, connection))
            await begin.ExecuteNonQueryAsync(cancellationToken);

        var texts = new TextFile();
        try
        {
            var rows = new HistoryRows(texts);
            Task<List<T>> Read<T>(string sql, Func<NpgsqlDataReader, T> row) => ReadRowsAsync(connection, sql, row, cancellationToken);

            var history = new History
            {
                Texts = texts,
                Deliveries = deliveries,
                Partitions = await Read(HistorySql.Partitions, rows.Partition),
                RawEvents = await Read(HistorySql.RawEvents, rows.RawEvent),
                Events = await Read(HistorySql.Events, rows.Event),
                Turns = await Read(HistorySql.Turns, rows.Turn),
                States = await Read(HistorySql.States, rows.State),
                MessagesLeft = await Read(HistorySql.MessagesLeft, rows.MessageLeft),
                Commands = await Read(HistorySql.Commands, rows.Command),
                Links = await Read(HistorySql.Links, rows.Link),
                DeadLetters = await Read(HistorySql.DeadLetters, rows.DeadLetter),
                Reviews = await Read(HistorySql.Reviews, rows.Review),
                Configurations = (await Read(HistorySql.Configurations, rows.Configuration)).ToDictionary(),
            };
            texts.Flush();
            await using var end = new NpgsqlCommand("ROLLBACK", connection);
            await end.ExecuteNonQueryAsync(cancellationToken);
            return history;
        }
        catch
        {
            texts.Dispose();
            throw;
        }
    }

    private static async Task<List<T>> ReadRowsAsync<T>(
        NpgsqlConnection connection, string sql, Func<NpgsqlDataReader, T> row, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = TimeoutSeconds };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken))
            rows.Add(row(reader));
        return rows;
    }
}
