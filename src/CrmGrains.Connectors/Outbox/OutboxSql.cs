namespace CrmGrains.Connectors.Outbox;

/// <summary>
/// The statements of the outbox. All but those on dead letters run on the connection that holds the account's lock: without it, nothing is
/// committed.
/// </summary>
internal static class OutboxSql
{
    public const string TryLock = "SELECT pg_try_advisory_lock(@key)";

    public const string Unlock = "SELECT pg_advisory_unlock(@key)";

    /// <summary>
    /// A holder that hangs, or whose machine is gone, loses the account within half a minute: its polls are the session's heartbeat. The
    /// settings end with the session, or when it goes back into the pool.
    /// </summary>
    public const string LimitSession = """
        SELECT set_config('idle_session_timeout', '30s', false),
               set_config('idle_in_transaction_session_timeout', '5s', false),
               set_config('tcp_keepalives_idle', '10', false),
               set_config('tcp_keepalives_interval', '5', false),
               set_config('tcp_keepalives_count', '3', false)
        """;

    /// <summary>What the last holder had sent and not booked may have been carried out, or be just now.</summary>
    public const string TakeOver = """
        UPDATE command
        SET state = 'waiting', is_uncertain = true, due_at = now() + CASE WHEN object = ANY (@unrepeatable) THEN @wait ELSE interval '0' END
        WHERE account = @account AND state = 'sent'
        """;

    public const string TakeAccount = """
        INSERT INTO crm_account (account, silo) VALUES (@account, @silo)
        ON CONFLICT (account) DO UPDATE SET silo = excluded.silo
        RETURNING reason
        """;

    public const string SetAccountState = """
        UPDATE crm_account
        SET state = CASE WHEN @reason::text IS NULL THEN 'running' ELSE 'paused' END, reason = @reason, changed_at = now()
        WHERE account = @account
        """;

    /// <summary>
    /// The oldest waiting commands of each object behind its mark. Which transactions were running is asked in the same statement, so by
    /// the same snapshot; one row without a command says it where nothing waits.
    /// </summary>
    public const string Load = """
        SELECT s.xmin, s.xmax, c.id, c.workspace, c.effect_key, c.event_id, c.grain, c.partition, c.object, c.lane, c.body, c.attempts,
               c.is_uncertain, c.seconds
        FROM (SELECT pg_snapshot_xmin(p)::text::bigint AS xmin, pg_snapshot_xmax(p)::text::bigint AS xmax FROM pg_current_snapshot() p) s
        LEFT JOIN LATERAL (
            SELECT w.*, greatest(extract(epoch FROM w.due_at - now()), 0)::float8 AS seconds
            FROM unnest(@objects, @afters, @takes) AS q (object, after, take)
            CROSS JOIN LATERAL (
                SELECT * FROM command
                WHERE account = @account AND object = q.object AND state = 'waiting' AND id > q.after
                ORDER BY id LIMIT q.take
            ) w
        ) c ON true
        ORDER BY c.id
        """;

    public const string ReadLinks = """
        SELECT l.object, l.grain, l.crm_id, l.command_id
        FROM unnest(@objects, @grains) AS r (object, grain)
        JOIN crm_link l ON l.account = @account AND l.object = r.object AND l.grain = r.grain
        """;

    public const string Block = """
        UPDATE command c SET state = 'blocked', blocked_on = b.record
        FROM unnest(@ids, @records) AS b (id, record)
        WHERE c.id = b.id AND c.state = 'waiting'
        """;

    /// <summary>The intent, committed before the call.</summary>
    /// <returns>The ids that were waiting still.</returns>
    public const string Send = """
        UPDATE command c SET state = 'sent', attempts = attempts + 1, sent_at = now()
        FROM unnest(@ids) AS s (id)
        WHERE c.id = s.id AND c.state = 'waiting'
        RETURNING c.id
        """;

    public const string BookCommands = """
        UPDATE command c
        SET state = b.state, attempts = b.attempts, is_uncertain = b.is_uncertain, due_at = now() + b.delay,
            ended_at = CASE WHEN b.state = 'waiting' THEN NULL ELSE now() END,
            crm_id = b.crm_id, action = b.action, response_hash = b.response_hash, error = b.error, error_detail = b.error_detail
        FROM unnest(@ids, @states, @attempts, @uncertain, @delays, @crm_ids, @actions, @hashes, @errors, @details)
             AS b (id, state, attempts, is_uncertain, delay, crm_id, action, response_hash, error, error_detail)
        WHERE c.id = b.id
        """;

    /// <summary>Links records to their ids. What was given up on is noted only where no id is known.</summary>
    public const string Link = """
        INSERT INTO crm_link (account, object, grain, crm_id, command_id)
        SELECT @account, r.object, r.grain, r.crm_id, r.command_id
        FROM unnest(@objects, @grains, @crm_ids, @command_ids) AS r (object, grain, crm_id, command_id)
        ON CONFLICT (account, object, grain) DO UPDATE
        SET crm_id = excluded.crm_id, command_id = excluded.command_id, linked_at = now()
        WHERE excluded.crm_id IS NOT NULL
        """;

    public const string Unblock = """
        UPDATE command SET state = 'waiting', blocked_on = NULL, due_at = now()
        WHERE account = @account AND state = 'blocked' AND blocked_on = ANY (@records)
        RETURNING id, object
        """;

    /// <summary>Calls get their ids before they are inserted, so that the attempts can refer to them in the same statement.</summary>
    public const string LogCalls = """
        WITH call AS MATERIALIZED (
            SELECT nextval(pg_get_serial_sequence('crm_call', 'id')) AS id, c.*
            FROM unnest(@methods, @paths, @requests, @statuses, @responses, @outcomes, @began, @took, @quotas)
                 WITH ORDINALITY AS c (method, path, request, status, response, outcome, began_at, took_ms, quota_left, number)
        ), logged AS (
            INSERT INTO crm_call (id, account, method, path, request, status, response, outcome, began_at, took_ms, quota_left)
            OVERRIDING SYSTEM VALUE
            SELECT id, @account, method, path, request, status, response, outcome, began_at, took_ms, quota_left FROM call
        )
        INSERT INTO command_attempt (command_id, attempt, call_id)
        SELECT a.command_id, a.attempt, call.id
        FROM unnest(@command_ids, @command_attempts, @numbers) AS a (command_id, attempt, number)
        JOIN call ON call.number = a.number
        """;

    public const string DeadLetter = """
        INSERT INTO dead_letter (queue, workspace, partition, grain, kind, event_id, command_id, body, error)
        SELECT 'crm_api_failed_jobs', c.workspace, c.partition, c.grain, c.object, c.event_id, c.id, c.body, d.error
        FROM unnest(@ids, @errors) AS d (id, error)
        JOIN command c ON c.id = d.id
        ORDER BY c.id
        """;

    /// <summary>Tells grains how their commands ended, in the order of the arrays.</summary>
    public const string Tell = """
        INSERT INTO message (partition, workspace, grain, kind, event_id, body)
        SELECT m.partition, m.workspace, m.grain, m.kind, m.event_id, m.body
        FROM unnest(@partitions, @workspaces, @grains, @kinds, @event_ids, @bodies)
             WITH ORDINALITY AS m (partition, workspace, grain, kind, event_id, body, number)
        ORDER BY m.number
        """;

    /// <summary>Open commands by state, counted up to a bound, and the age of the oldest that waits.</summary>
    public const string Count = """
        SELECT (SELECT count(*) FROM (SELECT FROM command WHERE account = @account AND state = 'waiting' LIMIT @bound) w),
               (SELECT count(*) FROM (SELECT FROM command WHERE account = @account AND state = 'blocked' LIMIT @bound) b),
               (SELECT count(*) FROM (SELECT FROM command WHERE account = @account AND state = 'sent' LIMIT @bound) s),
               (SELECT greatest(extract(epoch FROM now() - min(o.created_at)), 0)::float8
                FROM unnest(@objects) AS q (object)
                CROSS JOIN LATERAL (
                    SELECT created_at FROM command
                    WHERE account = @account AND object = q.object AND state = 'waiting' ORDER BY id LIMIT 1
                ) o)
        """;

    /// <summary>
    /// Accounts with open commands that aren't configured and have waited for a while. It goes from account to account in the index, so it
    /// costs a look for each account and none for each command; what was sent and not booked is as little as what is on its way.
    /// </summary>
    public const string Unserved = """
        WITH RECURSIVE waiting AS (
            SELECT min(account) AS account FROM command WHERE state = 'waiting'
            UNION ALL
            SELECT (SELECT min(c.account) FROM command c WHERE c.state = 'waiting' AND c.account > w.account)
            FROM waiting w WHERE w.account IS NOT NULL
        ), unserved AS (
            SELECT account FROM waiting WHERE account IS NOT NULL AND NOT account = ANY (@configured)
            UNION
            SELECT account FROM command WHERE state = 'sent' AND NOT account = ANY (@configured)
        )
        SELECT u.account FROM unserved u
        WHERE EXISTS (SELECT FROM command c WHERE c.account = u.account AND c.state = 'waiting' AND c.created_at <= now() - @patience)
           OR EXISTS (SELECT FROM command c WHERE c.account = u.account AND c.state = 'sent' AND c.sent_at <= now() - @patience)
        ORDER BY u.account LIMIT @most
        """;

    public const string RetryDeadLetter = """
        WITH letter AS (
            UPDATE dead_letter SET ended_at = now(), resolution = 'retried'
            WHERE id = @id AND queue = 'crm_api_failed_jobs' AND ended_at IS NULL
            RETURNING command_id
        )
        UPDATE command c
        SET state = 'waiting', attempts = 0, due_at = now(), ended_at = NULL,
            -- What can't be looked for isn't made more doubtful than it is: it would only be asked about once more.
            is_uncertain = is_uncertain OR object NOT IN ('mail', 'notice')
        FROM letter
        WHERE c.id = letter.command_id AND c.state = 'dead_lettered'
        RETURNING c.id
        """;

    public const string DiscardDeadLetter = """
        WITH letter AS (
            UPDATE dead_letter SET ended_at = now(), resolution = 'discarded'
            WHERE id = @id AND queue = 'crm_api_failed_jobs' AND ended_at IS NULL
            RETURNING command_id
        )
        UPDATE command c SET state = 'discarded', ended_at = now()
        FROM letter
        WHERE c.id = letter.command_id AND c.state = 'dead_lettered'
        RETURNING c.id
        """;

    /// <summary>
    /// A refused command, by its effect key, once a person has corrected what was refused. Of what may have been sent already the person
    /// has decided that it shall be sent again.
    /// </summary>
    public const string RetryRefused = """
        UPDATE command
        SET state = 'waiting', attempts = 0, due_at = now(), ended_at = NULL,
            is_uncertain = is_uncertain AND error IS DISTINCT FROM 'may_have_been_sent'
        WHERE workspace = @workspace AND effect_key = @effect_key AND state = 'manual_review'
        RETURNING id
        """;

    /// <summary>Gives a refused command up for good.</summary>
    public const string DiscardRefused = """
        UPDATE command SET state = 'discarded', ended_at = now()
        WHERE workspace = @workspace AND effect_key = @effect_key AND state = 'manual_review'
        RETURNING id
        """;
}
