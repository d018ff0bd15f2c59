namespace CrmGrains.Intake.Loop;

internal static class IntakeSql
{
    /// <summary>
    /// Stores normalized events and answers with those that are new: a logical event is there once. They come in the order of the key, so that
    /// two queues of one workspace never wait for each other in a circle. $1 ids, $2 workspaces, $3 keys, $4 types, $5 occurred, $6 bodies.
    /// </summary>
    public const string Store = """
        INSERT INTO event (event_id, workspace, idempotency_key, event_type, occurred_at, body)
        SELECT event_id, workspace, idempotency_key, event_type, occurred_at, body
        FROM unnest($1, $2, $3, $4, $5, $6) AS e (event_id, workspace, idempotency_key, event_type, occurred_at, body)
        ON CONFLICT (workspace, idempotency_key) DO NOTHING
        RETURNING event_id
        """;

    /// <summary>The events that told the same before. $1 workspaces, $2 keys.</summary>
    public const string FindFirst = """
        SELECT e.workspace, e.idempotency_key, e.event_id
        FROM unnest($1, $2) AS wanted (workspace, idempotency_key)
        JOIN event e ON e.workspace = wanted.workspace AND e.idempotency_key = wanted.idempotency_key
        """;
}
