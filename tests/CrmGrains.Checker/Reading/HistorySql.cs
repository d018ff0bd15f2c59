namespace CrmGrains.Checker;

internal static class HistorySql
{
    // What is read must be of one instant, also beside silos that go on.
    public const string Begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

    public const string Partitions = "SELECT id, workspace, source, head_position, head_hash FROM partition";

    public const string RawEvents = "SELECT event_id, partition, delivery_id FROM raw_event";

    public const string Events = "SELECT event_id, workspace, idempotency_key, body FROM event";

    public const string Turns = """
        SELECT partition, position, workspace, grain, version, message_id, kind, outcome, event_id, configuration, silo,
               began_at, written_at, detail, salt, detail_hash, hash
        FROM ledger
        """;

    public const string States = "SELECT partition, grain, version, state FROM grain";

    public const string MessagesLeft = "SELECT id, partition, workspace, grain, kind, event_id FROM message";

    public const string Commands =
        "SELECT id, workspace, account, effect_key, event_id, grain, object, operation, state, crm_id, body FROM command ORDER BY id";

    public const string Links = "SELECT account, object, grain, crm_id FROM crm_link";

    public const string DeadLetters = "SELECT id, queue, grain, kind, event_id, error, resolution FROM dead_letter ORDER BY id";

    public const string Reviews = "SELECT workspace, key, reason, event_id, closed_at IS NULL FROM review";

    public const string Configurations = "SELECT hash, workspace, body FROM configuration";
}
