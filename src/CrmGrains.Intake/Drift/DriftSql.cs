namespace CrmGrains.Intake.Drift;

internal static class DriftSql
{
    /// <summary>
    /// One at a time holds, accepts or releases deliveries of a source, so that none is held by a change that is accepted in this instant.
    /// $1 numbers of the locks, sorted.
    /// </summary>
    public const string Lock = "SELECT pg_advisory_xact_lock(n) FROM unnest($1) AS n";

    /// <summary>What is stored of a source's payloads. $1 workspace, $2 source, $3 version, $4 versions with a type.</summary>
    public const string Load = """
        SELECT version, revision, body FROM drift_sketch
        WHERE workspace = $1 AND source = $2 AND (version = $3 OR starts_with(version, $4))
        """;

    /// <summary>The changes that a person accepted. $1 workspace, $2 source, $3 version.</summary>
    public const string Accepted = """
        SELECT path, kind, seen FROM drift_alert WHERE workspace = $1 AND source = $2 AND version = $3 AND resolution = 'accepted'
        """;

    /// <summary>Makes the row that others' counts are added to. $1 workspace, $2 source, $3 version, $4 body.</summary>
    public const string Begin = """
        INSERT INTO drift_sketch (workspace, source, version, revision, body) VALUES ($1, $2, $3, 0, $4)
        ON CONFLICT (workspace, source, version) DO NOTHING
        """;

    /// <summary>Reads a sketch to add to it; nobody else does until this transaction ends. $1 workspace, $2 source, $3 version.</summary>
    public const string Open = "SELECT revision, body FROM drift_sketch WHERE workspace = $1 AND source = $2 AND version = $3 FOR UPDATE";

    /// <summary>Writes it. $1 workspace, $2 source, $3 version, $4 body.</summary>
    public const string Write = """
        UPDATE drift_sketch SET body = $4, revision = revision + 1 WHERE workspace = $1 AND source = $2 AND version = $3 RETURNING revision
        """;

    /// <summary>
    /// Raises an alert for each change, or adds to the one that is open; a new one is told to the source's queue, which opens the review
    /// and writes the ledger. What was accepted in this version raises nothing. The rows come sorted by their key. $1 workspaces,
    /// $2 sources, $3 partitions, $4 versions, $5 paths, $6 kinds, $7 seen, a line each, $8 usual, $9 samples, a line each, $10 counts,
    /// $11 notices, $12 the event that the review is of, where it is held.
    /// </summary>
    public const string Raise = """
        WITH found AS MATERIALIZED (
            SELECT f.workspace, f.source, f.partition, f.version, f.path, f.kind, string_to_array(f.seen, E'\n') AS seen, f.usual,
                   string_to_array(f.samples, E'\n')::uuid[] AS samples, f.count, f.notice, f.event_id
            FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
                AS f (workspace, source, partition, version, path, kind, seen, usual, samples, count, notice, event_id)),
        raised AS (
            INSERT INTO drift_alert (workspace, source, partition, version, path, kind, seen, usual, samples, count)
            SELECT f.workspace, f.source, f.partition, f.version, f.path, f.kind, f.seen, f.usual, f.samples, f.count
            FROM found f
            WHERE NOT EXISTS (
                SELECT FROM drift_alert a
                WHERE a.workspace = f.workspace AND a.source = f.source AND a.version = f.version AND a.path = f.path AND a.kind = f.kind
                  AND a.resolution = 'accepted' AND a.seen @> f.seen)
            ON CONFLICT (workspace, source, path, kind) WHERE ended_at IS NULL DO UPDATE SET
                count = drift_alert.count + excluded.count,
                last_seen_at = now(),
                version = excluded.version,
                seen = (SELECT array_agg(s.word) FROM (
                    SELECT DISTINCT w.word FROM unnest(drift_alert.seen || excluded.seen) AS w (word) ORDER BY w.word LIMIT 20) s),
                samples = CASE WHEN cardinality(drift_alert.samples) < 5 THEN drift_alert.samples || excluded.samples ELSE drift_alert.samples END
            RETURNING workspace, source, partition, path, kind, xmax = 0 AS is_new)
        INSERT INTO message (partition, workspace, grain, kind, event_id, body)
        SELECT r.partition, r.workspace, '', 'watch_reported', f.event_id, f.notice
        FROM raised r
        JOIN found f ON f.workspace = r.workspace AND f.source = r.source AND f.path = r.path AND f.kind = r.kind
        WHERE r.is_new
        """;

    /// <summary>Holds deliveries. $1 events, $2 workspaces, $3 sources, $4 partitions, $5 messages, $6 versions, $7 changes, a line each.</summary>
    public const string Hold = """
        INSERT INTO drift_held (event_id, workspace, source, partition, message_id, version, changes)
        SELECT h.event_id, h.workspace, h.source, h.partition, h.message_id, h.version, string_to_array(h.changes, E'\n')
        FROM unnest($1, $2, $3, $4, $5, $6, $7) AS h (event_id, workspace, source, partition, message_id, version, changes)
        ON CONFLICT (event_id) DO NOTHING
        """;

    /// <summary>Which source an alert is of. $1 id.</summary>
    public const string Find = "SELECT workspace, source FROM drift_alert WHERE id = $1 AND ended_at IS NULL AND ($2::text IS NULL OR workspace = $2)";

    /// <summary>Ends an open alert; its review is closed by the source's queue. $1 id.</summary>
    public const string Accept = """
        WITH ended AS (
            UPDATE drift_alert SET ended_at = now(), resolution = 'accepted' WHERE id = $1 AND ended_at IS NULL
            RETURNING partition, workspace, source, path, kind, resolution)
        INSERT INTO message (partition, workspace, grain, kind, body)
        SELECT partition, workspace, '', 'watch_reported',
               json_build_object('outcome', 'drift_settled', 'key', 'drift/' || source || '/' || path || '/' || kind, 'resolution', resolution)::text
        FROM ended
        """;

    /// <summary>Ends the alerts of earlier versions of a source's map. $1 workspace, $2 source, $3 version.</summary>
    public const string EndOfVersion = """
        WITH ended AS (
            UPDATE drift_alert SET ended_at = now(), resolution = 'configuration_changed'
            WHERE workspace = $1 AND source = $2 AND version <> $3 AND ended_at IS NULL
            RETURNING partition, workspace, source, path, kind, resolution)
        INSERT INTO message (partition, workspace, grain, kind, body)
        SELECT partition, workspace, '', 'watch_reported',
               json_build_object('outcome', 'drift_settled', 'key', 'drift/' || source || '/' || path || '/' || kind, 'resolution', resolution)::text
        FROM ended
        """;

    /// <summary>
    /// Sends the oldest held deliveries of a source through its queue again: those of earlier versions of its map to be judged anew, and
    /// those of which every change was accepted as they are. $1 workspace, $2 source, $3 version, null: none has changed, $4 most.
    /// </summary>
    public const string Release = """
        WITH free AS (
            DELETE FROM drift_held WHERE event_id IN (
                SELECT h.event_id FROM drift_held h
                WHERE h.workspace = $1 AND h.source = $2
                  AND (h.version <> $3 OR NOT EXISTS (
                      SELECT FROM drift_alert a
                      WHERE a.workspace = h.workspace AND a.source = h.source AND a.ended_at IS NULL
                        AND a.path || '/' || a.kind = ANY (h.changes)))
                ORDER BY h.message_id LIMIT $4)
            RETURNING event_id, workspace, partition, message_id, version)
        INSERT INTO message (partition, workspace, grain, kind, event_id, body)
        SELECT f.partition, f.workspace, '', 'delivery_received', f.event_id, CASE WHEN f.version <> $3 THEN '{}' ELSE '{"released":true}' END
        FROM free f ORDER BY f.message_id
        """;

    /// <summary>What waits, by source.</summary>
    public const string Waiting = """
        SELECT workspace, source, sum(alerts)::bigint, sum(held)::bigint
        FROM (SELECT workspace, source, count(*) AS alerts, 0 AS held FROM drift_alert WHERE ended_at IS NULL GROUP BY workspace, source
              UNION ALL
              SELECT workspace, source, 0, count(*) FROM drift_held GROUP BY workspace, source) w
        GROUP BY workspace, source
        """;
}
