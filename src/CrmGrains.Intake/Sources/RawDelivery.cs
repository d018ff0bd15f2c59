using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using CrmGrains.Core.Events;
using CrmGrains.Intake.Payloads;

namespace CrmGrains.Intake.Sources;

/// <summary>A delivery as it was stored.</summary>
/// <param name="EventId">The id that the sender was answered with.</param>
/// <param name="ReceivedAt">UTC, by the database's clock.</param>
/// <param name="Body">The exact bytes that came.</param>
internal sealed record RawDelivery(Guid EventId, DateTimeOffset ReceivedAt, ReadOnlyMemory<byte> Body)
{
    private JsonDocument? _document;

    /// <summary>As the sender said; read only where the format needs it.</summary>
    public string? ContentType { get; init; }

    /// <summary>The headers that were kept, by their names in lower case; read only where the format needs them.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>Where to write down what is read and how; null: nowhere.</summary>
    public ReadingNotes? Notes { get; init; }

    /// <summary>The body as JSON, for those who only look at it; null where it isn't sound. It is valid until somebody takes it.</summary>
    public JsonDocument? Look() => _document ??= StrictJson.TryParse(Body, out var document, out _) ? document : null;

    /// <summary>The body as JSON, which the caller disposes of, or its first fault. What somebody has looked at isn't read again.</summary>
    public bool TryTake([NotNullWhen(true)] out JsonDocument? document, [NotNullWhen(false)] out Fault? fault)
    {
        (document, fault, _document) = (_document, null, null);
        return document is not null || StrictJson.TryParse(Body, out document, out fault);
    }
}

/// <summary>What became of a delivery. A closed set.</summary>
internal abstract record Normalized
{
    private Normalized() { }

    /// <summary>An event of the contract, without a fault.</summary>
    public sealed record Event(ContractEvent Value, Validation Validation) : Normalized;

    /// <summary>It breaks its schema; each fault is named by the payload's path.</summary>
    public sealed record Rejected(Validation Validation) : Normalized
    {
        public Rejected(params IReadOnlyList<Fault> faults)
            : this(new Validation { Faults = faults })
        {
        }
    }

    /// <summary>It is well formed, and of a kind that is not taken from this source. It stays stored.</summary>
    /// <param name="Reason">For the ledger.</param>
    public sealed record Ignored(string Reason) : Normalized;

    /// <summary>It says only that there is something to fetch.</summary>
    /// <param name="Base">Where it is.</param>
    /// <param name="Webhook">Which list of it.</param>
    public sealed record Ping(string Base, string Webhook) : Normalized;
}
