namespace CrmGrains.Host.Tracing;

internal static class TraceSql
{
    /// <summary>The delivery; where there is none in the workspace, nothing else of the event is told. $1 event, $2 workspace or null.</summary>
    public const string Raw = """
        SELECT p.workspace, p.source, r.delivery_id, r.received_at, r.content_type, r.headers, r.verification, r.body, r.body_hash, r.purged_at
        FROM raw_event r JOIN partition p ON p.id = r.partition
        WHERE r.event_id = coalesce((SELECT e.part_of FROM event e WHERE e.event_id = $1), $1) AND ($2::text IS NULL OR p.workspace = $2)
        """;

    public const string Normalized = "SELECT body FROM event WHERE event_id = $1 AND purged_at IS NULL";

    public const string Ledger = """
        SELECT partition, position, grain, version, kind, outcome, configuration, began_at, written_at, detail
        FROM ledger WHERE event_id = $1 ORDER BY written_at, partition, position LIMIT 1000
        """;

    public const string Commands = """
        SELECT id, effect_key, object, operation, state, blocked_on, crm_id, action, error, error_detail, attempts, created_at, ended_at, body
        FROM command WHERE event_id = $1 ORDER BY id LIMIT 1000
        """;

    public const string Calls = """
        SELECT a.command_id, a.attempt, c.method, c.path, c.status, c.outcome, c.request, c.response, c.began_at, c.took_ms, c.quota_left
        FROM command_attempt a
        JOIN crm_call c ON c.id = a.call_id
        WHERE a.command_id IN (SELECT id FROM command WHERE event_id = $1)
        ORDER BY c.id LIMIT 2000
        """;

    public const string Reviews = """
        SELECT id, reason, summary, grain, opened_at, closed_at, resolution FROM review WHERE event_id = $1 ORDER BY opened_at, id LIMIT 1000
        """;

    public const string DeadLetters = """
        SELECT id, queue, kind, error, died_at, ended_at, resolution FROM dead_letter WHERE event_id = $1 ORDER BY id LIMIT 1000
        """;

    /// <summary>Ids of the records of every grain that had a turn because of the event.</summary>
    public const string Links = """
        SELECT DISTINCT object, crm_id FROM crm_link
        WHERE crm_id IS NOT NULL AND grain IN (SELECT grain FROM ledger WHERE event_id = $1 AND grain <> '')
        ORDER BY object, crm_id LIMIT 100
        """;

    /// <summary>Whether a message of the event waits in a mailbox. Mailboxes are short, so they have no index for this rare question.</summary>
    public const string IsPending = "SELECT EXISTS (SELECT FROM message WHERE event_id = $1)";

    /// <summary>A workspace file as it was in force under a hash.</summary>
    public const string Configuration = "SELECT body FROM configuration WHERE hash = $1 AND workspace = $2";
}
