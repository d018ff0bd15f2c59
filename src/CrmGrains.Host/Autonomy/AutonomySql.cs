namespace CrmGrains.Host.Autonomy;

internal static class AutonomySql
{
    /// <summary>Of several processes one looks at a time; the lock ends with the transaction.</summary>
    public const string TryLock = "SELECT pg_try_advisory_xact_lock(18513, 17)";

    /// <summary>Whoever answers waits for a look to end: one that began before the answer would propose the same once more.</summary>
    public const string Lock = "SELECT pg_advisory_xact_lock(18513, 17)";

    public const string State = "SELECT state FROM grain WHERE partition = @partition AND grain = @grain ORDER BY version DESC LIMIT 1";

    /// <summary>
    /// What people said to proposals, by kind of action. Whether what was approved was undone within two weeks is only known later, so younger
    /// approvals don't count yet; what was changed or rejected does at once. What nobody was asked about is found by the ledger entry of the turn that asked for it.
    /// </summary>
    public const string Tallies = """
        SELECT a.action, d.decided, d.accepted, d.decided_since AS DecidedSince, d.accepted_since AS AcceptedSince,
               CASE WHEN a.granted_at IS NULL THEN 0 ELSE (
                   SELECT count(*) FROM command c
                   WHERE c.workspace = @workspace AND c.reverted_at >= a.granted_at AND c.created_at >= a.granted_at AND EXISTS (
                       SELECT FROM ledger l WHERE l.event_id = c.event_id AND l.grain = c.grain AND jsonb_path_exists(
                           l.detail::jsonb, '$.decision.actions[*] ? (@.type == $type && @.verdict == "execute" && !exists(@.approved_by))',
                           jsonb_build_object('type', a.action)))) END::int AS undone,
               CASE WHEN a.granted_at IS NULL THEN 0 ELSE (
                   SELECT count(*) FROM command c
                   WHERE c.workspace = @workspace AND c.state IN ('manual_review', 'dead_lettered') AND c.operation <> 'revert'
                     AND c.ended_at >= greatest(a.granted_at, now() - interval '1 day') AND c.created_at >= a.granted_at AND EXISTS (
                       SELECT FROM ledger l WHERE l.event_id = c.event_id AND l.grain = c.grain AND jsonb_path_exists(
                           l.detail::jsonb, '$.decision.actions[*] ? (@.type == $type && @.verdict == "execute" && !exists(@.approved_by))',
                           jsonb_build_object('type', a.action)))) END::int AS failed
        FROM unnest(@actions, @granted::timestamptz[]) AS a (action, granted_at)
        CROSS JOIN LATERAL (
            SELECT count(*) FILTER (WHERE r.answer <> 'approved' OR r.closed_at < now() - interval '14 days')::int AS decided,
                   count(*) FILTER (WHERE r.closed_at < now() - interval '14 days' AND r.answer = 'approved' AND NOT EXISTS (
                       SELECT FROM command c
                       WHERE c.event_id = r.event_id AND c.reverted_at < r.closed_at + interval '14 days'
                         AND starts_with(c.effect_key, r.event_id::text || '/' || (r.proposal::jsonb ->> 'step') || '/')))::int AS accepted,
                   count(*) FILTER (WHERE r.closed_at >= a.granted_at)::int AS decided_since,
                   count(*) FILTER (WHERE r.closed_at >= a.granted_at AND r.answer = 'approved')::int AS accepted_since
            FROM review r
            WHERE r.workspace = @workspace AND r.action = a.action AND r.closed_at >= now() - @window
              AND r.answer IN ('approved', 'edited', 'rejected')) d
        """;

    /// <summary>
    /// Asks a person to sign; not while that is asked already, nor for a month after somebody answered: a no counts so long, and a signature is
    /// on its way to the grain for a moment.
    /// </summary>
    public const string Propose = """
        INSERT INTO review (workspace, key, reason, summary, grain, detail)
        SELECT @workspace, @key, 'autonomy', @summary, @grain, @detail
        WHERE NOT EXISTS (
            SELECT FROM review r WHERE r.workspace = @workspace AND r.key = @key AND r.reason = 'autonomy' AND r.answer IS NOT NULL
                                   AND r.closed_at > now() - interval '30 days')
        ON CONFLICT (workspace, key) WHERE closed_at IS NULL DO NOTHING
        """;

    /// <summary>Of two people at once one gets the tally that was put before them.</summary>
    public const string Answer = """
        WITH closed AS (
            UPDATE review SET closed_at = now(), resolution = @answer, answer = @answer, answered_by = @by, version = version + 1
            WHERE workspace = @workspace AND key = @key AND reason = 'autonomy' AND closed_at IS NULL
            RETURNING id, detail),
        noted AS (INSERT INTO review_step (review_id, by, step) SELECT id, @by, @answer FROM closed)
        SELECT detail FROM closed
        """;

    public const string Proposed = "SELECT key FROM review WHERE workspace = @workspace AND reason = 'autonomy' AND closed_at IS NULL";
}
