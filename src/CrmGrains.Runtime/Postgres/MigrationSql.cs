namespace CrmGrains.Runtime.Postgres;

internal static class MigrationSql
{
    // Any constant will do as long as nobody else uses it: "crmgrain" in ASCII.
    private const string LockKey = "x'63726d677261696e'::bigint";

    public const string TakeLock = $"SELECT pg_advisory_lock({LockKey})";
    public const string ReleaseLock = $"SELECT pg_advisory_unlock({LockKey})";

    public const string CreateTable = """
        CREATE TABLE IF NOT EXISTS schema_migration (
            number     int PRIMARY KEY,
            name       text NOT NULL,
            sha256     text NOT NULL,
            applied_at timestamptz NOT NULL DEFAULT now()
        )
        """;

    public const string TableExists = "SELECT to_regclass('schema_migration') IS NOT NULL";
    public const string ReadApplied = "SELECT number, name, sha256 FROM schema_migration ORDER BY number";
    public const string WaitBriefly = "SET LOCAL lock_timeout = '3s'";
    public const string Record = "INSERT INTO schema_migration (number, name, sha256) VALUES (@number, @name, @sha256)";
}
