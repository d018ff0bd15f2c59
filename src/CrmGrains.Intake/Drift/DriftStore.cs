using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CrmGrains.Intake.Loop;
using CrmGrains.Runtime.Storage;
using Npgsql;

namespace CrmGrains.Intake.Drift;

/// <summary>What is kept of shapes, alerts and held deliveries. Within a transaction the locks of the sources come first.</summary>
internal static class DriftStore
{
    /// <summary>What the message of a delivery says that a person has let go.</summary>
    public static ReadOnlySpan<byte> Released => """{"released":true}"""u8;

    /// <summary>Reads what is stored of a source, and what was accepted.</summary>
    public static async Task LoadAsync(NpgsqlConnection connection, SourceWatch watch, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        var load = new NpgsqlBatchCommand(DriftSql.Load);
        load.Parameters.Text(watch.Workspace).Text(watch.Source).Text(watch.Version).Text($"{watch.Version}/");
        batch.BatchCommands.Add(load);
        var accepted = new NpgsqlBatchCommand(DriftSql.Accepted);
        accepted.Parameters.Text(watch.Workspace).Text(watch.Source).Text(watch.Version);
        batch.BatchCommands.Add(accepted);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var (revision, body) = (reader.GetInt64(1), reader.GetFieldValue<byte[]>(2));
            if (watch.OfVersion(reader.GetString(0)) is { } shape && shape.Revision != revision)
                shape.Know(Read(body), revision);
        }

        await reader.NextResultAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            watch.Accept(reader.GetString(0), reader.GetString(1), reader.GetFieldValue<string[]>(2));
    }

    /// <summary>Adds what this process learned to what is stored.</summary>
    public static async Task StoreAsync(NpgsqlDataSource database, SourceWatch watch, ShapeWatch shape, CancellationToken cancellationToken)
    {
        var fresh = shape.TakeFresh();
        if (fresh.Deliveries == 0)
            return;
        try
        {
            await using var connection = await database.OpenConnectionAsync(cancellationToken);
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await using (var begin = new NpgsqlCommand(DriftSql.Begin, connection))
            {
                begin.Parameters.Text(watch.Workspace).Text(watch.Source).Text(shape.Version).Text(Encoding.UTF8.GetString(Write(Sketch.Empty)));
                await begin.ExecuteNonQueryAsync(cancellationToken);
            }

            var stored = Sketch.Empty;
            await using (var open = new NpgsqlCommand(DriftSql.Open, connection))
            {
                open.Parameters.Text(watch.Workspace).Text(watch.Source).Text(shape.Version);
                await using var reader = await open.ExecuteReaderAsync(cancellationToken);
                if (await reader.ReadAsync(cancellationToken))
                    stored = Read(reader.GetFieldValue<byte[]>(1));
            }

            var merged = stored.Merge(fresh);
            await using var write = new NpgsqlCommand(DriftSql.Write, connection);
            write.Parameters.Text(watch.Workspace).Text(watch.Source).Text(shape.Version).Text(Encoding.UTF8.GetString(Write(merged)));
            var revision = await write.ExecuteScalarAsync(cancellationToken) as long? ?? 0;
            await transaction.CommitAsync(cancellationToken);
            shape.Know(merged, revision);
        }
        catch
        {
            shape.PutBack(fresh);
            throw;
        }
    }

    /// <summary>Holds deliveries, in the caller's transaction, and raises the alerts that tell of them.</summary>
    public static async Task HoldAsync(NpgsqlConnection connection, IReadOnlyList<DriftHold> held, CancellationToken cancellationToken)
    {
        var sightings = new Dictionary<(SourceWatch Watch, string Name), DriftSighting>();
        foreach (var one in held)
        {
            foreach (var change in one.Changes)
            {
                var key = (one.Watch, change.Name);
                sightings[key] = sightings.TryGetValue(key, out var known)
                    ? known.And(change, one.EventId)
                    : new DriftSighting(one.Watch, change, one.EventId);
            }
        }

        var hold = new NpgsqlBatchCommand(DriftSql.Hold);
        hold.Parameters
            .Uuids([.. held.Select(one => (Guid?)one.EventId)])
            .Texts([.. held.Select(one => one.Watch.Workspace)])
            .Texts([.. held.Select(one => one.Watch.Source)])
            .Ints([.. held.Select(one => one.Watch.Partition)])
            .Longs([.. held.Select(one => one.MessageId)])
            .Texts([.. held.Select(one => one.Watch.Version)])
            .Texts([.. held.Select(one => string.Join('\n', one.Changes.Select(change => change.Name)))]);
        await using var batch = new NpgsqlBatch(connection);
        Raise(batch, [.. sightings.Values]);
        batch.BatchCommands.Add(hold);
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Raises alerts of changes that hold nothing.</summary>
    public static async Task RaiseAsync(NpgsqlDataSource database, IReadOnlyList<DriftSighting> sightings, CancellationToken cancellationToken)
    {
        await using var batch = database.CreateBatch();
        Raise(batch, sightings);
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Locks sources until the transaction ends.</summary>
    public static NpgsqlBatchCommand Lock(IEnumerable<(string Workspace, string Source)> sources)
    {
        var command = new NpgsqlBatchCommand(DriftSql.Lock);
        command.Parameters.Longs([.. sources.Select(source => LockOf(source.Workspace, source.Source)).Distinct().Order()]);
        return command;
    }

    private static void Raise(NpgsqlBatch batch, IReadOnlyList<DriftSighting> sightings)
    {
        batch.BatchCommands.Add(Lock(sightings.Select(one => (one.Watch.Workspace, one.Watch.Source))));
        var sorted = sightings
            .OrderBy(one => one.Watch.Workspace, StringComparer.Ordinal).ThenBy(one => one.Watch.Source, StringComparer.Ordinal)
            .ThenBy(one => one.Change.Name, StringComparer.Ordinal).ToList();
        var raise = new NpgsqlBatchCommand(DriftSql.Raise);
        raise.Parameters
            .Texts(sorted.ConvertAll(one => one.Watch.Workspace))
            .Texts(sorted.ConvertAll(one => one.Watch.Source))
            .Ints(sorted.ConvertAll(one => one.Watch.Partition))
            .Texts(sorted.ConvertAll(one => one.Watch.Version))
            .Texts(sorted.ConvertAll(one => one.Change.Path))
            .Texts(sorted.ConvertAll(one => one.Change.Kind))
            .Texts(sorted.ConvertAll(one => string.Join('\n', one.Seen)))
            .Texts(sorted.ConvertAll(one => one.Change.Usual))
            .Texts(sorted.ConvertAll(one => string.Join('\n', one.Samples)))
            .Longs(sorted.ConvertAll(one => one.Count))
            .Utf8(sorted.ConvertAll(one => (byte[]?)NoticeOf(one).ToUtf8()))
            .Uuids(sorted.ConvertAll(one => one.Change.IsBreaking ? one.Samples[0] : (Guid?)null));
        batch.BatchCommands.Add(raise);
    }

    private static WatchNotice NoticeOf(DriftSighting sighting)
    {
        var (watch, change) = (sighting.Watch, sighting.Change);
        var what = change.Kind switch
        {
            DriftKind.Missing => $"`{change.Path}` is {change.Seen}; usual is {change.Usual}",
            DriftKind.Retyped => $"`{change.Path}` is {change.Seen}; usual is {change.Usual}",
            _ => $"`{change.Path}` is `{change.Seen}`; usual are {change.Usual}",
        };
        var effect = change.IsBreaking
            ? "Such deliveries are held: mend the source's map, or accept the change with `crmgrains drift accept`."
            : "Nothing is held: accept the change, or mend the source's map.";
        return new WatchNotice
        {
            Outcome = "drift_found",
            Key = $"drift/{watch.Source}/{change.Name}",
            Reason = "schema_drift",
            Summary = string.Create(CultureInfo.InvariantCulture, $"Deliveries of source {watch.Source} changed: {what}. {effect}"),
        };
    }

    private static long LockOf(string workspace, string source) =>
        BinaryPrimitives.ReadInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes($"drift/{workspace}/{source}")));

    private static Sketch Read(byte[] body) => JsonSerializer.Deserialize(body, DriftJson.Default.Sketch) ?? Sketch.Empty;

    private static byte[] Write(Sketch sketch) => JsonSerializer.SerializeToUtf8Bytes(sketch, DriftJson.Default.Sketch);
}
