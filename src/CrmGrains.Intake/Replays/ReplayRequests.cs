using System.Text.Json;
using CrmGrains.Core.Configuration;
using CrmGrains.Core.Grains;
using CrmGrains.Runtime.Storage;
using Npgsql;
using NpgsqlTypes;

namespace CrmGrains.Intake.Replays;

/// <summary>What a person does with replays: asks for one, which only previews it, starts it, watches it, cancels it.</summary>
public sealed class ReplayRequests(NpgsqlDataSource database, IWorkspaces workspaces)
{
    private readonly ReplayPreviews _previews = new(workspaces);

    /// <summary>Previews a replay and stores it; nothing else happens until it is started.</summary>
    /// <param name="filter">What is meant.</param>
    /// <param name="by">Who asks: a name, kept with it.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>Null where the workspace has no such source, or never had a delivery.</returns>
    public async Task<Replay?> RequestAsync(ReplayFilter filter, string by, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var queues = await QueuesAsync(connection, filter, cancellationToken);
        if (queues.Length == 0)
            return null;
        filter = filter with { Event = await DeliveryOfAsync(connection, filter, cancellationToken) };
        var now = await NowAsync(connection, cancellationToken);
        void Bind(NpgsqlParameterCollection parameters) => Add(parameters, filter, queues, now);
        var preview = await _previews.OfAsync(connection, Bind, filter.Workspace, now, cancellationToken);

        await using var insert = new NpgsqlCommand(ReplaySql.Insert, connection);
        Bind(insert.Parameters);
        insert.Parameters.Text(filter.Workspace).Text(filter.Source)
            .Text(JsonSerializer.Serialize(preview, IntakeJson.Default.ReplayPreview))
            .With(NpgsqlDbType.Bigint, preview.Deliveries).Text(by);
        var id = await insert.ExecuteScalarAsync(cancellationToken) is long made ? made : 0;
        return await FindAsync(connection, id, filter.Workspace, cancellationToken);
    }

    /// <summary>Starts a replay that was previewed.</summary>
    /// <returns>False where there is none of that id that waits for it.</returns>
    public Task<bool> StartAsync(long id, string? workspace, string by, CancellationToken cancellationToken) =>
        ChangeAsync(ReplaySql.Start, id, workspace, by, cancellationToken);

    /// <summary>Starts a replay that was previewed, in a transaction of the caller's.</summary>
    /// <returns>False where there is none of that id that waits for it.</returns>
    public static async Task<bool> StartAsync(NpgsqlConnection connection, long id, string by, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(ReplaySql.Start, connection);
        command.Parameters.With(NpgsqlDbType.Bigint, id).Text(by).Text(null);
        return await command.ExecuteNonQueryAsync(cancellationToken) > 0;
    }

    /// <summary>Ends a replay; what was sent already is still handled.</summary>
    /// <returns>False where there is none of that id, or it has ended.</returns>
    public Task<bool> CancelAsync(long id, string? workspace, string by, CancellationToken cancellationToken) =>
        ChangeAsync(ReplaySql.Cancel, id, workspace, by, cancellationToken);

    /// <summary>One replay; null where there is none.</summary>
    public async Task<Replay?> FindAsync(long id, string? workspace, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await FindAsync(connection, id, workspace, cancellationToken);
    }

    /// <summary>The newest replays before an id.</summary>
    public async Task<IReadOnlyList<Replay>> ListAsync(string? workspace, long before, int limit, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(ReplaySql.List);
        command.Parameters.With(NpgsqlDbType.Bigint, before).Int(limit).Text(workspace);
        return await ReadAsync(command, cancellationToken);
    }

    private static async Task<Replay?> FindAsync(NpgsqlConnection connection, long id, string? workspace, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(ReplaySql.Get, connection);
        command.Parameters.With(NpgsqlDbType.Bigint, id).Text(workspace);
        return (await ReadAsync(command, cancellationToken)).FirstOrDefault();
    }

    private async Task<bool> ChangeAsync(string sql, long id, string? workspace, string by, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(sql);
        command.Parameters.With(NpgsqlDbType.Bigint, id).Text(by).Text(workspace);
        return await command.ExecuteNonQueryAsync(cancellationToken) > 0;
    }

    private static void Add(NpgsqlParameterCollection parameters, ReplayFilter filter, int[] queues, DateTimeOffset now)
    {
        var to = filter.To is { } wanted && wanted < now ? wanted : now;
        parameters
            .With(NpgsqlDbType.Uuid, filter.Event)
            .Text(filter.Type)
            .Text(filter.Outcome)
            .Text(filter.Customer is null ? null : GrainId.Of(filter.Workspace, GrainKind.Customer, filter.Customer).ToString())
            .With(NpgsqlDbType.TimestampTz, filter.From?.UtcDateTime)
            .With(NpgsqlDbType.TimestampTz, to.UtcDateTime)
            .Ints(queues)
            .With(NpgsqlDbType.Uuid, DeliveryIds.Before(filter.From))
            .With(NpgsqlDbType.Uuid, DeliveryIds.After(to));
    }

    private static async Task<int[]> QueuesAsync(NpgsqlConnection connection, ReplayFilter filter, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(ReplaySql.Queues, connection);
        command.Parameters.Text(filter.Workspace).Text(filter.Source);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var queues = new List<int>();
        while (await reader.ReadAsync(cancellationToken))
            queues.Add(reader.GetInt32(0));
        return [.. queues];
    }

    // An event that is one of several is replayed with its delivery.
    private static async Task<Guid?> DeliveryOfAsync(NpgsqlConnection connection, ReplayFilter filter, CancellationToken cancellationToken)
    {
        if (filter.Event is not { } eventId)
            return null;
        await using var command = new NpgsqlCommand(ReplaySql.DeliveryOf, connection);
        command.Parameters.With(NpgsqlDbType.Uuid, eventId).Text(filter.Workspace);
        return await command.ExecuteScalarAsync(cancellationToken) is Guid delivery ? delivery : eventId;
    }

    private static async Task<DateTimeOffset> NowAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("SELECT clock_timestamp()", connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return reader.GetFieldValue<DateTimeOffset>(0);
    }

    private static async Task<List<Replay>> ReadAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var replays = new List<Replay>();
        while (await reader.ReadAsync(cancellationToken))
            replays.Add(Read(reader));
        return replays;
    }

    private static Replay Read(NpgsqlDataReader row)
    {
        string? Text(int column) => row.IsDBNull(column) ? null : row.GetString(column);
        DateTimeOffset? At(int column) => row.IsDBNull(column) ? null : row.GetFieldValue<DateTimeOffset>(column);
        var outcomes = JsonSerializer.Deserialize(row.GetString(20), IntakeJson.Default.DictionaryStringInt64) ?? [];
        return new Replay
        {
            Id = row.GetInt64(0),
            Filter = new ReplayFilter
            {
                Workspace = row.GetString(1),
                Event = row.IsDBNull(2) ? null : row.GetGuid(2),
                Source = Text(3),
                Type = Text(4),
                Outcome = Text(5),
                Customer = Text(6)?.Split('/')[^1],
                From = At(7),
                To = At(8),
            },
            State = row.GetString(9),
            Total = row.GetInt64(10),
            Sent = row.GetInt64(11),
            Handled = outcomes.Values.Sum(),
            Outcomes = outcomes,
            RequestedBy = row.GetString(13),
            RequestedAt = row.GetFieldValue<DateTimeOffset>(14),
            StartedBy = Text(15),
            StartedAt = At(16),
            CanceledBy = Text(17),
            EndedAt = At(18),
            Preview = JsonElement.Parse(row.GetString(19)),
        };
    }
}
