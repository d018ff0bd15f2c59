namespace CrmGrains.Intake.Silence;

internal static class SilenceSql
{
    /// <summary>Begins to watch sources that nobody watches yet. $1 now.</summary>
    public const string Begin = """
        INSERT INTO source_rhythm (partition, workspace, source, body, last_at)
        SELECT id, workspace, source, '', coalesce($1, now()) FROM partition WHERE kind = 'intake_queue'
        ON CONFLICT (partition) DO NOTHING
        """;

    /// <summary>All that are watched. $1 now.</summary>
    public const string Read = """
        SELECT partition, workspace, source, body, last_at, silent_at, coalesce($1, now()) FROM source_rhythm ORDER BY partition
        """;

    /// <summary>One, for adding to it. $1 partition, $2 now.</summary>
    public const string Open = """
        SELECT partition, workspace, source, body, last_at, silent_at, coalesce($2, now()) FROM source_rhythm WHERE partition = $1 FOR UPDATE
        """;

    /// <summary>Writes it. $1 partition, $2 body, $3 last delivery.</summary>
    public const string Write = "UPDATE source_rhythm SET body = $2, last_at = greatest(last_at, $3) WHERE partition = $1";

    /// <summary>
    /// Tells of a silence, unless somebody has told already, a delivery was counted since, or deliveries wait in the queue. $1 partition,
    /// $2 last delivery, $3 notice, $4 now.
    /// </summary>
    public const string Raise = """
        WITH raised AS (
            UPDATE source_rhythm SET silent_at = coalesce($4, now())
            WHERE partition = $1 AND silent_at IS NULL AND last_at = $2
              AND NOT EXISTS (SELECT FROM message m WHERE m.partition = $1 AND m.kind = 'delivery_received')
            RETURNING partition, workspace)
        INSERT INTO message (partition, workspace, grain, kind, body)
        SELECT partition, workspace, '', 'watch_reported', $3 FROM raised
        """;

    /// <summary>Tells that it is over, unless somebody has. $1 partition, $2 notice.</summary>
    public const string Close = """
        WITH closed AS (
            UPDATE source_rhythm SET silent_at = NULL WHERE partition = $1 AND silent_at IS NOT NULL RETURNING partition, workspace)
        INSERT INTO message (partition, workspace, grain, kind, body)
        SELECT partition, workspace, '', 'watch_reported', $2 FROM closed
        """;
}
