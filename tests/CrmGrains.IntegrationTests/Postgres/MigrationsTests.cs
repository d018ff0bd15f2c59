using CrmGrains.IntegrationTests.Databases;
using CrmGrains.Runtime.Postgres;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace CrmGrains.IntegrationTests.Postgres;

public sealed class MigrationsTests : IAsyncLifetime
{
    private static readonly MigrationScript People = MigrationScript.Parse("0001_people.sql", "CREATE TABLE person (id int PRIMARY KEY); INSERT INTO person VALUES (1);");
    private static readonly MigrationScript Names = MigrationScript.Parse("0002_names.sql", "ALTER TABLE person ADD COLUMN name text; INSERT INTO person VALUES (2);");

    private TestDatabase? _database;

    private NpgsqlDataSource Db => (_database ?? throw new InvalidOperationException("No database yet.")).DataSource;

    public async Task InitializeAsync() => _database = await TestDatabase.CreateEmptyAsync();

    public async Task DisposeAsync()
    {
        if (_database is not null) await _database.DisposeAsync();
    }

    [Fact]
    public async Task What_is_missing_is_applied_in_order_and_once()
    {
        Assert.Equal(1, await ApplyAsync(People));
        Assert.Equal(1, await ApplyAsync(Names, People));
        Assert.Equal(0, await ApplyAsync(People, Names));

        Assert.Equal(2L, await AskAsync("SELECT count(*) FROM person"));
        Assert.Equal("0001_people.sql,0002_names.sql", await AskAsync("SELECT string_agg(name, ',' ORDER BY number) FROM schema_migration"));
    }

    [Fact]
    public async Task Eight_processes_that_start_at_once_apply_each_script_once()
    {
        var sources = Enumerable.Range(0, 8).Select(_ => NpgsqlDataSource.Create((_database ?? throw new InvalidOperationException()).ConnectionString)).ToList();

        var applied = await Task.WhenAll(sources.Select(source =>
            Migrations.ApplyAsync(source, [People, Names], NullLogger.Instance, TimeProvider.System, CancellationToken.None)));

        Assert.Equal(2, applied.Sum());
        Assert.Equal(2L, await AskAsync("SELECT count(*) FROM person"));
        foreach (var source in sources) await source.DisposeAsync();
    }

    [Fact]
    public async Task The_lock_is_let_go_although_the_connection_goes_back_to_its_pool()
    {
        await ApplyAsync(People);

        Assert.Equal(0L, await AskAsync("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"));
    }

    [Fact]
    public async Task A_script_that_was_changed_after_it_was_applied_is_refused_by_name()
    {
        await ApplyAsync(People);

        var refusal = await Assert.ThrowsAsync<MigrationException>(() => ApplyAsync(MigrationScript.Parse(People.Name, People.Text + " "), Names));

        Assert.Contains("0001_people.sql was changed", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(1L, await AskAsync("SELECT count(*) FROM person"));
    }

    [Fact]
    public async Task Line_ends_of_another_system_are_no_change()
    {
        await ApplyAsync(MigrationScript.Parse("0001_lines.sql", "SELECT 1;\nSELECT 2;\n"));

        Assert.Equal(0, await ApplyAsync(MigrationScript.Parse("0001_lines.sql", "SELECT 1;\r\nSELECT 2;\r\n")));
    }

    [Fact]
    public async Task A_script_that_fails_changes_nothing_and_those_before_it_stay()
    {
        var failing = MigrationScript.Parse("0002_fails.sql", "INSERT INTO person VALUES (2); SELECT 1/0;");

        var failure = await Assert.ThrowsAsync<MigrationException>(() => ApplyAsync(People, failing));

        Assert.Contains("0002_fails.sql", failure.Message, StringComparison.Ordinal);
        Assert.Equal(1L, await AskAsync("SELECT count(*) FROM person"));
        Assert.Equal(1L, await AskAsync("SELECT count(*) FROM schema_migration"));
        Assert.Equal(1, await ApplyAsync(People, Names));
    }

    [Fact]
    public async Task An_older_program_runs_on_a_newer_database()
    {
        await ApplyAsync(People, Names);

        Assert.Equal(0, await ApplyAsync(People));
        Assert.Equal(0, await Migrations.CountPendingAsync(Db, [People], CancellationToken.None));
    }

    [Fact]
    public async Task A_database_of_another_line_of_development_is_refused()
    {
        await ApplyAsync(People);

        await Assert.ThrowsAsync<MigrationException>(() => ApplyAsync(Names));
    }

    [Fact]
    public async Task Readiness_sees_how_many_scripts_are_missing()
    {
        Assert.Equal(2, await Migrations.CountPendingAsync(Db, [People, Names], CancellationToken.None));
        await ApplyAsync(People);
        Assert.Equal(1, await Migrations.CountPendingAsync(Db, [People, Names], CancellationToken.None));
    }

    [Fact]
    public async Task A_script_that_waits_for_a_table_lets_others_pass_and_then_goes_on()
    {
        await ApplyAsync(People);
        await using var busy = await Db.OpenConnectionAsync();
        await using var transaction = await busy.BeginTransactionAsync();
        await using var reading = new NpgsqlCommand("SELECT count(*) FROM person", busy, transaction);
        await reading.ExecuteScalarAsync();

        var migration = ApplyAsync(People, Names);
        await ServerFolder.UntilAsync(
            async () => await AskAsync("SELECT count(*) FROM pg_locks WHERE relation = 'person'::regclass AND NOT granted") is 1L, "the migration's wait");
        await AskAsync("SELECT count(*) FROM person");  // comes after the waiting migration, and passes within a few seconds
        Assert.False(migration.IsCompleted);
        await transaction.CommitAsync();

        Assert.Equal(1, await migration);
    }

    [Fact]
    public void The_programs_own_scripts_have_numbers_and_names() =>
        Assert.All(MigrationScript.Embedded, script => Assert.Matches(@"^\d{4}_\w+\.sql$", script.Name));

    private Task<int> ApplyAsync(params MigrationScript[] scripts) =>
        Migrations.ApplyAsync(Db, scripts, NullLogger.Instance, TimeProvider.System, CancellationToken.None);

    private async Task<object?> AskAsync(string sql)
    {
        await using var command = Db.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }
}
