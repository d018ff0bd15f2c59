namespace CrmGrains.Host.Ledger;

internal static class LedgerSql
{
    private const string Columns = """
        l.partition, l.position, l.workspace, l.grain, l.version, l.message_id, l.kind, l.outcome, l.event_id, l.configuration,
               l.silo, l.began_at, l.written_at, l.detail, encode(l.hash, 'hex')
        """;

    /// <summary>The oldest entries after a cursor, of all workspaces. $1, $2 partitions and positions of the cursor, $3 how many.</summary>
    public const string Page = $"""
        SELECT {Columns}
        FROM partition p
        LEFT JOIN unnest($1, $2) AS c (partition, position) ON c.partition = p.id
        CROSS JOIN LATERAL (
            SELECT * FROM ledger x WHERE x.partition = p.id AND x.position > coalesce(c.position, 0) ORDER BY x.position LIMIT $3) l
        ORDER BY l.written_at, l.partition, l.position
        LIMIT $3
        """;

    /// <summary>
    /// Looks at the next entries of each chain that may have some of a workspace. The ledger has no index by workspace, which every turn would
    /// pay for, so what is looked at has a bound. $1, $2 cursor, $3 workspace, $4 how many to look at in each chain. Comes back as partition,
    /// position and time of those that are the workspace's, and then, without a time, how far each chain was looked at and whether that was all.
    /// </summary>
    public const string Look = """
        WITH looked AS MATERIALIZED (
            SELECT x.partition, x.position, x.workspace = $3 AS is_meant, x.written_at
            FROM partition p
            LEFT JOIN unnest($1, $2) AS c (partition, position) ON c.partition = p.id
            CROSS JOIN LATERAL (
                SELECT y.partition, y.position, y.workspace, y.written_at
                FROM ledger y WHERE y.partition = p.id AND y.position > coalesce(c.position, 0) ORDER BY y.position LIMIT $4) x
            WHERE p.workspace IS NULL OR p.workspace = $3)
        SELECT partition, position, written_at, false FROM looked WHERE is_meant
        UNION ALL
        SELECT partition, max(position), NULL, count(*) < $4 FROM looked GROUP BY partition
        """;

    /// <summary>Entries by their place. $1 partitions, $2 positions.</summary>
    public const string Entries = $"""
        SELECT {Columns}
        FROM unnest($1, $2) AS w (partition, position)
        JOIN ledger l ON l.partition = w.partition AND l.position = w.position
        ORDER BY l.written_at, l.partition, l.position
        """;
}
