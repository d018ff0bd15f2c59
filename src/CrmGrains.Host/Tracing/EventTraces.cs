using System.Text;
using System.Text.Json;
using CrmGrains.Core.Decisions;
using CrmGrains.Runtime.Storage;
using Npgsql;
using NpgsqlTypes;

namespace CrmGrains.Host.Tracing;

/// <summary>Reads the trace of an event, in one round trip.</summary>
internal sealed class EventTraces(NpgsqlDataSource database)
{
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    /// <summary>Null where there is no such event, in the workspace where one is named.</summary>
    public async Task<EventTrace?> FindAsync(Guid eventId, string? workspace, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection);
        foreach (var sql in (ReadOnlySpan<string>)[
            TraceSql.Raw, TraceSql.Normalized, TraceSql.Ledger, TraceSql.Calls, TraceSql.Commands,
            TraceSql.Reviews, TraceSql.DeadLetters, TraceSql.Links, TraceSql.IsPending])
        {
            var command = new NpgsqlBatchCommand(sql);
            command.Parameters.With(NpgsqlDbType.Uuid, eventId);
            if (sql == TraceSql.Raw)
                command.Parameters.Text(workspace);
            batch.BatchCommands.Add(command);
        }

        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
            return null;
        var raw = ReadRaw(reader);
        var normalized = (await NextAsync(reader, row => Json(row.GetString(0)), cancellationToken)).FirstOrDefault();
        var ledger = await NextAsync(reader, ReadEntry, cancellationToken);
        var calls = (await NextAsync(reader, row => (Id: row.GetInt64(0), Call: ReadCall(row)), cancellationToken)).ToLookup(row => row.Id, row => row.Call);
        var commands = await NextAsync(reader, row => ReadCommand(row, calls), cancellationToken);
        var reviews = await NextAsync(reader, ReadReview, cancellationToken);
        var deadLetters = await NextAsync(reader, ReadDeadLetter, cancellationToken);
        var links = await NextAsync(reader, row => (Object: row.GetString(0), Id: row.GetString(1)), cancellationToken);
        var isPending = (await NextAsync(reader, row => row.GetBoolean(0), cancellationToken))[0];

        // After a replay the last word counts: what was rejected or broken once may be an event now. A customer who was merged into another one
        // only passes the event on; who decides is that one.
        var decided = ledger.FindLast(entry => entry is { Kind: "event_received", Outcome: not Decision.PassedOn })
            ?? ledger.FindLast(entry => entry.Kind == "event_received")
            ?? ledger.FindLast(entry => entry.Kind is "delivery_received" or "delivery_replayed");
        var decision = Property(decided?.Detail, "decision");
        var message = Property(decided?.Detail, "message");
        var duplicateOf = Property(decided?.Detail, "duplicate_of")?.GetGuid();
        var status = StatusOf(decided, commands, reviews, deadLetters, isPending);
        return new EventTrace
        {
            EventId = eventId,
            Status = status,
            DuplicateOf = duplicateOf,
            ReplayEligible = raw.PurgedAt is null && status is not (EventStatus.Received or EventStatus.InProgress),
            Retries = commands.Sum(command => Math.Max(0, command.AttemptCount - 1)),
            Raw = raw,
            NormalizedEvent = normalized.ValueKind == JsonValueKind.Object ? normalized : null,
            Match = Property(decision, "match") ?? Property(message, "match"),
            Validation = Property(decision, "validation") ?? Property(message, "validation") ?? Property(decided?.Detail, "validation"),
            Routing = Property(decision, "routing"),
            Plan = Property(decision, "plan"),
            Decision = decision,
            DecidedBy = decided,
            CrmIds = CrmIds(links, commands),
            Commands = commands,
            Reviews = reviews,
            DeadLetters = deadLetters,
            Ledger = ledger,
        };
    }

    private static string StatusOf(
        TracedEntry? decided,
        List<TracedCommand> commands,
        List<TracedReview> reviews,
        List<TracedDeadLetter> deadLetters,
        bool isPending) =>
        reviews.Exists(review => review.ClosedAt is null) ? EventStatus.InReview
        : deadLetters.Exists(letter => letter.EndedAt is null) ? EventStatus.Failed
        : decided is null ? EventStatus.Received
        : decided.Outcome is "held" ? EventStatus.InReview
        : decided.Outcome is "duplicate" ? EventStatus.Duplicate
        : decided.Outcome is "ignored" or "kept_raw" or "dropped" ? EventStatus.Ignored
        : isPending || commands.Exists(command => command.State is "waiting" or "blocked" or "sent") ? EventStatus.InProgress
        : EventStatus.Completed;

    private static Dictionary<string, IReadOnlyList<string>> CrmIds(List<(string Object, string Id)> links, List<TracedCommand> commands) =>
        links
            .Concat(commands.Where(command => command.CrmId is not null).Select(command => (command.Object, Id: command.CrmId ?? "")))
            .Distinct()
            .GroupBy(link => link.Object, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => (IReadOnlyList<string>)[.. group.Select(link => link.Id)], StringComparer.Ordinal);

    private static RawDelivery ReadRaw(NpgsqlDataReader row)
    {
        var body = row.GetFieldValue<byte[]>(7);
        string? text;
        try
        {
            text = StrictUtf8.GetString(body);
        }
        catch (DecoderFallbackException)
        {
            text = null;
        }

        return new RawDelivery
        {
            Workspace = row.GetString(0),
            Source = row.GetString(1),
            DeliveryId = row.GetString(2),
            ReceivedAt = row.GetFieldValue<DateTimeOffset>(3),
            ContentType = Text(row, 4),
            Headers = Json(row.GetString(5)),
            Verification = row.GetString(6),
            Body = text,
            BodyBase64 = text is null ? Convert.ToBase64String(body) : null,
            BodySha256 = Convert.ToHexStringLower(row.GetFieldValue<byte[]>(8)),
            PurgedAt = row.IsDBNull(9) ? null : row.GetFieldValue<DateTimeOffset>(9),
        };
    }

    private static TracedEntry ReadEntry(NpgsqlDataReader row) => new()
    {
        Partition = row.GetInt32(0),
        Position = row.GetInt64(1),
        Grain = row.GetString(2),
        Version = row.GetInt64(3),
        Kind = row.GetString(4),
        Outcome = row.GetString(5),
        Configuration = row.GetString(6),
        BeganAt = row.GetFieldValue<DateTimeOffset>(7),
        WrittenAt = row.GetFieldValue<DateTimeOffset>(8),
        Detail = row.IsDBNull(9) ? null : Json(row.GetString(9)),
    };

    private static TracedCall ReadCall(NpgsqlDataReader row) => new()
    {
        Attempt = row.GetInt32(1),
        Method = row.GetString(2),
        Path = row.GetString(3),
        Status = row.IsDBNull(4) ? null : row.GetInt32(4),
        Outcome = row.GetString(5),
        Request = Text(row, 6),
        Response = Text(row, 7),
        BeganAt = row.GetFieldValue<DateTimeOffset>(8),
        TookMs = Math.Round(row.GetDouble(9), 2),
        QuotaLeft = row.IsDBNull(10) ? null : row.GetInt32(10),
    };

    private static TracedCommand ReadCommand(NpgsqlDataReader row, ILookup<long, TracedCall> calls) => new()
    {
        Id = row.GetInt64(0),
        EffectKey = row.GetString(1),
        Object = row.GetString(2),
        Operation = row.GetString(3),
        State = row.GetString(4),
        BlockedOn = Text(row, 5),
        CrmId = Text(row, 6),
        Action = Text(row, 7),
        Error = Text(row, 8),
        ErrorDetail = Text(row, 9),
        AttemptCount = row.GetInt32(10),
        CreatedAt = row.GetFieldValue<DateTimeOffset>(11),
        EndedAt = row.IsDBNull(12) ? null : row.GetFieldValue<DateTimeOffset>(12),
        Wanted = Json(row.GetString(13)),
        Attempts = [.. calls[row.GetInt64(0)]],
    };

    private static TracedReview ReadReview(NpgsqlDataReader row) => new(
        row.GetGuid(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetFieldValue<DateTimeOffset>(4),
        row.IsDBNull(5) ? null : row.GetFieldValue<DateTimeOffset>(5), Text(row, 6));

    private static TracedDeadLetter ReadDeadLetter(NpgsqlDataReader row) => new(
        row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetFieldValue<DateTimeOffset>(4),
        row.IsDBNull(5) ? null : row.GetFieldValue<DateTimeOffset>(5), Text(row, 6));

    private static async Task<List<T>> NextAsync<T>(NpgsqlDataReader reader, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken)
    {
        await reader.NextResultAsync(cancellationToken);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken))
            rows.Add(read(reader));
        return rows;
    }

    private static string? Text(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    private static JsonElement Json(string text)
    {
        using var document = JsonDocument.Parse(text);
        return document.RootElement.Clone();
    }

    private static JsonElement? Property(JsonElement? json, string name) =>
        json is { ValueKind: JsonValueKind.Object } element && element.TryGetProperty(name, out var value) ? value : null;
}
