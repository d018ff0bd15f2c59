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

    private const string Whole = """
        SELECT (SELECT count(*) FROM raw_event), count(*), count(DISTINCT event_id) FROM ledger WHERE kind = 'event_received'
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan PollEvery = TimeSpan.FromMilliseconds(100);

    /// <summary>Waits until no message waits any more; from then on every acknowledged event has its entry.</summary>
    public static async Task DrainedAsync(Installation installation, TimeProvider time, CancellationToken cancellationToken)
    {
        if (installation.Contender != Contender.CrmGrains)
            return;
        var began = time.GetTimestamp();
        await using var command = installation.Database.CreateCommand("SELECT EXISTS (SELECT FROM message)");
        while (await command.ExecuteScalarAsync(cancellationToken) is true)
        {
            if (time.GetElapsedTime(began) > Patience)
                throw new BenchmarkException($"Messages still waited after {Patience}. The end of the host's output:\n{installation.Output()}");
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

        Require(begun.Keys.Count(number => !seen.Contains(number)), doubled, begun.Count);
        await using var count = database.CreateCommand(Commands);
        count.Parameters.Add(new NpgsqlParameter<string> { TypedValue = $"{sent.Deliveries.Prefix}%" });
        var commands = await count.ExecuteScalarAsync(cancellationToken) is long number2 ? number2 : 0;
        return new LedgerReport(seen.Count, commands, last - sent.StartAt, last, new Latencies(waits));
    }

    /// <summary>Counts all that an installation ever took in, where it is too much to look at one by one.</summary>
    /// <param name="database">The installation's.</param>
    /// <param name="acknowledged">Different events that were acknowledged, all runs together; no request was refused.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="BenchmarkException">As for one by one.</exception>
    public static async Task CountAsync(NpgsqlDataSource database, long acknowledged, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Whole);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var (stored, entries, events) = (reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2));
        if (stored != acknowledged)
            throw new BenchmarkException($"{acknowledged} events were acknowledged and {stored} are stored.");
        Require(acknowledged - events, entries - events, acknowledged);
    }

    private static void Require(long missing, long doubled, long acknowledged)
    {
        if (missing != 0 || doubled != 0)
            throw new BenchmarkException(
                $"{missing} of {acknowledged} acknowledged events are missing in the ledger, {doubled} are there twice.");
    }
}

/// <summary>What the ledger holds of a run.</summary>
/// <param name="Events">Different events, each there once.</param>
/// <param name="Commands">Commands that they queued.</param>
/// <param name="Took">From the first request to the last entry.</param>
/// <param name="LastAt">When the last entry was written.</param>
/// <param name="Latency">From an event's first request to its entry, in milliseconds.</param>
internal sealed record LedgerReport(int Events, long Commands, TimeSpan Took, DateTimeOffset LastAt, Latencies Latency);
