using CrmGrains.Faults.Versions;
using CrmGrains.IntegrationTests.Databases;
using CrmGrains.IntegrationTests.Engine;
using Npgsql;
using Xunit.Abstractions;

namespace CrmGrains.IntegrationTests.Faults;

/// <summary>
/// A cluster is updated process by process: first the schema grows, then the old processes go, and what only they needed goes a release
/// later. So the version before the newest migration must still run on the new schema.
/// </summary>
[Collection(FaultyCluster.Name)]
public sealed class PreviousVersionTests(FaultyCluster faulty, ITestOutputHelper output)
{
    [Fact]
    public async Task Every_statement_of_the_previous_version_is_still_one_of_the_new_schema()
    {
        var file = await StatementFile.ReadAsync(Path.Combine(AppContext.BaseDirectory, "Faults", "previous-statements.json"));
        await using var database = await TestDatabase.CreateAsync();

        var broken = new List<string>();
        foreach (var statement in file.Statements)
        {
            if (await FaultOfAsync(database.DataSource, statement) is { } fault)
                broken.Add($"{fault}\n{statement.Sql}");
        }

        Assert.True(file.Statements.Count > 20, $"Only {file.Statements.Count} statements are known. Make the file anew: {file.Generator}");
        Assert.True(broken.Count == 0, $"Of the statements of {file.Commit} the new schema refuses:\n{string.Join("\n\n", broken)}");
        output.WriteLine($"{file.Statements.Count} statements of {file.Commit}.");
    }

    [PreviousVersionFact]
    [Trait("Category", "Long")]
    public async Task A_silo_of_the_previous_version_works_beside_new_ones_on_the_new_schema()
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
                Guid[] both = [await old.Silo, await faulty.Cluster.Silos[1].Process.Silo];
                // The old one takes over what this one had, then it ends, and the new ones take over what it had.
                await faulty.StrikeAsync("kill", silo: 0);
                await FaultyCluster.UntilAsync("turns by an old and by a new silo", async () =>
                    await faulty.Database.ValueAsync<long>("SELECT count(DISTINCT silo) FROM ledger WHERE silo = ANY ($1)", both) == 2);
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
            await database.ExecuteAsync($"PREPARE previous{types} AS {statement.Sql}");
            await database.ExecuteAsync("DEALLOCATE ALL");
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
