using CrmGrains.IntegrationTests.Databases;
using Npgsql;

namespace CrmGrains.IntegrationTests.Postgres;

public sealed class TestDatabaseTests
{
    [Fact]
    public async Task Each_test_database_is_a_copy_of_its_own_with_all_migrations()
    {
        await using var one = await TestDatabase.CreateAsync();
        await using var other = await TestDatabase.CreateAsync();

        await one.DataSource.CreateCommand("CREATE TABLE only_here (id int)").ExecuteNonQueryAsync();

        Assert.Equal(true, await one.DataSource.CreateCommand("SELECT to_regclass('only_here') IS NOT NULL").ExecuteScalarAsync());
        Assert.Equal(true, await other.DataSource.CreateCommand("SELECT to_regclass('only_here') IS NULL").ExecuteScalarAsync());
        Assert.Equal(true, await other.DataSource.CreateCommand("SELECT to_regclass('schema_migration') IS NOT NULL").ExecuteScalarAsync());
    }

    [Fact]
    public async Task Many_test_databases_are_made_at_once()
    {
        var databases = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => TestDatabase.CreateAsync()));

        foreach (var database in databases) Assert.Equal(1, await database.DataSource.CreateCommand("SELECT 1").ExecuteScalarAsync());

        await Task.WhenAll(databases.Select(database => database.DisposeAsync().AsTask()));
    }

    [Fact]
    public async Task A_disposed_test_database_is_gone_even_while_someone_is_connected()
    {
        var database = await TestDatabase.CreateAsync();
        await using var straggler = new NpgsqlConnection(database.ConnectionString);
        await straggler.OpenAsync();

        await database.DisposeAsync();

        await using var late = new NpgsqlConnection(database.ConnectionString);
        var refusal = await Assert.ThrowsAsync<PostgresException>(() => late.OpenAsync());
        Assert.Equal(PostgresErrorCodes.InvalidCatalogName, refusal.SqlState);
    }
}
