using CrmGrains.Core.Events;
using CrmGrains.Intake.Payloads;

namespace CrmGrains.Intake.Sources;

/// <summary>A delivery as it was stored.</summary>
/// <param name="EventId">The id that the sender was answered with.</param>
/// <param name="ReceivedAt">UTC, by the database's clock.</param>
/// <param name="Body">The exact bytes that came.</param>
internal sealed record RawDelivery(Guid EventId, DateTimeOffset ReceivedAt, ReadOnlyMemory<byte> Body)
{
    /// <summary>As the sender said; read only where the format needs it.</summary>
    public string? ContentType { get; init; }

    /// <summary>The headers that were kept, by their names in lower case; read only where the format needs them.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>Where to write down what is read and how; null: nowhere.</summary>
    public ReadingNotes? Notes { get; init; }
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
