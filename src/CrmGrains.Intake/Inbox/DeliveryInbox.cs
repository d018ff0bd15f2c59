using System.Text.Json;
using System.Threading.Channels;
using CrmGrains.Core.Faults;
using CrmGrains.Runtime.Silos;
using CrmGrains.Runtime.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace CrmGrains.Intake.Inbox;

/// <summary>
/// Stores deliveries by group commit: whatever arrives while a commit is in flight goes into the next one, so one flush to disk serves
/// many senders and none waits for a timer. A receipt is given only for what is on disk.
/// </summary>
public sealed class DeliveryInbox : BackgroundService
{
    private readonly InboxDatabase _database;
    private readonly InboxOptions _options;
    private readonly Wakeups _wakeups;
    private readonly InboxMetrics _metrics;
    private readonly InboxPace _pace;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Channel<Waiting> _queue;

    /// <summary>An inbox over the database.</summary>
    public DeliveryInbox(
        InboxDatabase database,
        IOptions<InboxOptions> options,
        Wakeups wakeups,
        InboxMetrics metrics,
        TimeProvider time,
        ILogger<DeliveryInbox> logger)
    {
        (_database, _options, _wakeups, _metrics, _time, _logger) = (database, options.Value, wakeups, metrics, time, logger);
        _pace = new InboxPace(wakeups, _options, time);
        _queue = Channel.CreateBounded<Waiting>(new BoundedChannelOptions(_options.QueueLength) { SingleReader = true });
    }

    /// <summary>Stores a delivery; done once it is durable.</summary>
    /// <exception cref="InboxUnavailableException">It isn't stored, or nobody knows: the sender shall come again.</exception>
    public async Task<Receipt> StoreAsync(Delivery delivery, CancellationToken cancellationToken)
    {
        var waiting = new Waiting(delivery);
        if (!_queue.Writer.TryWrite(waiting))
            throw new InboxUnavailableException($"{_options.QueueLength} deliveries wait for their commit already.", isOverload: true);
        try
        {
            // Also for whoever waits behind a commit that hangs with its connection.
            return await waiting.Done.Task.WaitAsync(_options.Timeout, _time, cancellationToken);
        }
        catch (TimeoutException exception)
        {
            // One that still waits for its commit is left out of it: its sender comes again.
            waiting.Done.TrySetCanceled(CancellationToken.None);
            throw new InboxUnavailableException("The delivery wasn't stored in time.", isOverload: false, exception);
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var batch = new List<Waiting>(_options.BatchSize);
        try
        {
            while (await _queue.Reader.WaitToReadAsync(stoppingToken))
            {
                await _pace.WaitAsync(stoppingToken);
                var bytes = 0;
                while (batch.Count < _options.BatchSize && bytes < _options.BatchBytes && _queue.Reader.TryRead(out var next))
                {
                    if (next.Done.Task.IsCompleted)
                        continue;
                    batch.Add(next);
                    bytes += next.Delivery.Body.Length;
                }

                if (batch.Count > 0)
                    await CommitAsync(batch);
                _pace.Committed();
                batch.Clear();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            _queue.Writer.TryComplete();
            while (_queue.Reader.TryRead(out var left))
                left.Done.TrySetException(new InboxUnavailableException("The gateway is stopping.", isOverload: true));
        }
    }

    // Never throws: every sender gets its receipt or its error.
    private async Task CommitAsync(List<Waiting> batch)
    {
        var began = _time.GetTimestamp();
        try
        {
            using var timeout = new CancellationTokenSource(_options.Timeout, _time);
            await StoreAsync(batch, timeout.Token);
            _metrics.Committed(batch.Count, _time.GetElapsedTime(began));
        }
        catch (Exception exception) when (batch.Count > 1 && !SqlState.IsTransient(exception))
        {
            // One of them can't be stored: alone, the others can.
            _logger.DeliveriesSplit(batch.Count, exception);
            foreach (var waiting in batch.Where(waiting => !waiting.Done.Task.IsCompleted).ToList())
                await CommitAsync([waiting]);
        }
        catch (Exception exception)
        {
            _logger.DeliveriesNotStored(batch.Count, exception.Message);
            _metrics.Failed(batch.Count);
            foreach (var waiting in batch)
                waiting.Done.TrySetException(new InboxUnavailableException("The delivery wasn't stored.", isOverload: false, exception));
        }
    }

    private async Task StoreAsync(List<Waiting> batch, CancellationToken cancellationToken)
    {
        // Two deliveries of one id may share a batch: the first one is stored, the others are told of it.
        var firsts = new Dictionary<(int Partition, string DeliveryId), Delivery>(batch.Count);
        foreach (var waiting in batch)
            firsts.TryAdd((waiting.Delivery.Partition, waiting.Delivery.DeliveryId), waiting.Delivery);

        await using var connection = await _database.Source.OpenConnectionAsync(cancellationToken);
        var first = firsts.ToDictionary(pair => pair.Key, pair => (pair.Value.EventId, pair.Value.BodyHash));
        CrashPoint.Pass(CrashPoint.InboxBeforeCommit);
        var stored = await InsertAsync(connection, [.. firsts.Values], first, cancellationToken);
        CrashPoint.Pass(CrashPoint.InboxAfterCommit);
        await FindEarlierAsync(
            connection, first,
            [.. firsts.Values.Where(delivery => !stored.Contains(delivery.EventId) && first[(delivery.Partition, delivery.DeliveryId)].EventId == delivery.EventId)],
            cancellationToken);

        var conflicts = batch
            .Select(waiting => (waiting.Delivery, First: first[(waiting.Delivery.Partition, waiting.Delivery.DeliveryId)]))
            .Where(pair => !pair.First.BodyHash.AsSpan().SequenceEqual(pair.Delivery.BodyHash))
            .ToList();
        if (conflicts.Count > 0)
            await FlagAsync(connection, conflicts, cancellationToken);
        CrashPoint.Pass(CrashPoint.InboxBeforeReceipt);

        if (stored.Count > 0 || conflicts.Count > 0)
            _wakeups.MailboxesFilled(firsts.Keys.Select(key => key.Partition).Distinct());
        foreach (var waiting in batch)
        {
            var (eventId, _) = first[(waiting.Delivery.Partition, waiting.Delivery.DeliveryId)];
            waiting.Done.TrySetResult(new Receipt(eventId, IsDuplicate: !(stored.Contains(eventId) && eventId == waiting.Delivery.EventId)));
        }
    }

    // What is not new gets its first delivery into the list.
    private static async Task<HashSet<Guid>> InsertAsync(
        NpgsqlConnection connection,
        List<Delivery> deliveries,
        Dictionary<(int Partition, string DeliveryId), (Guid EventId, byte[] BodyHash)> first,
        CancellationToken cancellationToken)
    {
        var places = deliveries.Select((delivery, place) => (delivery.EventId, place)).ToDictionary(pair => pair.EventId, pair => pair.place);
        deliveries.Sort(static (one, other) => one.Partition != other.Partition
            ? one.Partition.CompareTo(other.Partition)
            : string.CompareOrdinal(one.DeliveryId, other.DeliveryId));
        await using var command = new NpgsqlCommand(InboxSql.Store, connection);
        command.Parameters
            .Uuids(deliveries.ConvertAll(delivery => (Guid?)delivery.EventId))
            .Ints(deliveries.ConvertAll(delivery => delivery.Partition))
            .Texts(deliveries.ConvertAll(delivery => delivery.Workspace))
            .Texts(deliveries.ConvertAll(delivery => delivery.DeliveryId))
            .Texts(deliveries.ConvertAll(delivery => delivery.ContentType))
            .Utf8(deliveries.ConvertAll(delivery => delivery.Headers))
            .Texts(deliveries.ConvertAll(delivery => delivery.Verification))
            .Bytes(deliveries.ConvertAll(delivery => delivery.Body))
            .Bytes(deliveries.ConvertAll(delivery => delivery.BodyHash))
            .Ints(deliveries.ConvertAll(delivery => places[delivery.EventId]));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var stored = new HashSet<Guid>(deliveries.Count);
        while (await reader.ReadAsync(cancellationToken))
        {
            if (reader.GetBoolean(0))
                stored.Add(reader.GetGuid(3));
            else
                first[(reader.GetInt32(1), reader.GetString(2))] = (reader.GetGuid(3), reader.GetFieldValue<byte[]>(4));
        }

        return stored;
    }

    private static async Task FindEarlierAsync(
        NpgsqlConnection connection,
        Dictionary<(int Partition, string DeliveryId), (Guid EventId, byte[] BodyHash)> first,
        List<Delivery> repeats,
        CancellationToken cancellationToken)
    {
        if (repeats.Count == 0)
            return;
        await using var command = new NpgsqlCommand(InboxSql.FindFirst, connection);
        command.Parameters.Ints(repeats.ConvertAll(delivery => delivery.Partition)).Texts(repeats.ConvertAll(delivery => delivery.DeliveryId));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            first[(reader.GetInt32(0), reader.GetString(1))] = (reader.GetGuid(2), reader.GetFieldValue<byte[]>(3));
    }

    private static async Task FlagAsync(
        NpgsqlConnection connection,
        List<(Delivery Delivery, (Guid EventId, byte[] BodyHash) First)> conflicts,
        CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(InboxSql.FlagConflicts, connection);
        command.Parameters
            .Ints(conflicts.ConvertAll(conflict => conflict.Delivery.Partition))
            .Texts(conflicts.ConvertAll(conflict => conflict.Delivery.Workspace))
            .Uuids(conflicts.ConvertAll(conflict => (Guid?)conflict.First.EventId))
            .Utf8(conflicts.ConvertAll(conflict => (byte[]?)JsonSerializer.SerializeToUtf8Bytes(
                new ConflictedDelivery(Convert.ToHexStringLower(conflict.Delivery.BodyHash), conflict.Delivery.Body.Length),
                IntakeJson.Default.ConflictedDelivery)));
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private sealed class Waiting(Delivery delivery)
    {
        public Delivery Delivery => delivery;

        public TaskCompletionSource<Receipt> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

/// <summary>What the ledger keeps of a delivery whose id came before with another body.</summary>
/// <param name="BodySha256">Of the later body, in hex.</param>
/// <param name="Bytes">Its length.</param>
internal sealed record ConflictedDelivery(string BodySha256, int Bytes);
