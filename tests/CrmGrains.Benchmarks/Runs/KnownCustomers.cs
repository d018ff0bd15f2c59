using System.Text.Json;
using CrmGrains.Benchmarks.Load;
using CrmGrains.Benchmarks.Servers;
using CrmGrains.Core.Configuration;
using CrmGrains.Core.Customers;
using CrmGrains.Core.Grains;
using CrmGrains.Core.Json;
using CrmGrains.Host.Configuration;
using CrmGrains.Intake.Identity;
using CrmGrains.Intake.Sources;
using Npgsql;
using NpgsqlTypes;

namespace CrmGrains.Benchmarks.Runs;

/// <summary>
/// Customers who had an event each before the first one is sent. Their states and identities are made by the product's own normalizer and
/// customer grain and copied into its tables, because a million events over HTTP would take minutes of each run.
/// </summary>
internal static class KnownCustomers
{
    private const int ChunkSize = 5_000;
    private const string CopyGrains = "COPY grain (partition, grain, version, state) FROM STDIN (FORMAT binary)";
    private const string CopyIdentities = "COPY identity (workspace, kind, value, customer, event_id) FROM STDIN (FORMAT binary)";

    // The checkpoint has the first change of each page log the whole page, as it would in a database that has been there for long.
    private static readonly string[] Settle = ["VACUUM ANALYZE grain", "VACUUM ANALYZE identity", "CHECKPOINT"];

    /// <summary>Writes all customers of a population.</summary>
    public static async Task WriteAsync(
        NpgsqlDataSource database, Population population, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var workspace = Workspace();
        await using (var grains = await database.OpenConnectionAsync(cancellationToken))
        await using (var identities = await database.OpenConnectionAsync(cancellationToken))
        await using (var grain = await grains.BeginBinaryImportAsync(CopyGrains, cancellationToken))
        await using (var identity = await identities.BeginBinaryImportAsync(CopyIdentities, cancellationToken))
        {
            foreach (var chunk in Enumerable.Range(0, population.Customers).Chunk(ChunkSize))
            {
                foreach (var known in chunk.AsParallel().AsOrdered().Select(customer => Known.Of(customer, workspace, now)))
                    await known.WriteAsync(grain, identity, cancellationToken);
            }

            await grain.CompleteAsync(cancellationToken);
            await identity.CompleteAsync(cancellationToken);
        }

        foreach (var statement in Settle)
        {
            await using var command = database.CreateCommand(statement);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    /// <summary>Checks that the events found the customers whom they are about.</summary>
    public static async Task CheckAsync(NpgsqlDataSource database, Population population, CancellationToken cancellationToken)
    {
        await using var count = database.CreateCommand("SELECT (SELECT count(*) FROM grain), (SELECT count(*) FROM identity)");
        await using var reader = await count.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var (grains, identities) = (reader.GetInt64(0), reader.GetInt64(1));
        if (grains != population.Customers || identities != population.Customers)
            throw new BenchmarkException(
                $"{population.Customers} customers were known beforehand; now there are {grains} grains and {identities} identities, so the events made others.");
    }

    private static WorkspaceConfiguration Workspace()
    {
        var path = Path.Combine(AppContext.BaseDirectory, "workspaces", $"{Hook.Main.Workspace}.yaml");
        return WorkspaceFile.Parse(path, File.ReadAllText(path)).Configuration ?? throw new BenchmarkException($"{path} has faults.");
    }

    private sealed record Known(GrainId Grain, string State, Identifier Identifier, Guid EventId)
    {
        public static Known Of(int customer, WorkspaceConfiguration workspace, DateTimeOffset now)
        {
            var id = Guid.CreateVersion7(now);
            var raw = new RawDelivery(id, now, Deliveries.Body($"known-{customer:D7}", customer, customer, now.AddDays(-1)));
            var source = workspace.Sources[Hook.Main.Source];
            if (SourceFormats.For(source.Format).Normalize(raw, source, workspace) is not [Normalized.Event normalized])
                throw new BenchmarkException("The payload of the benchmark breaks the contract.");
            var identifier = Evidence.Of(normalized.Value, workspace.Identity)[0].Identifier;
            var grain = GrainId.Of(workspace.Name, GrainKind.Customer, identifier.DeriveCustomer());
            var message = new Message.EventReceived(new IdentityMatch("new", 1, [identifier.Kind]), normalized.Validation)
            {
                Event = normalized.Value,
            };
            var turn = CustomerGrain.Handle(new CustomerState(), message, new TurnContext(grain, id, now, workspace));
            return new Known(grain, JsonSerializer.Serialize(turn.State, CoreJson.Default.CustomerState), identifier, id);
        }

        public async Task WriteAsync(NpgsqlBinaryImporter grains, NpgsqlBinaryImporter identities, CancellationToken cancellationToken)
        {
            await grains.StartRowAsync(cancellationToken);
            await grains.WriteAsync(MailboxPartition.Of(Grain), NpgsqlDbType.Integer, cancellationToken);
            await grains.WriteAsync(Grain.ToString(), NpgsqlDbType.Text, cancellationToken);
            await grains.WriteAsync(1L, NpgsqlDbType.Bigint, cancellationToken);
            await grains.WriteAsync(State, NpgsqlDbType.Text, cancellationToken);
            await identities.StartRowAsync(cancellationToken);
            await identities.WriteAsync(Identifier.Workspace, NpgsqlDbType.Text, cancellationToken);
            await identities.WriteAsync(Identifier.Kind, NpgsqlDbType.Text, cancellationToken);
            await identities.WriteAsync(Identifier.Value, NpgsqlDbType.Text, cancellationToken);
            await identities.WriteAsync(Grain.Key, NpgsqlDbType.Text, cancellationToken);
            await identities.WriteAsync(EventId, NpgsqlDbType.Uuid, cancellationToken);
        }
    }
}
