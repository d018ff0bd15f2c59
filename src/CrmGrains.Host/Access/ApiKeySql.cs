namespace CrmGrains.Host.Access;

internal static class ApiKeySql
{
    /// <summary>Whose a key is; that it was used is noted once a minute at most.</summary>
    public const string Find = """
        WITH used AS (
            UPDATE api_key SET last_used_at = now()
            WHERE key_hash = @hash AND revoked_at IS NULL AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute'))
        SELECT name, role, scopes || bound_scopes, workspace FROM api_key WHERE key_hash = @hash AND revoked_at IS NULL
        """;

    public const string Count = "SELECT count(*) FROM api_key WHERE revoked_at IS NULL";

    /// <summary>Takes a key in that the operator chose: everything in all workspaces, also where it was revoked or bound before.</summary>
    public const string Register = """
        INSERT INTO api_key (key_hash, name, scopes, prefix) VALUES (@hash, @name, @scopes, @prefix)
        ON CONFLICT (key_hash) DO UPDATE SET scopes = excluded.scopes, role = NULL, workspace = NULL, bound_scopes = '{}', revoked_at = NULL
        """;

    public const string Add = """
        INSERT INTO api_key (key_hash, prefix, name, role, scopes, bound_scopes, workspace, created_by)
        VALUES (@hash, @prefix, @name, @role, @scopes, @boundScopes, @workspace, @by)
        RETURNING id
        """;

    /// <summary>Keys in the order in which they were made, those that were revoked too; of one workspace, or all.</summary>
    public const string List = """
        SELECT id, name, prefix, role, scopes || bound_scopes AS Scopes, workspace, created_at AS CreatedAt, created_by AS CreatedBy,
               last_used_at AS LastUsedAt, revoked_at AS RevokedAt
        FROM api_key
        WHERE (@workspace::text IS NULL OR workspace = @workspace)
          AND (@after::uuid IS NULL
               OR (created_at, id) > (SELECT a.created_at, a.id FROM api_key a WHERE a.id = @after AND (@workspace::text IS NULL OR a.workspace = @workspace)))
        ORDER BY created_at, id
        LIMIT @limit
        """;

    /// <summary>Keeps two who revoke each other's keys apart.</summary>
    public const string Lock = "SELECT pg_advisory_xact_lock(hashtextextended('api_key', 0))";

    /// <summary>Revokes an open key of the workspace, or of all; but never the last one that may do everything.</summary>
    public const string Revoke = """
        WITH meant AS (
            SELECT id FROM api_key WHERE id = @id AND revoked_at IS NULL AND (@workspace::text IS NULL OR workspace = @workspace)),
        revoked AS (
            UPDATE api_key k SET revoked_at = now() FROM meant
            WHERE k.id = meant.id AND EXISTS (
                SELECT FROM api_key o
                WHERE o.id <> meant.id AND o.revoked_at IS NULL AND o.workspace IS NULL AND (o.role = 'admin' OR 'admin' = ANY (o.scopes)))
            RETURNING k.id)
        SELECT (SELECT count(*) FROM meant), (SELECT count(*) FROM revoked)
        """;
}
