namespace CrmGrains.Runtime.Silos;

internal static class BatchSql
{
    /// <summary>The states of grains; the newest version is the first in the index, whatever old ones a snapshot keeps. $1 partitions, $2 grains.</summary>
    public const string LoadStates = """
        SELECT g.partition, g.grain, g.version, g.state
        FROM unnest($1, $2) AS wanted (partition, grain)
        CROSS JOIN LATERAL (
            SELECT x.partition, x.grain, x.version, x.state FROM grain x
            WHERE x.partition = wanted.partition AND x.grain = wanted.grain ORDER BY x.version DESC LIMIT 1) g
        """;

    /// <summary>Adds versions of states. $1 partitions, $2 grains, $3 versions, $4 states.</summary>
    public const string AddStates = """
        INSERT INTO grain (partition, grain, version, state)
        SELECT partition, grain, version, state FROM unnest($1, $2, $3, $4) AS g (partition, grain, version, state)
        """;

    /// <summary>
    /// Removes the versions that were read, as others take their place. By their ctids, which leaves the planner no choice: of an update by the key it once
    /// made a scan of the whole table, whose statistics had counted none of its rows as alive. $1 partitions, $2 grains, $3 versions, $4 how many.
    /// </summary>
    public const string RemoveStates = """
        WITH removed AS (
            DELETE FROM grain WHERE ctid = ANY (ARRAY(
                SELECT g.ctid
                FROM unnest($1, $2, $3) AS r (partition, grain, version)
                CROSS JOIN LATERAL (
                    SELECT x.ctid FROM grain x WHERE x.partition = r.partition AND x.grain = r.grain AND x.version = r.version LIMIT 1) g))
            RETURNING 1)
        SELECT expect_states((SELECT count(*) FROM removed), $4)
        """;

    /// <summary>
    /// $1 partitions, $2 positions, $3 workspaces, $4 grains, $5 versions, $6 messages, $7 kinds, $8 outcomes, $9 events,
    /// $10 configurations, $11 silo, $12 when their batch began, $13 details, $14 salts, $15 their hashes, $16 hashes.
    /// </summary>
    public const string WriteLedger = """
        INSERT INTO ledger (partition, position, workspace, grain, version, message_id, kind, outcome, event_id, configuration,
                            silo, began_at, detail, salt, detail_hash, hash)
        SELECT l.partition, l.position, l.workspace, l.grain, l.version, l.message_id, l.kind, l.outcome, l.event_id, l.configuration,
               $11, l.began_at, l.detail, l.salt, l.detail_hash, l.hash
        FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $12, $13, $14, $15, $16)
            AS l (partition, position, workspace, grain, version, message_id, kind, outcome, event_id, configuration, began_at,
                  detail, salt, detail_hash, hash)
        """;

    /// <summary>
    /// Queues commands whose effects nobody can have asked for before, in the order of the arrays: to look for each in three unique indexes first takes a
    /// quarter of what queueing it does. $1 workspaces, $2 accounts, $3 effect keys, $4 events, $5 grains, $6 partitions, $7 objects, $8 operations, $9 lanes, $10 bodies.
    /// </summary>
    public const string EnqueueNew = """
        INSERT INTO command (workspace, account, effect_key, event_id, grain, partition, object, operation, lane, body)
        SELECT c.workspace, c.account, c.effect_key, c.event_id, c.grain, c.partition, c.object, c.operation, c.lane, c.body
        FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            AS c (workspace, account, effect_key, event_id, grain, partition, object, operation, lane, body)
        """;

    /// <summary>Queues commands. An effect that was asked for already isn't asked for again. Parameters as for <see cref="EnqueueNew"/>.</summary>
    public const string Enqueue = EnqueueNew + " ON CONFLICT DO NOTHING";

    /// <summary>
    /// $1 workspaces, $2 keys, $3 reasons, $4 summaries, $5 grains, $6 events; of what asks for an approval: $7 proposals, $8 rounds, $9 actions,
    /// $10 tiers, $11 due, $12 when they expire.
    /// </summary>
    public const string OpenReviews = """
        INSERT INTO review (workspace, key, reason, summary, grain, event_id, proposal, round, action, tier, priority, due_at, expires_at)
        SELECT r.workspace, r.key, r.reason, r.summary, r.grain, r.event_id, r.proposal, r.round, r.action, r.tier,
               CASE WHEN r.tier IN ('high', 'critical') THEN 'high' ELSE 'normal' END, r.due_at, r.expires_at
        FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
            AS r (workspace, key, reason, summary, grain, event_id, proposal, round, action, tier, due_at, expires_at)
        ORDER BY r.workspace, r.key
        ON CONFLICT (workspace, key) WHERE closed_at IS NULL DO NOTHING
        """;

    /// <summary>$1 workspaces, $2 keys, $3 resolutions.</summary>
    public const string CloseReviews = """
        UPDATE review r SET closed_at = now(), resolution = c.resolution
        FROM unnest($1, $2, $3) AS c (workspace, key, resolution)
        WHERE r.workspace = c.workspace AND r.key = c.key AND r.closed_at IS NULL
        """;

    /// <summary>$1 partitions, $2 grains, $3 names, $4 events, $5 due.</summary>
    public const string SetTimers = """
        INSERT INTO timer (partition, grain, name, event_id, due_at)
        SELECT t.partition, t.grain, t.name, t.event_id, t.due_at
        FROM unnest($1, $2, $3, $4, $5) AS t (partition, grain, name, event_id, due_at)
        ON CONFLICT (grain, name) DO UPDATE SET due_at = excluded.due_at, event_id = excluded.event_id
        """;

    /// <summary>$1 grains, $2 names.</summary>
    public const string CancelTimers = """
        DELETE FROM timer t USING unnest($1, $2) AS c (grain, name) WHERE t.grain = c.grain AND t.name = c.name
        """;

    /// <summary>$1 workspaces, $2 partitions, $3 grains, $4 kinds, $5 events, $6 bodies, $7 errors.</summary>
    public const string DeadLetters = """
        INSERT INTO dead_letter (queue, workspace, partition, grain, kind, event_id, body, error)
        SELECT 'turns', d.workspace, d.partition, d.grain, d.kind, d.event_id, d.body, d.error
        FROM unnest($1, $2, $3, $4, $5, $6, $7) AS d (workspace, partition, grain, kind, event_id, body, error)
        """;
}
