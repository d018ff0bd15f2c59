using System.Text.Json;
using CrmGrains.Core.Events;
using CrmGrains.Core.Json;
using CrmGrains.Intake.Loop;
using CrmGrains.Runtime.Storage;
using Npgsql;

namespace CrmGrains.Intake.Replays;

/// <summary>
/// The events of replayed deliveries, in the transaction of their batch. One that is stored already isn't a repeat of itself: it stays, or
/// becomes its next revision where the delivery reads another way now.
/// </summary>
internal sealed class ReplayedEvents
{
    private readonly Dictionary<Guid, StoredEvent> _stored = [];
    private readonly HashSet<(Guid EventId, string Grain)> _told = [];
    private readonly HashSet<Guid> _ids;

    private ReplayedEvents(IReadOnlyCollection<Guid> ids) => _ids = [.. ids];

    /// <summary>Reads what is stored of them and who was told of them.</summary>
    public static async Task<ReplayedEvents> ReadAsync(
        NpgsqlConnection connection, IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken)
    {
        var read = new ReplayedEvents(ids);
        await using var batch = new NpgsqlBatch(connection);
        foreach (var sql in (ReadOnlySpan<string>)[ReplaySql.Stored, ReplaySql.Told])
        {
            var command = new NpgsqlBatchCommand(sql);
            command.Parameters.Uuids([.. ids.Select(id => (Guid?)id)]);
            batch.BatchCommands.Add(command);
        }

        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            read._stored[reader.GetGuid(0)] = new StoredEvent(reader.GetString(1), reader.GetFieldValue<byte[]>(2), reader.GetBoolean(3));
        await reader.NextResultAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            read._told.Add((reader.GetGuid(0), reader.GetString(1)));
        return read;
    }

    /// <summary>What is stored of events, by event.</summary>
    public static async Task<Dictionary<Guid, StoredEvent>> StoredAsync(
        NpgsqlConnection connection, IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken)
    {
        var stored = new Dictionary<Guid, StoredEvent>();
        await using var command = new NpgsqlCommand(ReplaySql.Stored, connection);
        command.Parameters.Uuids([.. ids.Select(id => (Guid?)id)]);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            stored[reader.GetGuid(0)] = new StoredEvent(reader.GetString(1), reader.GetFieldValue<byte[]>(2), reader.GetBoolean(3));
        return stored;
    }

    /// <summary>Whether there is a row of it.</summary>
    public bool IsStored(Guid eventId) => _stored.ContainsKey(eventId);

    /// <summary>Whether it is one of them.</summary>
    public bool Has(Guid? eventId) => eventId is { } id && _ids.Contains(id);

    /// <summary>Notes that a customer is told of an event.</summary>
    /// <returns>Whether it was told before.</returns>
    public bool Tell(Guid eventId, string grain) => !_told.Add((eventId, grain));

    /// <summary>Compares events with what is stored of them, and stores those that read another way now.</summary>
    /// <returns>All of them as they are stored now, and those whose key another event has: by event, which one.</returns>
    public async Task<(List<Accepted> Kept, Dictionary<Guid, Guid> DuplicateOf)> ReviseAsync(
        NpgsqlConnection connection, IReadOnlyList<Accepted> accepted, CancellationToken cancellationToken)
    {
        var owners = await OwnersAsync(
            connection, [.. accepted.Where(one => _stored[one.Event.EventId].Key != one.Event.IdempotencyKey)], cancellationToken);
        var kept = new List<Accepted>(accepted.Count);
        var revised = new Dictionary<Guid, Accepted>();
        var duplicateOf = new Dictionary<Guid, Guid>();
        foreach (var one in accepted)
        {
            var id = one.Event.EventId;
            if (_stored[id].Key != one.Event.IdempotencyKey && owners.TryGetValue(one.Name, out var owner) && owner != id)
            {
                duplicateOf[id] = owner;
                continue;
            }

            owners[one.Name] = id;
            var next = Compare(one, _stored[id]);
            kept.Add(next);
            if (next.Changed is not { Count: > 0 })
                continue;
            revised[id] = next;
            _stored[id] = new StoredEvent(next.Event.IdempotencyKey, next.Body, IsPurged: false);
        }

        if (revised.Count > 0)
            await WriteAsync(connection, revised.Values, cancellationToken);
        return (kept, duplicateOf);
    }

    /// <summary>The event as it is to be stored: the next revision where it reads another way than what is stored.</summary>
    public static Accepted Compare(Accepted one, StoredEvent stored)
    {
        var before = JsonElement.Parse(stored.Body);
        var changed = stored.IsPurged ? ["$"] : EventDifference.Paths(before, JsonElement.Parse(one.Body));
        var revision = before.TryGetProperty("revision", out var number) && number.TryGetInt32(out var known) ? known : 0;
        if (changed.Count > 0 && !stored.IsPurged)
            revision++;
        var read = one.Event with { Revision = revision == 0 ? null : revision };
        return one with { Event = read, Body = JsonSerializer.SerializeToUtf8Bytes(read, CoreJson.Default.ContractEvent), Changed = changed };
    }

    private static async Task<Dictionary<(string Workspace, string Key), Guid>> OwnersAsync(
        NpgsqlConnection connection, IReadOnlyList<Accepted> renamed, CancellationToken cancellationToken)
    {
        var owners = new Dictionary<(string, string), Guid>();
        if (renamed.Count == 0)
            return owners;
        await using var command = new NpgsqlCommand(IntakeSql.FindFirst, connection);
        command.Parameters
            .Texts([.. renamed.Select(one => one.Event.Workspace)])
            .Texts([.. renamed.Select(one => one.Event.IdempotencyKey)]);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            owners[(reader.GetString(0), reader.GetString(1))] = reader.GetGuid(2);
        return owners;
    }

    private static async Task WriteAsync(NpgsqlConnection connection, IReadOnlyCollection<Accepted> revised, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(ReplaySql.Revise, connection);
        command.Parameters
            .Uuids([.. revised.Select(one => (Guid?)one.Event.EventId)])
            .Texts([.. revised.Select(one => one.Event.IdempotencyKey)])
            .Texts([.. revised.Select(one => one.Event.EventType)])
            .Instants([.. revised.Select(one => one.Event.OccurredAt)])
            .Utf8([.. revised.Select(one => (byte[]?)one.Body)]);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}

/// <summary>What is stored of an event.</summary>
internal readonly record struct StoredEvent(string Key, byte[] Body, bool IsPurged);
