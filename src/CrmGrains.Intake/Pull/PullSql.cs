namespace CrmGrains.Intake.Pull;

internal static class PullSql
{
    /// <summary>
    /// Notes calls to fetch, each webhook once. One that waits after a failure goes on waiting, unless it was given up on. $1 partitions,
    /// $2 webhooks, $3 workspaces, $4 sources, $5 bases.
    /// </summary>
    public const string Ask = """
        INSERT INTO pull (partition, webhook, workspace, source, base)
        SELECT partition, webhook, workspace, source, base
        FROM unnest($1, $2, $3, $4, $5) AS p (partition, webhook, workspace, source, base)
        ORDER BY partition, webhook
        ON CONFLICT (partition, webhook) DO UPDATE SET
            pings = pull.pings + 1,
            base = excluded.base,
            due_at = CASE WHEN pull.attempts = 0 OR pull.due_at = 'infinity' THEN least(pull.due_at, now()) ELSE pull.due_at END
        """;

    /// <summary>One process fetches at a time. $1 key.</summary>
    public const string TryLock = "SELECT pg_try_advisory_lock($1)";

    /// <summary>What is due, longest first. $1 most.</summary>
    public const string Due = """
        SELECT partition, webhook, workspace, source, base, cursor, pings, attempts
        FROM pull WHERE due_at <= now() ORDER BY due_at, partition, webhook LIMIT $1
        """;

    /// <summary>
    /// Moves a cursor on, if it still stands where the page was fetched from: no row, and somebody else stored the page. After the last page
    /// it is due again at once where a call came meanwhile. $1 partition, $2 webhook, $3 from, $4 to, $5 pings, $6 whether there is more, $7 until
    /// it is looked at unasked, $8 between two pages.
    /// </summary>
    public const string Move = """
        UPDATE pull SET
            cursor = $4, attempts = 0, error = NULL,
            due_at = CASE WHEN $6 THEN now() + $8 WHEN pings = $5 THEN now() + $7 ELSE now() END
        WHERE partition = $1 AND webhook = $2 AND cursor = $3
        """;

    /// <summary>Notes that it failed, if nobody got further. $1 partition, $2 webhook, $3 from, $4 wait; null until the next call, $5 why.</summary>
    public const string Fail = """
        UPDATE pull SET attempts = attempts + 1, due_at = coalesce(now() + $4, 'infinity'), error = $5
        WHERE partition = $1 AND webhook = $2 AND cursor = $3
        """;

    /// <summary>A base that had too many calls is left alone, whichever webhook of it they were for. $1 base, $2 wait.</summary>
    public const string Rest = "UPDATE pull SET due_at = greatest(due_at, now() + $2) WHERE base = $1";
}
