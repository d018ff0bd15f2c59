namespace CrmGrains.Host.Reviews;

/// <summary>The statements of the review queue. What is due is judged by the database's clock.</summary>
internal static class ReviewSql
{
    /// <summary>The most urgent first, as the index <c>review_open_by_priority</c> has it.</summary>
    private const string Rank = "(CASE r.priority WHEN 'urgent' THEN 0 WHEN 'high' THEN 1 WHEN 'normal' THEN 2 ELSE 3 END)";

    private const string Due = "coalesce(r.due_at, 'infinity'::timestamptz)";

    private const string Columns = """
        r.id, r.workspace, r.key, r.reason, r.summary, r.grain, r.event_id AS EventId, r.version, r.round, r.action, r.tier, r.priority,
        r.opened_at AS OpenedAt, r.due_at AS DueAt, r.expires_at AS ExpiresAt, r.snoozed_until AS SnoozedUntil, r.assignee, r.asked,
        r.approved_by AS ApprovedBy, r.answer, r.answered_by AS AnsweredBy, r.answer_reason AS AnswerReason, r.closed_at AS ClosedAt, r.resolution,
        r.closed_at IS NULL AND coalesce(r.due_at <= now(), false) AS IsOverdue,
        r.closed_at IS NULL AND coalesce(r.expires_at <= now(), false) AS IsExpired,
        CASE WHEN r.answer IS NOT NULL THEN 'answered' WHEN r.closed_at IS NOT NULL THEN 'withdrawn'
             WHEN r.snoozed_until > now() THEN 'snoozed' WHEN r.asked IS NOT NULL THEN 'asked' ELSE 'open' END AS Status
        """;

    private const string Documents = "r.proposal, r.instead, now() AS Now";

    /// <summary>A page of a list; each status and order is a statement of its own, so that each has its index.</summary>
    /// <param name="status">One of <see cref="Statuses"/>.</param>
    /// <param name="isByAge">Oldest first; else by priority.</param>
    public static string List(string status, bool isByAge)
    {
        var order = isByAge ? "r.opened_at, r.id" : $"{Rank}, {Due}, r.opened_at, r.id";
        return $"""
            SELECT {Columns} FROM review r
            WHERE {Statuses[status]}
              AND (@workspace::text IS NULL OR r.workspace = @workspace)
              AND (@reason::text IS NULL OR r.reason = @reason)
              AND (@action::text IS NULL OR r.action = @action)
              AND (@tier::text IS NULL OR r.tier = @tier)
              AND (@priority::text IS NULL OR r.priority = @priority)
              AND (@assignee::text IS NULL OR coalesce(r.assignee, '') = @assignee)
              AND (@after::uuid IS NULL OR ({order}) > (
                  SELECT {order} FROM review r WHERE r.id = @after AND (@workspace::text IS NULL OR r.workspace = @workspace)))
            ORDER BY {order}
            LIMIT @limit
            """;
    }

    /// <summary>What each status of a list means.</summary>
    public static IReadOnlyDictionary<string, string> Statuses { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["open"] = "r.closed_at IS NULL AND coalesce(r.snoozed_until <= now(), true)",
        ["snoozed"] = "r.closed_at IS NULL AND r.snoozed_until > now()",
        ["overdue"] = "r.closed_at IS NULL AND r.due_at <= now()",
        ["answered"] = "r.closed_at IS NOT NULL",
        ["all"] = "true",
    };

    /// <summary>One item; where a workspace is given, only of that.</summary>
    public const string Get = $"""
        SELECT {Columns}, {Documents} FROM review r WHERE r.id = @id AND (@workspace::text IS NULL OR r.workspace = @workspace)
        """;

    /// <summary>The same, and nobody else changes it until the transaction ends.</summary>
    public const string Lock = $"{Get} FOR UPDATE";

    /// <summary>One change: the next version, and the step that made it. An answer closes the item.</summary>
    public const string Write = """
        WITH written AS (
            UPDATE review SET
                version = version + 1, priority = @Priority, snoozed_until = @SnoozedUntil, assignee = @Assignee, asked = @Asked,
                approved_by = @ApprovedBy, approved_at = CASE WHEN @ApprovedBy::text IS NULL THEN NULL WHEN approved_by = @ApprovedBy THEN approved_at ELSE now() END,
                instead = @Instead, answer = @Answer, answered_by = @AnsweredBy, answer_reason = @AnswerReason,
                closed_at = CASE WHEN @Answer::text IS NULL THEN NULL ELSE now() END, resolution = @Answer
            WHERE id = @Id
            RETURNING id, version)
        INSERT INTO review_step (review_id, by, step, text, version)
        SELECT id, @by, @step, @text, version FROM written
        """;

    /// <summary>What happened to an item after a version, in order.</summary>
    public const string StepsAfter = """
        SELECT at, by, step, text, version FROM review_step WHERE review_id = @id AND version > @version ORDER BY id LIMIT 20
        """;

    /// <summary>What happened to an item and to the earlier rounds of its question, in order.</summary>
    public const string History = """
        SELECT s.at, s.by, s.step, s.text, s.version, r.round
        FROM review r JOIN review_step s ON s.review_id = r.id
        WHERE r.id = @id OR (r.event_id = @eventId AND r.workspace = @workspace AND r.key = @key AND r.round < @round)
        ORDER BY s.id LIMIT 500
        """;

    /// <summary>What a grain knows, for what proposals rest on.</summary>
    public const string State = "SELECT state FROM grain WHERE partition = @partition AND grain = @grain ORDER BY version DESC LIMIT 1";

    /// <summary>A command that was refused, or whose owner wasn't found.</summary>
    public const string Command = """
        SELECT object, operation, state, attempts, error, error_detail AS ErrorDetail FROM command WHERE workspace = @workspace AND effect_key = @effectKey
        """;

    /// <summary>What the turn came to that an answer led to; null where there was none yet.</summary>
    public const string Outcome = """
        SELECT l.outcome FROM ledger l
        WHERE l.event_id = @eventId AND l.kind = 'review_answered' AND l.workspace = @workspace AND l.detail::jsonb -> 'decision' ->> 'review' = @id::text
        ORDER BY l.written_at DESC, l.position DESC LIMIT 1
        """;

    /// <summary>Proposals that nobody answered in time, a batch of them, locked.</summary>
    public const string Expired = """
        SELECT id, grain, proposal, now() - opened_at AS waited FROM review WHERE closed_at IS NULL AND expires_at <= now()
        ORDER BY expires_at, id LIMIT @limit FOR UPDATE SKIP LOCKED
        """;

    /// <summary>Closes them.</summary>
    public const string Expire = """
        WITH expired AS (
            UPDATE review SET version = version + 1, answer = 'expired', answered_by = '', closed_at = now(), resolution = 'expired'
            WHERE id = ANY (@ids)
            RETURNING id, version)
        INSERT INTO review_step (review_id, by, step, version) SELECT id, '', 'expired', version FROM expired ORDER BY id
        """;

    /// <summary>Leaves proposals that can't be read to a person: they don't expire any more.</summary>
    public const string Keep = "UPDATE review SET expires_at = NULL WHERE id = ANY (@ids)";

    /// <summary>Whether any is to be woken or has expired: nearly always none, and then nothing else is asked.</summary>
    public const string IsAnyDue = """
        SELECT EXISTS (SELECT FROM review WHERE closed_at IS NULL AND snoozed_until <= now())
            OR EXISTS (SELECT FROM review WHERE closed_at IS NULL AND expires_at <= now())
        """;

    /// <summary>Wakes a batch of what was snoozed; that is no change, so whoever looks at it may still answer.</summary>
    public const string Wake = """
        WITH due AS MATERIALIZED (
            SELECT id FROM review WHERE closed_at IS NULL AND snoozed_until <= now()
            ORDER BY snoozed_until, id LIMIT @limit FOR UPDATE SKIP LOCKED),
        woken AS (UPDATE review r SET snoozed_until = NULL FROM due WHERE r.id = due.id RETURNING r.id)
        INSERT INTO review_step (review_id, by, step) SELECT id, '', 'woken' FROM woken ORDER BY id
        """;

    /// <summary>How many wait, by reason and tier, how many of them are overdue, and how old the oldest is. Counted up to a bound.</summary>
    public const string Measure = """
        SELECT o.reason, coalesce(o.tier, 'none') AS tier, count(*) AS count, count(*) FILTER (WHERE o.due_at <= now()) AS overdue,
               coalesce(extract(epoch FROM now() - min(o.opened_at)), 0)::float8 AS age
        FROM (SELECT r.reason, r.tier, r.due_at, r.opened_at FROM review r WHERE r.closed_at IS NULL ORDER BY r.opened_at, r.id LIMIT @max) o
        GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2 LIMIT @groups
        """;
}
