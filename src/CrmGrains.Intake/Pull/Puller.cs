using System.Security.Cryptography;
using System.Text.Json;
using CrmGrains.Core.Configuration;
using CrmGrains.Intake.Inbox;
using CrmGrains.Runtime.Silos;
using CrmGrains.Runtime.Storage;
using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;

namespace CrmGrains.Intake.Pull;

/// <summary>
/// Fetches the payloads that senders only called for, a page of each list at a time. A page's deliveries and the cursor after them are
/// committed together, and only if the cursor still stands where the page began: whatever crashes or races, no payload is missed and none
/// is there twice.
/// </summary>
internal sealed class Puller(
    AirtableApi api, IWorkspaces workspaces, PullAccess access, PullOptions options, Wakeups wakeups, TimeProvider time, Func<double> draw, ILogger logger)
{
    private static readonly byte[] NoHeaders = "{}"u8.ToArray();

    /// <summary>Fetches a page of each list that is due; as many as are asked at once.</summary>
    /// <returns>How many lists were asked.</returns>
    public async Task<int> RunAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var due = (await DueAsync(connection, cancellationToken)).DistinctBy(pull => pull.Base).ToList();
        var answers = await Task.WhenAll(due.Select(pull => AskAsync(pull, cancellationToken)));
        foreach (var (pull, answer) in due.Zip(answers))
            await KeepAsync(connection, pull, answer, cancellationToken);
        return due.Count;
    }

    private async Task<PullAnswer> AskAsync(DuePull pull, CancellationToken cancellationToken)
    {
        if (workspaces.Find(pull.Workspace)?.Sources.GetValueOrDefault(pull.Source)?.Pull is not { } configuration)
            return new PullAnswer.Later("The source isn't configured to be fetched from: restore it, with `pull`.", options.AskUncalledEvery);
        if (access.Address(configuration.Url) is not { } url || access.Secret(configuration.Token) is not { } token)
            return new PullAnswer.Later("Its address or its token has no value: set the variable, or put the file where it is named.");
        return await api.ListAsync(url, token, pull, options.CallTimeout, cancellationToken);
    }

    private async Task KeepAsync(NpgsqlConnection connection, DuePull pull, PullAnswer answer, CancellationToken cancellationToken)
    {
        switch (answer)
        {
            case PullAnswer.Page page:
                await StoreAsync(connection, pull, page, cancellationToken);
                break;
            case PullAnswer.Later later:
                logger.PullFailed(pull.Workspace, pull.Source, pull.Webhook, pull.Attempts + 1, later.Reason);
                await FailAsync(connection, pull, later.After ?? Backoff(pull.Attempts), later.Reason, cancellationToken);
                if (later.After is { } rest)
                    await RestAsync(connection, pull.Base, rest, cancellationToken);
                break;
            case PullAnswer.Gone gone:
                logger.PullFailed(pull.Workspace, pull.Source, pull.Webhook, pull.Attempts + 1, gone.Reason);
                await FailAsync(connection, pull, null, gone.Reason, cancellationToken);
                break;
        }
    }

    private async Task StoreAsync(NpgsqlConnection connection, DuePull pull, PullAnswer.Page page, CancellationToken cancellationToken)
    {
        var first = page.Cursor - page.Payloads.Count;
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (!await MoveAsync(connection, pull, page, cancellationToken))
        {
            await transaction.RollbackAsync(cancellationToken);
            return;
        }

        if (page.Payloads.Count > 0)
        {
            var deliveries = page.Payloads.Select((payload, place) => DeliveryOf(pull, first + place, payload)).ToList();
            await InsertAsync(connection, deliveries, cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);

        if (first > pull.Cursor)
            logger.PayloadsLost(pull.Cursor, first - 1, pull.Workspace, pull.Source, pull.Webhook);
        if (page.Payloads.Count > 0)
            wakeups.MailboxesFilled([pull.Partition]);
    }

    private Delivery DeliveryOf(DuePull pull, long number, byte[] payload)
    {
        var body = BodyOf(pull, number, payload);
        return new Delivery
        {
            EventId = Guid.CreateVersion7(time.GetUtcNow()),
            Partition = pull.Partition,
            Workspace = pull.Workspace,
            DeliveryId = $"{pull.Webhook}:{number}",
            ContentType = "application/json",
            Headers = NoHeaders,
            Verification = "fetched with the source's token",
            Body = body,
            BodyHash = SHA256.HashData(body),
        };
    }

    // The payload byte for byte, in what says where it is from.
    private static byte[] BodyOf(DuePull pull, long number, byte[] payload)
    {
        using var body = new MemoryStream(payload.Length + 128);
        using (var writer = new Utf8JsonWriter(body))
        {
            writer.WriteStartObject();
            writer.WriteString("base", pull.Base);
            writer.WriteString("webhook", pull.Webhook);
            writer.WriteNumber("number", number);
            writer.WritePropertyName("payload");
            writer.WriteRawValue(payload, skipInputValidation: true);
            writer.WriteEndObject();
        }

        return body.ToArray();
    }

    // Full jitter up to twice the wait before, so that lists that failed together don't come back together.
    private TimeSpan Backoff(int attempts)
    {
        var ceiling = Math.Min(options.LongestBackoff.TotalSeconds, Math.Pow(2, Math.Min(attempts + 1, 16)));
        return TimeSpan.FromSeconds(Math.Max(1, ceiling * draw()));
    }

    private async Task<List<DuePull>> DueAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(PullSql.Due, connection);
        command.Parameters.Int(options.AtOnce);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var due = new List<DuePull>();
        while (await reader.ReadAsync(cancellationToken))
        {
            due.Add(new DuePull(
                reader.GetInt32(0), reader.GetString(1), reader.GetString(2), reader.GetString(3), reader.GetString(4), reader.GetInt64(5),
                reader.GetInt64(6), reader.GetInt32(7)));
        }

        return due;
    }

    private async Task<bool> MoveAsync(NpgsqlConnection connection, DuePull pull, PullAnswer.Page page, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(PullSql.Move, connection);
        command.Parameters.Int(pull.Partition).Text(pull.Webhook)
            .With(NpgsqlDbType.Bigint, pull.Cursor).With(NpgsqlDbType.Bigint, page.Cursor).With(NpgsqlDbType.Bigint, pull.Pings)
            .With(NpgsqlDbType.Boolean, page.HasMore).With(NpgsqlDbType.Interval, options.AskUncalledEvery)
            .With(NpgsqlDbType.Interval, options.BetweenPages);
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    private static async Task InsertAsync(NpgsqlConnection connection, List<Delivery> deliveries, CancellationToken cancellationToken)
    {
        var places = Enumerable.Range(0, deliveries.Count).ToList();
        await using var command = new NpgsqlCommand(InboxSql.Store, connection);
        command.Parameters
            .Uuids(deliveries.ConvertAll(delivery => (Guid?)delivery.EventId))
            .Ints(deliveries.ConvertAll(delivery => delivery.Partition))
            .Texts(deliveries.ConvertAll(delivery => (string?)delivery.Workspace))
            .Texts(deliveries.ConvertAll(delivery => (string?)delivery.DeliveryId))
            .Texts(deliveries.ConvertAll(delivery => delivery.ContentType))
            .Utf8(deliveries.ConvertAll(delivery => (byte[]?)delivery.Headers))
            .Texts(deliveries.ConvertAll(delivery => (string?)delivery.Verification))
            .Bytes(deliveries.ConvertAll(delivery => (byte[]?)delivery.Body))
            .Bytes(deliveries.ConvertAll(delivery => (byte[]?)delivery.BodyHash))
            .Ints(places);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task FailAsync(
        NpgsqlConnection connection, DuePull pull, TimeSpan? wait, string reason, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(PullSql.Fail, connection);
        command.Parameters.Int(pull.Partition).Text(pull.Webhook).With(NpgsqlDbType.Bigint, pull.Cursor)
            .With(NpgsqlDbType.Interval, wait).Text(reason);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task RestAsync(NpgsqlConnection connection, string at, TimeSpan rest, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(PullSql.Rest, connection);
        command.Parameters.Text(at).With(NpgsqlDbType.Interval, rest);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
