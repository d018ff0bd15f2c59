using CrmGrains.Benchmarks.Load;
using CrmGrains.Benchmarks.Servers;
using Npgsql;

namespace CrmGrains.Benchmarks.Measures;

/// <summary>Compares what was acknowledged with what the ledger holds.</summary>
internal static class LedgerCheck
{
    private const string Entries = """
        SELECT r.delivery_id, l.written_at
        FROM raw_event r JOIN ledger l ON l.event_id = r.event_id AND l.kind = 'event_received'
        WHERE r.delivery_id LIKE $1
        """;

    private const string Commands = """
        SELECT count(*) FROM raw_event r JOIN command c ON c.event_id = r.event_id WHERE r.delivery_id LIKE $1
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan PollEvery = TimeSpan.FromMilliseconds(100);

    /// <summary>Waits until no message waits any more; from then on every acknowledged event has its entry.</summary>
    public static async Task DrainedAsync(RunningServer server, TimeProvider time, CancellationToken cancellationToken)
    {
        if (server.Contender != Contender.CrmGrains)
            return;
        var began = time.GetTimestamp();
        await using var command = server.Database.CreateCommand("SELECT EXISTS (SELECT FROM message)");
        while (await command.ExecuteScalarAsync(cancellationToken) is true)
        {
            if (time.GetElapsedTime(began) > Patience)
                throw new BenchmarkException($"Messages still waited after {Patience}. The end of the host's output:\n{server.Output()}");
            await Task.Delay(PollEvery, time, cancellationToken);
        }
    }

    /// <summary>Reads the run's entries.</summary>
    /// <exception cref="BenchmarkException">An acknowledged event isn't there, or is there twice: then no figure means anything.</exception>
    public static async Task<LedgerReport> ReadAsync(NpgsqlDataSource database, SentDeliveries sent, CancellationToken cancellationToken)
    {
        var begun = sent.BegunByEvent();
        var waits = new List<double>(begun.Count);
        var last = sent.StartAt;
        var (doubled, seen) = (0, new HashSet<int>(begun.Count));
        await using (var command = database.CreateCommand(Entries))
        {
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = $"{sent.Deliveries.Prefix}%" });
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                var number = sent.Deliveries.EventOf(reader.GetString(0));
                var writtenAt = reader.GetFieldValue<DateTimeOffset>(1);
                if (!seen.Add(number))
                    doubled++;
                last = writtenAt > last ? writtenAt : last;
                if (begun.TryGetValue(number, out var begunAt))
                    waits.Add((writtenAt - begunAt).TotalMilliseconds);
            }
        }

        var missing = begun.Keys.Count(number => !seen.Contains(number));
        if (missing > 0 || doubled > 0)
            throw new BenchmarkException($"{missing} of {begun.Count} acknowledged events are missing in the ledger, {doubled} are there twice.");
        await using var count = database.CreateCommand(Commands);
        count.Parameters.Add(new NpgsqlParameter<string> { TypedValue = $"{sent.Deliveries.Prefix}%" });
        var commands = await count.ExecuteScalarAsync(cancellationToken) is long number2 ? number2 : 0;
        return new LedgerReport(seen.Count, commands, last - sent.StartAt, new Latencies(waits));
    }
}

/// <summary>What the ledger holds of a run.</summary>
/// <param name="Events">Different events, each there once.</param>
/// <param name="Commands">Commands that they queued.</param>
/// <param name="Took">From the first request to the last entry.</param>
/// <param name="Latency">From an event's first request to its entry, in milliseconds.</param>
internal sealed record LedgerReport(int Events, long Commands, TimeSpan Took, Latencies Latency);
