namespace CrmGrains.Host.Undo;

internal static class UndoSql
{
    // A customer's are those of its own grain and its deals', and what its events made others do. A turn that only heard how a command
    // ended is none that asked for it.
    private const string Chosen = """
        c.workspace = @workspace
          AND (@id::bigint IS NULL OR c.id = @id)
          AND (@before::bigint IS NULL OR c.id < @before)
          AND (@event::uuid IS NULL OR c.event_id = @event)
          AND (@from::timestamptz IS NULL OR c.created_at >= @from)
          AND (@to::timestamptz IS NULL OR c.created_at < @to)
          AND (@action::text IS NULL OR c.object = @action OR c.operation = @action)
          AND (@customer::text IS NULL OR c.grain = @customer OR starts_with(c.grain, @deals)
               OR EXISTS (SELECT FROM ledger l WHERE l.event_id = c.event_id AND l.grain = @customer))
          AND (@configuration::text IS NULL
               OR (c.created_at >= (SELECT f.seen_at FROM configuration f WHERE f.hash = @configuration)
                   AND EXISTS (SELECT FROM ledger l WHERE l.event_id = c.event_id AND l.grain = c.grain AND l.configuration = @configuration
                                                     AND l.kind <> 'command_completed')))
        """;

    /// <summary>Commands, the newest first.</summary>
    public const string List = $"""
        SELECT c.id, c.workspace, c.effect_key AS EffectKey, c.event_id AS EventId, c.grain, c.object, c.operation, c.state, c.action,
               c.crm_id AS CrmId, c.created_at AS CreatedAt, c.ended_at AS EndedAt, c.reverted_at AS RevertedAt,
               c.before_image IS NOT NULL AS HasImage
        FROM command c
        WHERE {Chosen}
        ORDER BY c.id DESC LIMIT @limit
        """;

    /// <summary>Commands as a plan sees them, the newest first, with the newest other write of their record that stands.</summary>
    public const string Plan = $"""
        SELECT c.id, c.object, c.operation, c.state, c.action, c.is_uncertain AS IsUncertain, c.reverted_at IS NOT NULL AS IsReverted,
               c.before_image AS BeforeImage, c.after_image AS AfterImage, later.id AS LaterId, later.after_image AS LaterImage
        FROM (SELECT * FROM command c WHERE {Chosen} ORDER BY c.id DESC LIMIT @limit) c
        LEFT JOIN crm_link k ON k.account = c.account AND k.object = c.object AND k.grain = c.grain AND k.command_id > c.id
        LEFT JOIN command later ON later.id = k.command_id AND later.reverted_at IS NULL
        ORDER BY c.id DESC
        """;

    public const string WorkspaceOf = "SELECT workspace FROM command WHERE id = @id AND (@workspace::text IS NULL OR workspace = @workspace)";

    public const string Add = """
        WITH added AS (
            INSERT INTO undo (id, workspace, asked, has_more, requested_by) VALUES (@id, @workspace, @asked, @hasMore, @by))
        INSERT INTO review (workspace, key, reason, summary, grain, detail)
        VALUES (@workspace, 'undo/' || @id::text, 'undo', @summary, '', @asked)
        """;

    /// <summary>$1 undo, $2 commands, $3 classes, $4 reasons, $5 fields as JSON; numbered from 1.</summary>
    public const string AddSteps = """
        INSERT INTO undo_step (undo_id, number, command_id, class, reason, fields)
        SELECT $1, s.number, s.command_id, s.class, s.reason, ARRAY(SELECT jsonb_array_elements_text(s.fields::jsonb))
        FROM unnest($2, $3, $4, $5) WITH ORDINALITY AS s (command_id, class, reason, fields, number)
        """;

    public const string Find = """
        SELECT id, workspace, state, has_more AS HasMore, requested_by AS RequestedBy, requested_at AS RequestedAt,
               answered_by AS AnsweredBy, answered_at AS AnsweredAt
        FROM undo WHERE id = @id AND (@workspace::text IS NULL OR workspace = @workspace)
        """;

    /// <summary>The steps, and how far each is.</summary>
    public const string Steps = """
        SELECT s.number, s.command_id AS Command, c.event_id AS EventId, c.object, c.operation, s.class, s.reason, s.fields, c.reverted_at AS RevertedAt
        FROM undo_step s LEFT JOIN command c ON c.id = s.command_id
        WHERE s.undo_id = @id ORDER BY s.number
        """;

    /// <summary>Of two people at once one gets a row.</summary>
    public const string Answer = """
        UPDATE undo SET state = @state, answered_by = @by, answered_at = now() WHERE id = @id AND state = 'planned' RETURNING workspace
        """;

    public const string CloseReview = """
        WITH closed AS (
            UPDATE review SET closed_at = now(), resolution = @answer, answer = @answer, answered_by = @by, version = version + 1
            WHERE workspace = (SELECT u.workspace FROM undo u WHERE u.id = @id) AND key = 'undo/' || @id::text AND closed_at IS NULL
            RETURNING id, version)
        INSERT INTO review_step (review_id, by, step, version) SELECT id, @by, @answer, version FROM closed
        """;

    /// <summary>What is taken back: the steps of which that can be said still.</summary>
    public const string Approved = """
        SELECT c.id, c.effect_key AS EffectKey, c.grain, c.object, c.event_id AS EventId, c.crm_id AS CrmId, c.body,
               c.before_image AS BeforeImage, c.after_image AS AfterImage
        FROM undo_step s JOIN command c ON c.id = s.command_id
        WHERE s.undo_id = @id AND s.class = 'untouched_since' AND c.state = 'succeeded' AND c.reverted_at IS NULL AND c.before_image IS NOT NULL
        ORDER BY s.number
        """;
}
