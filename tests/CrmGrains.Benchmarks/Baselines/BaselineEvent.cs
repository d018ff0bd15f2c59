using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace CrmGrains.Benchmarks.Baselines;

/// <summary>A verified delivery, read and normalized: what both plain handlers store.</summary>
internal sealed record BaselineEvent
{
    public required Guid EventId { get; init; }

    public required string DeliveryId { get; init; }

    public required string Headers { get; init; }

    public required byte[] Body { get; init; }

    public required byte[] BodyHash { get; init; }

    public required string EventType { get; init; }

    public required DateTimeOffset OccurredAt { get; init; }

    public required string Customer { get; init; }

    public required string Name { get; init; }

    /// <summary>About 300 bytes.</summary>
    public required string Profile { get; init; }

    public required int Partition { get; init; }

    public required string Normalized { get; init; }

    public required string Command { get; init; }

    public static BaselineEvent Read(byte[] body, string headers, DateTimeOffset now)
    {
        var id = Guid.CreateVersion7(now);
        var payload = JsonSerializer.Deserialize(body, BaselineJson.Default.BenchPayload) ?? throw new JsonException("The payload is null.");
        var customer = payload.Contact.Email.Trim().ToLowerInvariant();
        return new BaselineEvent
        {
            EventId = id,
            DeliveryId = payload.Id,
            Headers = headers,
            Body = body,
            BodyHash = SHA256.HashData(body),
            EventType = payload.Type,
            OccurredAt = payload.OccurredAt,
            Customer = customer,
            Name = payload.Contact.Name,
            Profile = payload.Data["message"]?.GetValue<string>() ?? "",
            Partition = SHA256.HashData(Encoding.UTF8.GetBytes(customer))[0] % BaselineSchema.Partitions,
            Normalized = JsonSerializer.Serialize(
                new NormalizedEvent(id, "bench", payload.Id, payload.Type, payload.OccurredAt, now, payload.Contact, payload.Data),
                BaselineJson.Default.NormalizedEvent),
            Command = JsonSerializer.Serialize(
                new NoteCommand("write_note", payload.OccurredAt, $"{payload.Type} from bench", [id.ToString(), payload.Id], customer),
                BaselineJson.Default.NoteCommand),
        };
    }
}

internal sealed record BenchPayload(string Id, string Type, DateTimeOffset OccurredAt, BenchContact Contact, JsonObject Data);

internal sealed record BenchContact(string Email, string Name);

internal sealed record NormalizedEvent(
    Guid EventId, string SourceSystem, string SourceRecordId, string EventType, DateTimeOffset OccurredAt, DateTimeOffset ReceivedAt,
    BenchContact Contact, JsonObject Data);

internal sealed record NoteCommand(string Operation, DateTimeOffset At, string Title, IReadOnlyList<string> Lines, string On);

internal sealed record BaselineState(long Events, IReadOnlyList<Guid> Last, string? Email, string? Name, string? Profile)
{
    private const int Remembered = 10;

    public BaselineState After(BaselineEvent received) => new(
        Events + 1, [received.EventId, .. Last.Take(Remembered - 1)], received.Customer, received.Name, received.Profile);
}

internal sealed record LedgerDetail(Guid Event, string Outcome, IReadOnlyList<string> Effects);

internal sealed record BaselineAnswer(Guid EventId, bool Duplicate);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(BenchPayload))]
[JsonSerializable(typeof(NormalizedEvent))]
[JsonSerializable(typeof(NoteCommand))]
[JsonSerializable(typeof(BaselineState))]
[JsonSerializable(typeof(LedgerDetail))]
[JsonSerializable(typeof(BaselineAnswer))]
internal sealed partial class BaselineJson : JsonSerializerContext;
