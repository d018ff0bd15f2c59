using CrmGrains.Core.Events;
using CrmGrains.Intake.Payloads;

namespace CrmGrains.Intake.Sources.Forms;

/// <summary>The format of a product that forms are made with: a delivery is one submission, and mostly a lead.</summary>
internal abstract class FormFormat : SourceFormat
{
    public sealed override IReadOnlyList<string> EventTypes { get; } = [EventType.LeadSubmitted];

    public sealed override FormatWords Words => FormSubmission.Words;

    public sealed override bool HasDeliveryId => true;

    private protected sealed override IEnumerable<Normalized> Read(Reading reading)
    {
        yield return ReadOne(reading);
    }

    private protected abstract Normalized ReadOne(Reading reading);

    /// <summary>How a delivery ends that isn't of a kind that is taken; null where it is of one.</summary>
    /// <param name="path">Where it says of what kind it is.</param>
    /// <param name="whose">The product, as it is called.</param>
    /// <param name="taken">The kinds that tell of a submission.</param>
    private protected static Normalized? EndOfOther(Reading reading, string path, string whose, params ReadOnlySpan<string> taken)
    {
        var payload = reading.Payload;
        var kind = payload.Required(path, payload.Line(path, FactReader.MaxIdLength));
        return kind is null ? new Normalized.Rejected(payload.Faults)
            : taken.Contains(kind) ? null
            : new Normalized.Ignored($"{whose}'s {kind} is not taken.");
    }
}
