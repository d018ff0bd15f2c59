using CrmGrains.Checker;
using CrmGrains.IntegrationTests.Engine;
using Npgsql;

namespace CrmGrains.IntegrationTests.Checker;

/// <summary>A fault that no engine made, planted into the rows of a clean run.</summary>
/// <param name="Table">Which is damaged; put back afterwards.</param>
/// <param name="Sql">Finds its rows itself; <c>turn</c> stands for the turns of events, newest last.</param>
/// <param name="Found">What the checker must find, whatever else it finds.</param>
internal sealed record Damage(string Table, string Sql, ViolationKind Found)
{
    private const string LastTurn =
        "(partition, position) = (SELECT partition, position FROM turn ORDER BY written_at DESC, position DESC LIMIT 1)";

    /// <summary>One of each kind that rows can have.</summary>
    public static IReadOnlyList<Damage> All { get; } =
    [
        new("raw_event", "DELETE FROM raw_event WHERE event_id = (SELECT event_id FROM turn LIMIT 1)", ViolationKind.Lost),
        new("ledger", $"DELETE FROM ledger WHERE {LastTurn}", ViolationKind.Lost),
        new("ledger", $"DELETE FROM ledger WHERE {LastTurn}", ViolationKind.BrokenSequence),
        new("ledger", $"DELETE FROM ledger WHERE {LastTurn}", ViolationKind.BrokenChain),
        new("ledger", $"UPDATE ledger SET version = version + 1 WHERE {LastTurn}", ViolationKind.BrokenSequence),
        new("ledger", $"UPDATE ledger SET message_id = (SELECT min(message_id) FROM turn) WHERE {LastTurn}", ViolationKind.Doubled),
        new("ledger", "INSERT INTO ledger SELECT * FROM turn LIMIT 1", ViolationKind.Doubled),
        new("ledger", $"UPDATE ledger SET detail = detail || ' ' WHERE {LastTurn}", ViolationKind.BrokenChain),
        new("ledger", $"UPDATE ledger SET outcome = 'reject' WHERE {LastTurn}", ViolationKind.WrongState),
        new("ledger", """
            UPDATE ledger l SET began_at = l.began_at - interval '1 hour'
            WHERE (l.partition, l.position) IN (SELECT partition, max(position) FROM turn WHERE version > 1 GROUP BY partition)
            """, ViolationKind.Overlap),
        new("ledger", """
            UPDATE ledger l SET position = CASE l.position WHEN far.low THEN far.high ELSE far.low END
            FROM (SELECT partition, grain, min(position) AS low, max(position) AS high FROM turn GROUP BY partition, grain) far
            WHERE l.grain = far.grain AND l.position IN (far.low, far.high) AND far.low <> far.high
            """, ViolationKind.Reordered),
        new("ledger", """
            DELETE FROM ledger
            WHERE (partition, position) = (SELECT partition, max(position) FROM ledger WHERE kind = 'person_seen' GROUP BY partition LIMIT 1)
            """, ViolationKind.Unhandled),
        new("grain", "UPDATE grain SET version = version + 1", ViolationKind.BrokenSequence),
        new("grain", "UPDATE grain SET state = replace(state, 'Person', 'Parson')", ViolationKind.WrongState),
        new("grain", "DELETE FROM grain WHERE grain IN (SELECT grain FROM turn)", ViolationKind.WrongState),
        new("event", "DELETE FROM event WHERE event_id = (SELECT event_id FROM turn LIMIT 1)", ViolationKind.WrongState),
        new("message", """
            INSERT INTO message (partition, workspace, grain, kind, event_id, body)
            SELECT partition, workspace, grain, kind, event_id, '{}' FROM turn LIMIT 1
            """, ViolationKind.LeftOver),
        new("command", "DELETE FROM command WHERE id = (SELECT max(id) FROM command)", ViolationKind.Unhandled),
        new("command", "UPDATE command SET state = 'sent' WHERE id = (SELECT max(id) FROM command)", ViolationKind.LeftOver),
        new("command", "UPDATE command SET crm_id = '1' WHERE object = 'contact'", ViolationKind.MissingEffect),
        new("command", "UPDATE command SET effect_key = effect_key || 'x' WHERE object = 'note'", ViolationKind.MissingEffect),
        new("partition", "UPDATE partition SET head_position = head_position + 1 WHERE id = 1000", ViolationKind.BrokenChain),
    ];

    /// <summary>Takes away what keeps the rows as they are.</summary>
    public static Task DisarmAsync(NpgsqlDataSource database) => database.ExecuteAsync("""
        ALTER TABLE ledger DISABLE TRIGGER ALL;
        ALTER TABLE ledger DROP CONSTRAINT ledger_pkey;
        CREATE VIEW turn AS SELECT * FROM ledger WHERE kind = 'event_received' AND version > 0;
        """);

    /// <summary>Does it, looks, and puts the table back.</summary>
    public async Task<CheckReport> PlantAsync(NpgsqlDataSource database, Func<Task<CheckReport>> checkAsync)
    {
        await database.ExecuteAsync($"CREATE TABLE kept AS TABLE {Table}");
        Assert.True(await database.ExecuteAsync(Sql) > 0, $"Nothing was damaged by: {Sql}");
        var report = await checkAsync();
        await database.ExecuteAsync(
            $"DELETE FROM {Table}; INSERT INTO {Table} OVERRIDING SYSTEM VALUE SELECT * FROM kept; DROP TABLE kept");
        return report;
    }
}
