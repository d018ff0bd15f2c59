namespace CrmGrains.Intake.Loop;

internal static class IntakeSql
{
    /// <summary>
    /// Stores normalized events and answers with those that are new: a logical event is there once. They come in the order of the key, so that
    /// two queues of one workspace never wait for each other in a circle. $1 ids, $2 workspaces, $3 keys, $4 types, $5 occurred, $6 bodies, $7 the deliveries of
    /// which they are parts.
    /// </summary>
    public const string Store = """
        INSERT INTO event (event_id, workspace, idempotency_key, event_type, occurred_at, body, part_of)
        SELECT event_id, workspace, idempotency_key, event_type, occurred_at, body, part_of
        FROM unnest($1, $2, $3, $4, $5, $6, $7) AS e (event_id, workspace, idempotency_key, event_type, occurred_at, body, part_of)
        ON CONFLICT (workspace, idempotency_key) DO NOTHING
        RETURNING event_id
        """;

    /// <summary>The events that told the same before. $1 workspaces, $2 keys.</summary>
    public const string FindFirst = """
        SELECT e.workspace, e.idempotency_key, e.event_id
        FROM unnest($1, $2) AS wanted (workspace, idempotency_key)
        JOIN event e ON e.workspace = wanted.workspace AND e.idempotency_key = wanted.idempotency_key
        """;

    /// <summary>Content types and headers of deliveries. $1 their events.</summary>
    public const string Headers = "SELECT event_id, content_type, headers FROM raw_event WHERE event_id = ANY ($1)";
}
