using System.Text.Json;
using CrmGrains.Core.Configuration;
using CrmGrains.Intake.Sources;
using CrmGrains.Runtime.Mailboxes;
using CrmGrains.Runtime.Storage;
using Npgsql;

namespace CrmGrains.Intake.Loop;

/// <summary>The headers of those deliveries of a batch whose formats need them: most formats don't, so most batches read none.</summary>
internal sealed class DeliveryHeaders
{
    private static readonly DeliveryHeaders None = new();

    private readonly Dictionary<Guid, (string? ContentType, IReadOnlyDictionary<string, string> Headers)> _byEvent = [];

    /// <summary>Reads them in one statement, or none.</summary>
    public static async Task<DeliveryHeaders> ReadAsync(
        NpgsqlConnection connection, IReadOnlyList<MailboxMessage> messages, IWorkspaces workspaces, CancellationToken cancellationToken)
    {
        var wanted = messages.Where(message => IsNeeded(message, workspaces)).Select(message => message.EventId).ToList();
        if (wanted.Count == 0)
            return None;
        var read = new DeliveryHeaders();
        await using var command = new NpgsqlCommand(IntakeSql.Headers, connection);
        command.Parameters.Uuids(wanted);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            read._byEvent[reader.GetGuid(0)] = (
                reader.IsDBNull(1) ? null : reader.GetString(1),
                JsonSerializer.Deserialize(reader.GetString(2), IntakeJson.Default.DictionaryStringString) ?? []);
        }

        return read;
    }

    /// <summary>The delivery with its headers, where they were read.</summary>
    public RawDelivery AddTo(RawDelivery delivery) => _byEvent.TryGetValue(delivery.EventId, out var known)
        ? delivery with { ContentType = known.ContentType, Headers = known.Headers }
        : delivery;

    private static bool IsNeeded(MailboxMessage message, IWorkspaces workspaces) =>
        message.EventId is not null
        && workspaces.Find(message.Workspace)?.Sources.GetValueOrDefault(message.Source ?? "") is { } source
        && SourceFormats.For(source.Format).ReadsHeaders;
}
