using System.Text.Json;
using CrmGrains.Core.Configuration;
using CrmGrains.Core.Decisions;
using CrmGrains.Core.Grains;
using CrmGrains.Core.Json;
using CrmGrains.Intake.Identity;
using CrmGrains.Intake.Loop;
using CrmGrains.Intake.Sources;
using CrmGrains.Runtime.Mailboxes;
using CrmGrains.Runtime.Turns;
using CrmGrains.Runtime.Storage;
using Npgsql;

namespace CrmGrains.Intake.Replays;

/// <summary>Tries replays out in memory: reads deliveries anew and runs their customers' turns on the states of now. Writes nothing.</summary>
internal sealed class ReplayPreviews(IWorkspaces workspaces)
{
    /// <summary>Deliveries that are counted at most: a preview is an answer to a person who waits.</summary>
    public const int MostCounted = 1_000_000;

    /// <summary>Deliveries that are tried out.</summary>
    public const int MostTried = 50;

    private const string StateSql = "SELECT state FROM grain WHERE partition = $1 AND grain = $2 ORDER BY version DESC LIMIT 1";

    /// <summary>The preview of a replay.</summary>
    /// <param name="connection">For reading.</param>
    /// <param name="bind">Adds the filter's parameters.</param>
    /// <param name="workspace">Whose.</param>
    /// <param name="now">UTC, by the database's clock.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<ReplayPreview> OfAsync(
        NpgsqlConnection connection, Action<NpgsqlParameterCollection> bind, string workspace, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var groups = new List<ReplayPreviewGroup>();
        await using (var command = new NpgsqlCommand(ReplaySql.Summary, connection))
        {
            bind(command.Parameters);
            command.Parameters.Int(MostCounted);
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
                groups.Add(new ReplayPreviewGroup(reader.GetString(0), reader.GetString(1), reader.GetInt64(2)));
        }

        var tried = new List<ReplayPreviewEvent>();
        var states = new Dictionary<string, object>(StringComparer.Ordinal);
        foreach (var delivery in await ReadAsync(connection, bind, cancellationToken))
            tried.AddRange(await TryAllAsync(connection, delivery, workspace, states, now, cancellationToken));
        var total = groups.Sum(group => group.Deliveries);
        return new ReplayPreview
        {
            Deliveries = total,
            IsCounted = total < MostCounted,
            Groups = groups,
            Tried = tried.Count,
            Outcomes = tried.CountBy(one => one.Outcome).ToDictionary(StringComparer.Ordinal),
            Changes = [.. tried.Where(one => one is not { IsNew: null, Differs: null, Changed: null, NewCommands: null })],
        };
    }

    // Everything that a delivery tells of; a delivery of several events is tried out event by event.
    private async Task<IReadOnlyList<ReplayPreviewEvent>> TryAllAsync(
        NpgsqlConnection connection,
        Tried delivery,
        string workspaceName,
        Dictionary<string, object> states,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        var result = new ReplayPreviewEvent { EventId = delivery.EventId, Source = delivery.Source, Outcome = "failed" };
        if (workspaces.Find(workspaceName) is not { } workspace || !workspace.Sources.TryGetValue(delivery.Source, out var source))
            return [result];
        var raw = new RawDelivery(delivery.EventId, delivery.ReceivedAt, delivery.Body) { ContentType = delivery.ContentType, Headers = delivery.Headers };
        var read = SourceFormats.For(source.Format).Normalize(raw, source, workspace);
        var ids = read.Select((_, place) => read.Count == 1 ? delivery.EventId : Split.PartId(delivery.EventId, place)).ToList();
        var stored = await ReplayedEvents.StoredAsync(connection, ids, cancellationToken);
        var tried = new List<ReplayPreviewEvent>(read.Count);
        foreach (var (id, normalized) in ids.Zip(read))
        {
            result = result with { EventId = id };
            if (normalized is not Normalized.Event accepted)
            {
                tried.Add(result with { Outcome = normalized switch { Normalized.Rejected => "rejected", Normalized.Ping => "fetching", _ => "ignored" } });
                continue;
            }

            var one = Accepted.Of(
                Message(delivery, workspaceName), accepted with { Value = accepted.Value with { EventId = id } }, source, workspace);
            tried.Add(await TryAsync(connection, one, stored.TryGetValue(id, out var before) ? before : null, result, states, now, cancellationToken));
        }

        return tried;
    }

    private static async Task<ReplayPreviewEvent> TryAsync(
        NpgsqlConnection connection,
        Accepted one,
        StoredEvent? stored,
        ReplayPreviewEvent result,
        Dictionary<string, object> states,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        var workspace = one.Workspace;
        if (stored is { } before)
            one = ReplayedEvents.Compare(one, before);
        result = result with
        {
            IsNew = stored is null ? true : null,
            Differs = one.Changed is { Count: > 0 } ? one.Changed : null,
        };
        if (one.Kept.As is KeepAs.Raw or KeepAs.Drop)
            return result with { Outcome = one.Kept.As == KeepAs.Raw ? Selection.KeptRaw : Selection.Dropped };

        var known = await IdentityIndex.FindAgainAsync(connection, one.Evidence, cancellationToken);
        var identification = Identification.Of(one.Evidence, known);
        if (Addressing.GrainOf(one, identification) is not ({ } grain, { } match))
            return result with { Outcome = identification is Identification.Nobody ? "noted" : "review" };
        var handler = GrainHandler.All[grain.Kind];
        var state = states.GetValueOrDefault(grain.ToString()) ?? await StateAsync(connection, grain, handler, cancellationToken);
        var (next, decision, effects) = handler.Handle(
            state,
            new Message.EventReceived(match, one.Validation)
            {
                Event = one.Event,
                ContextOnly = one.Kept.As == KeepAs.Context ? one.Kept.Reason : null,
                Replay = 0,
                IsRepeat = stored is not null,
            },
            new TurnContext(grain, one.Event.EventId, now, workspace));
        states[grain.ToString()] = next;
        return result with
        {
            Outcome = "replayed",
            Changed = decision.Changed is { Count: > 0 } ? decision.Changed : null,
            Stale = decision.Stale,
            NewCommands = await NewAsync(connection, one.Event.EventId, effects, workspace.Crm is not null, cancellationToken),
        };
    }

    // What a state turned out to lack has a key of the replay's own; the rest is there once for an event.
    private static async Task<IReadOnlyList<string>?> NewAsync(
        NpgsqlConnection connection, Guid eventId, IReadOnlyList<Effect> effects, bool hasCrm, CancellationToken cancellationToken)
    {
        var asked = effects.OfType<Effect.Enqueue>().Where(effect => hasCrm || effect.Command.Channel is not null).ToList();
        if (asked.Count == 0)
            return null;
        var known = new HashSet<string>(StringComparer.Ordinal);
        await using var command = new NpgsqlCommand("SELECT effect_key FROM command WHERE event_id = ANY ($1)", connection);
        command.Parameters.Uuids([.. asked.Select(effect => effect.EventId ?? eventId).Distinct().Select(id => (Guid?)id)]);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            known.Add(reader.GetString(0));
        var added = asked
            .Where(effect => !known.Contains(EffectKey.Of((effect.EventId ?? eventId).ToString(), effect)))
            .Select(effect => $"{effect.Command.Object}/{effect.Command.Operation}")
            .ToList();
        return added.Count == 0 ? null : added;
    }

    private static async Task<object> StateAsync(NpgsqlConnection connection, GrainId grain, GrainHandler handler, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(StateSql, connection);
        command.Parameters.Int(MailboxPartition.Of(grain)).Text(grain.ToString());
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? handler.Read(reader.GetFieldValue<byte[]>(0)) : handler.Initial;
    }

    private static MailboxMessage Message(Tried delivery, string workspace) => new()
    {
        Id = 0, Partition = 0, Workspace = workspace, Grain = "", Kind = ReplayedDelivery.Kind, EventId = delivery.EventId,
        Body = JsonSerializer.SerializeToUtf8Bytes(new ReplayedDelivery(0), IntakeJson.Default.ReplayedDelivery), Source = delivery.Source,
    };

    private static async Task<List<Tried>> ReadAsync(
        NpgsqlConnection connection, Action<NpgsqlParameterCollection> bind, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(ReplaySql.Sample, connection);
        bind(command.Parameters);
        command.Parameters.Int(MostTried);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var deliveries = new List<Tried>();
        while (await reader.ReadAsync(cancellationToken))
            deliveries.Add(new Tried(
                reader.GetGuid(0), reader.GetString(1), reader.GetFieldValue<DateTimeOffset>(2), reader.GetFieldValue<byte[]>(3),
                reader.IsDBNull(4) ? null : reader.GetString(4),
                JsonSerializer.Deserialize(reader.GetString(5), IntakeJson.Default.DictionaryStringString) ?? []));
        return deliveries;
    }

    private sealed record Tried(
        Guid EventId, string Source, DateTimeOffset ReceivedAt, byte[] Body, string? ContentType, IReadOnlyDictionary<string, string> Headers);
}
