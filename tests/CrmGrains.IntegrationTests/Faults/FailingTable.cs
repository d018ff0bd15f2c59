using System.Globalization;
using CrmGrains.IntegrationTests.Engine;
using Npgsql;

namespace CrmGrains.IntegrationTests.Faults;

/// <summary>When the error is raised.</summary>
internal enum RaisedAt
{
    /// <summary>By the statement that writes.</summary>
    Statement,

    /// <summary>By the commit, when every statement has been answered already.</summary>
    Commit,
}

/// <summary>
/// Triggers that raise errors that pass by themselves. They are counted in a sequence, which a rollback doesn't set back.
/// </summary>
internal static class FailingTable
{
    public const string SerializationFailure = "40001";
    public const string Deadlock = "40P01";

    public static Task PrepareAsync(NpgsqlDataSource database) => database.ExecuteAsync("""
        CREATE SEQUENCE write_number;
        CREATE SEQUENCE failure_number;
        CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            -- Arguments: error, how many writes of a hundred fail, how many at most.
            IF mod(abs(hashint8(nextval('write_number'))), 100) < TG_ARGV[1]::int AND nextval('failure_number') <= TG_ARGV[2]::int THEN
                RAISE EXCEPTION '% fails for now', TG_TABLE_NAME USING ERRCODE = TG_ARGV[0];
            END IF;
            RETURN NULL;
        END $$
        """);

    /// <summary>Lets writes to a table fail, at most so often.</summary>
    /// <param name="percent">Of all writes, which are told apart by a hash of their number.</param>
    public static Task FailAsync(NpgsqlDataSource database, string table, string sqlState, RaisedAt at, int percent = 100, int most = 2) =>
        database.ExecuteAsync(string.Create(CultureInfo.InvariantCulture, $"""
            CREATE {(at == RaisedAt.Commit ? "CONSTRAINT" : "")} TRIGGER fails AFTER INSERT OR UPDATE OR DELETE ON {table}
            {(at == RaisedAt.Commit ? "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW" : "FOR EACH STATEMENT")}
            EXECUTE FUNCTION fail('{sqlState}', '{percent}', '{most}')
            """));

    /// <summary>Lets it work again.</summary>
    /// <returns>How many writes failed.</returns>
    public static async Task<long> RecoverAsync(NpgsqlDataSource database, string table)
    {
        await database.ExecuteAsync($"DROP TRIGGER fails ON {table}");
        var failed = await database.ValueAsync<long>("SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM failure_number");
        await database.ExecuteAsync("ALTER SEQUENCE failure_number RESTART");
        return failed;
    }

    /// <summary>All tables of the schema that are written while work goes on.</summary>
    public static Task<List<string>> AllAsync(NpgsqlDataSource database) => database.ListAsync<string>("""
        SELECT relname::text FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname NOT IN ('schema_migration', 'api_key', 'configuration')
        ORDER BY relname
        """);
}
