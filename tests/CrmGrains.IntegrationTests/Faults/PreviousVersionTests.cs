using CrmGrains.Faults.Versions;
using CrmGrains.IntegrationTests.Databases;
using CrmGrains.IntegrationTests.Engine;
using Npgsql;
using Xunit.Abstractions;

namespace CrmGrains.IntegrationTests.Faults;

/// <summary>
/// A cluster is updated process by process: first the schema changes, then the old processes go. So the version before the newest migration
/// must still run on the new schema; or rest there without an error, as its silos do since 0005_mailboxes.sql, while its gateways and
/// connectors go on.
/// </summary>
[Collection(FaultyCluster.Name)]
public sealed class PreviousVersionTests(FaultyCluster faulty, ITestOutputHelper output)
{
    // What only a turn writes; a silo that finds nothing to claim never comes to it.
    private static readonly string[] OfTurns = ["INSERT INTO command (", "INSERT INTO grain ("];

    [Fact]
    public async Task Every_statement_of_the_previous_version_is_still_one_of_the_new_schema()
    {
        var file = await StatementFile.ReadAsync(Path.Combine(AppContext.BaseDirectory, "Faults", "previous-statements.json"));
        await using var database = await TestDatabase.CreateAsync();

        var broken = new List<string>();
        foreach (var statement in file.Statements)
        {
            if (!OfTurns.Any(beginning => statement.Sql.StartsWith(beginning, StringComparison.Ordinal))
                && await FaultOfAsync(database.DataSource, statement) is { } fault)
                broken.Add($"{fault}\n{statement.Sql}");
        }

        Assert.True(file.Statements.Count > 20, $"Only {file.Statements.Count} statements are known. Make the file anew: {file.Generator}");
        Assert.True(broken.Count == 0, $"Of the statements of {file.Commit} the new schema refuses:\n{string.Join("\n\n", broken)}");
        output.WriteLine($"{file.Statements.Count} statements of {file.Commit}.");
    }

    [PreviousVersionFact]
    [Trait("Category", "Long")]
    public async Task A_silo_of_the_previous_version_rests_beside_new_ones_on_the_new_schema_and_nothing_is_lost()
    {
        var (version, obstacle) = await PreviousVersion.FindAsync(CancellationToken.None);
        if (version is null)
            throw new InvalidOperationException(obstacle);
        var source = Directory.CreateTempSubdirectory("crmgrains-previous-");
        try
        {
            var assembly = await version.BuildAsync(source.FullName, CancellationToken.None);
            await faulty.RunAsync(output, async _ =>
            {
                await using var old = await faulty.Cluster.StartHostAsync(
                    "previous", "silo", new Dictionary<string, string>(), CancellationToken.None, link: null, assembly);
                var resting = await old.Silo;
                // Others take over what this one had.
                await faulty.StrikeAsync("kill", silo: 0);
                await faulty.MoreTurnsAsync(200);
                Assert.Equal(0, await faulty.Database.ValueAsync<long>("SELECT count(*) FROM ledger WHERE silo = $1", resting));
                await old.KillAsync();
                await faulty.MoreTurnsAsync(20);
            });
        }
        finally
        {
            source.Delete(recursive: true);
        }
    }

    private static async Task<string?> FaultOfAsync(NpgsqlDataSource database, StatementText statement)
    {
        var types = statement.Types.Count == 0 ? "" : $"({string.Join(", ", statement.Types)})";
        try
        {
            // Only planning tells whether there is the unique key that an ON CONFLICT names.
            var values = string.Join(", ", statement.Types.Select(_ => "NULL"));
            var plan = statement.Types.Count == 0 ? "" : $"EXPLAIN EXECUTE previous({values});";
            await database.ExecuteAsync($"PREPARE previous{types} AS {statement.Sql}; {plan} DEALLOCATE previous");
            return null;
        }
        catch (PostgresException exception)
        {
            return exception.MessageText;
        }
    }
}

/// <summary>A test that needs the repository's history; skipped with the reason where it is missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PreviousVersionFactAttribute : FactAttribute
{
    /// <summary>Looks for the version.</summary>
    public PreviousVersionFactAttribute() =>
        Skip = Task.Run(() => PreviousVersion.FindAsync(CancellationToken.None)).GetAwaiter().GetResult().Obstacle;
}
