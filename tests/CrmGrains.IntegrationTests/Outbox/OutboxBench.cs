using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text.Json;
using CrmGrains.Connectors;
using CrmGrains.Connectors.Outbox;
using CrmGrains.Core.Commands;
using CrmGrains.Core.Fields;
using CrmGrains.Core.Grains;
using CrmGrains.Core.Json;
using CrmGrains.IntegrationTests.Databases;
using Dapper;
using Microsoft.Extensions.Logging.Abstractions;

namespace CrmGrains.IntegrationTests.Outbox;

/// <summary>A database with one CRM account, commands as turns insert them, and outboxes on it.</summary>
internal sealed class OutboxBench : IAsyncDisposable
{
    public const string Account = "acme/hubspot";

    private readonly List<CrmOutbox> _outboxes = [];
    private TestDatabase? _database;
    private int _commands;

    public TestDatabase Database => _database ?? throw new InvalidOperationException("The bench was not set up.");

    public List<int> Filled { get; } = [];

    public async Task InitializeAsync() => _database = await TestDatabase.CreateAsync();

    public static OutboxOptions Options => new() { CallTimeout = TimeSpan.FromHours(2), StopTimeout = TimeSpan.FromSeconds(20) };

    public static RecordRef Contact(string key, bool isRequired = true) =>
        new(CrmObject.Contact, GrainId.Of("acme", GrainKind.Customer, key), isRequired);

    public static RecordRef Company(string key, bool isRequired = true) =>
        new(CrmObject.Company, GrainId.Of("acme", GrainKind.Company, key), isRequired);

    public static CrmCommand UpsertContact(string key, string city = "Bern") => new CrmCommand.UpsertContact(
        Contact(key).Grain, [$"{key}@example.com"], new Dictionary<string, FieldValue> { ["city"] = new FieldValue.Text(city) });

    public static CrmCommand UpsertCompany(string key) => new CrmCommand.UpsertCompany(
        Company(key).Grain, [key], new Dictionary<string, FieldValue>());

    public static CrmCommand Note(params RecordRef[] on) => new CrmCommand.WriteNote(DateTimeOffset.UnixEpoch, "A lead", [], on);

    public Task<CrmOutbox> StartAsync(IConnector crm, OutboxOptions? options = null) => StartAsync(() => crm, options);

    /// <summary>Stops the outboxes that run and starts another, as a process that takes over does.</summary>
    public async Task<CrmOutbox> RestartAsync(IConnector crm, OutboxOptions? options = null)
    {
        foreach (var outbox in _outboxes)
            await outbox.StopAsync(CancellationToken.None);
        return await StartAsync(crm, options);
    }

    public Task<CrmOutbox> StartAsync(Func<IConnector> crm, OutboxOptions? options = null) =>
        StartAsync(() => [new(Account, "hubspot", crm())], options);

    public async Task<CrmOutbox> StartAsync(Func<IReadOnlyList<OutboxAccount>> accounts, OutboxOptions? options = null)
    {
        var outbox = new CrmOutbox(
            Database.DataSource, accounts, options ?? Options, Guid.NewGuid(),
            partitions => { lock (Filled) Filled.AddRange(partitions); },
            new QuickTime(), () => 0.5, NullLoggerFactory.Instance, new Meters(this));
        _outboxes.Add(outbox);
        await outbox.StartAsync(CancellationToken.None);
        return outbox;
    }

    /// <summary>Inserts commands in one transaction, each asked for by the grain of its record or by a customer.</summary>
    /// <returns>Their ids, in order.</returns>
    public async Task<IReadOnlyList<long>> InsertAsync(params CrmCommand[] commands)
    {
        var rows = commands.Select(command =>
        {
            var key = $"event-{Interlocked.Increment(ref _commands)}";
            var own = command.Own()?.ToString();
            var grain = command switch
            {
                CrmCommand.UpsertContact contact => contact.Grain,
                CrmCommand.UpsertCompany company => company.Grain,
                _ => GrainId.Of("acme", GrainKind.Customer, "asker"),
            };
            return (Key: key, Grain: grain, Lane: own ?? key, Command: command);
        }).ToList();
        await using var connection = await Database.DataSource.OpenConnectionAsync();
        return [.. await connection.QueryAsync<long>(
            """
            INSERT INTO command (workspace, account, effect_key, event_id, grain, partition, object, operation, lane, body)
            SELECT 'acme', @Account, c.effect_key, gen_random_uuid(), c.grain, c.partition, c.object, c.operation, c.lane, c.body
            FROM unnest(@Keys, @Grains, @Partitions, @Objects, @Operations, @Lanes, @Bodies) WITH ORDINALITY
                 AS c (effect_key, grain, partition, object, operation, lane, body, number)
            ORDER BY c.number
            RETURNING id
            """,
            new
            {
                Account,
                Keys = rows.Select(row => row.Key).ToArray(),
                Grains = rows.Select(row => row.Grain.ToString()).ToArray(),
                Partitions = rows.Select(row => MailboxPartition.Of(row.Grain)).ToArray(),
                Objects = rows.Select(row => row.Command.Object).ToArray(),
                Operations = rows.Select(row => row.Command.Operation).ToArray(),
                Lanes = rows.Select(row => row.Lane).ToArray(),
                Bodies = rows.Select(row => JsonSerializer.Serialize(row.Command, CoreJson.Default.CrmCommand)).ToArray(),
            })];
    }

    public async Task<IReadOnlyList<Row>> RowsAsync()
    {
        await using var connection = await Database.DataSource.OpenConnectionAsync();
        return [.. await connection.QueryAsync<Row>(
            """
            SELECT id, effect_key AS "EffectKey", state, blocked_on AS "BlockedOn", attempts, is_uncertain AS "IsUncertain",
                   crm_id AS "CrmId", action, error, response_hash IS NOT NULL AS "HasHash",
                   (SELECT count(*) FROM command_attempt a WHERE a.command_id = c.id) AS "Calls"
            FROM command c ORDER BY id
            """)];
    }

    /// <summary>What grains were told, in the order of their mailboxes' ids.</summary>
    public async Task<IReadOnlyList<CommandResult>> ToldAsync()
    {
        await using var connection = await Database.DataSource.OpenConnectionAsync();
        var bodies = await connection.QueryAsync<string>("SELECT body FROM message WHERE kind = 'command_completed' ORDER BY id");
        var messages = bodies.Select(body => JsonSerializer.Deserialize(body, CoreJson.Default.Message));
        return [.. messages.OfType<Message.CommandCompleted>().Select(message => message.Result)];
    }

    public async Task<T?> ScalarAsync<T>(string sql, object? parameters = null)
    {
        await using var connection = await Database.DataSource.OpenConnectionAsync();
        return await connection.ExecuteScalarAsync<T>(sql, parameters);
    }

    public Task<IReadOnlyList<Row>> EventuallyAsync(string what, Func<IReadOnlyList<Row>, bool> isSo) =>
        EventuallyAsync(what, RowsAsync, isSo, rows => string.Join("; ", rows.Take(20)));

    public Task AllEndedAsync() =>
        EventuallyAsync("every command to end", rows => rows.All(row => row.State is "succeeded" or "manual_review" or "dead_lettered"));

    public static async Task<T> EventuallyAsync<T>(string what, Func<Task<T>> look, Func<T, bool> isSo, Func<T, string>? describe = null)
    {
        var began = Stopwatch.GetTimestamp();
        while (true)
        {
            var seen = await look();
            if (isSo(seen))
                return seen;
            if (Stopwatch.GetElapsedTime(began) > TimeSpan.FromSeconds(30))
                throw new TimeoutException($"Waited in vain for {what}. Seen last: {describe?.Invoke(seen) ?? seen?.ToString()}");
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var outbox in _outboxes)
        {
            await outbox.StopAsync(CancellationToken.None);
            outbox.Dispose();
        }

        await Database.DisposeAsync();
    }

    internal sealed record Row
    {
        public required long Id { get; init; }

        public required string EffectKey { get; init; }

        public required string State { get; init; }

        public string? BlockedOn { get; init; }

        public int Attempts { get; init; }

        public bool IsUncertain { get; init; }

        public string? CrmId { get; init; }

        public string? Action { get; init; }

        public string? Error { get; init; }

        public bool HasHash { get; init; }

        public long Calls { get; init; }
    }

    // Benches of other tests run beside this one.
    private sealed class Meters(OutboxBench scope) : IMeterFactory
    {
        public Meter Create(MeterOptions options) => new(options.Name, options.Version, tags: null, scope);

        public void Dispose()
        {
        }
    }
}
