using CrmGrains.Intake.Identity;
using CrmGrains.Intake.Replays;
using CrmGrains.Runtime.Storage;
using CrmGrains.Runtime.Turns;
using Npgsql;

namespace CrmGrains.Intake.Loop;

/// <summary>Keeps the events of a batch, each once, in the batch's transaction.</summary>
internal static class EventStore
{
    /// <summary>Stores events that are new, and ends those that were told before.</summary>
    public static async Task<(List<Accepted> Fresh, Dictionary<Identifier, string> Known)> StoreAsync(
        NpgsqlConnection connection, List<Accepted> accepted, List<TurnResult> turns, CancellationToken cancellationToken)
    {
        if (accepted.Count == 0)
            return (accepted, []);

        // The first of a key is the event, also within the batch.
        var firsts = new Dictionary<(string Workspace, string Key), Accepted>();
        foreach (var one in accepted)
            firsts.TryAdd(one.Name, one);
        var (stored, known) = await InsertAsync(connection, [.. firsts.Values], cancellationToken);

        var first = firsts.ToDictionary(pair => pair.Key, pair => pair.Value.Event.EventId);
        var repeated = firsts.Values.Where(one => !stored.Contains(one.Event.EventId)).ToList();
        if (repeated.Count > 0)
            await FindFirstAsync(connection, repeated, first, cancellationToken);

        var fresh = new List<Accepted>(accepted.Count);
        foreach (var one in accepted)
        {
            if (stored.Contains(one.Event.EventId))
                fresh.Add(one);
            else
                Repeated(turns, one, first[one.Name]);
        }

        return (fresh, known);
    }

    /// <summary>What is replayed joins those of whom customers are told, after the batch's own, which it may be a repeat of.</summary>
    public static async Task<ReplayedEvents> ReplayAsync(
        NpgsqlConnection connection,
        List<Accepted> replayed,
        List<Accepted> told,
        Dictionary<Identifier, string> known,
        List<TurnResult> turns,
        CancellationToken cancellationToken)
    {
        var replays = await ReplayedEvents.ReadAsync(connection, replayed.ConvertAll(one => one.Event.EventId), cancellationToken);
        var stored = replayed.ToLookup(one => replays.IsStored(one.Event.EventId));
        var (fresh, ofFresh) = await StoreAsync(connection, [.. stored[false]], turns, cancellationToken);
        var (kept, duplicateOf) = await replays.ReviseAsync(connection, [.. stored[true]], cancellationToken);
        foreach (var one in stored[true].Where(one => duplicateOf.ContainsKey(one.Event.EventId)))
            Repeated(turns, one, duplicateOf[one.Event.EventId]);

        told.AddRange(fresh);
        told.AddRange(kept);
        var ofKept = await IdentityIndex.FindAgainAsync(connection, kept.SelectMany(one => one.Evidence), cancellationToken);
        foreach (var (identifier, customer) in ofFresh.Concat(ofKept))
            known[identifier] = customer;
        return replays;
    }

    private static void Repeated(List<TurnResult> turns, Accepted one, Guid first) => IntakeTurns.End(turns, one, "duplicate", new IntakeDetail
    {
        Reason = "An earlier event told the same.",
        DuplicateOf = first,
        Validation = one.Validation,
    });

    // Stores the events and, in the same round trip, asks whose they are.
    private static async Task<(HashSet<Guid> Stored, Dictionary<Identifier, string> Known)> InsertAsync(
        NpgsqlConnection connection, List<Accepted> events, CancellationToken cancellationToken)
    {
        events.Sort(static (one, other) => string.CompareOrdinal(one.Event.Workspace, other.Event.Workspace) is var order and not 0
            ? order
            : string.CompareOrdinal(one.Event.IdempotencyKey, other.Event.IdempotencyKey));
        await using var batch = new NpgsqlBatch(connection);
        var store = new NpgsqlBatchCommand(IntakeSql.Store);
        store.Parameters
            .Uuids(events.ConvertAll(one => (Guid?)one.Event.EventId))
            .Texts(events.ConvertAll(one => one.Event.Workspace))
            .Texts(events.ConvertAll(one => one.Event.IdempotencyKey))
            .Texts(events.ConvertAll(one => one.Event.EventType))
            .Instants(events.ConvertAll(one => one.Event.OccurredAt))
            .Utf8(events.ConvertAll(one => (byte[]?)one.Body))
            .Uuids(events.ConvertAll(one => one.Split is null ? null : one.Message.EventId));
        batch.BatchCommands.Add(store);
        var lookup = new IdentityLookup(events.SelectMany(one => one.Evidence).Select(one => one.Identifier));
        batch.BatchCommands.Add(lookup.Statement());
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        var stored = new HashSet<Guid>(events.Count);
        while (await reader.ReadAsync(cancellationToken))
            stored.Add(reader.GetGuid(0));
        await reader.NextResultAsync(cancellationToken);
        return (stored, await lookup.ReadAsync(reader, cancellationToken));
    }

    private static async Task FindFirstAsync(
        NpgsqlConnection connection, List<Accepted> repeated, Dictionary<(string Workspace, string Key), Guid> first, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(IntakeSql.FindFirst, connection);
        command.Parameters
            .Texts(repeated.ConvertAll(one => one.Event.Workspace))
            .Texts(repeated.ConvertAll(one => one.Event.IdempotencyKey));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            first[(reader.GetString(0), reader.GetString(1))] = reader.GetGuid(2);
    }
}
