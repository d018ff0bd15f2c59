using CrmGrains.Core.Contract;

namespace CrmGrains.Core.Events;

/// <summary>The dotted types of the internal event contract (DESIGN, section 3).</summary>
public static class EventType
{
    /// <summary>A form or another source brought a lead.</summary>
    public const string LeadSubmitted = "lead.submitted";

    /// <summary>An invoice was paid, by whatever means.</summary>
    public const string InvoicePaid = "invoice.paid";

    /// <summary>A payment was tried and failed.</summary>
    public const string PaymentFailed = "payment.failed";

    /// <summary>Whether an event of this type may be about nobody in particular.</summary>
    public static bool MayNameNobody(string type) =>
        type is "automation.failed" or "inventory.changed" or "crm.record.changed" or "file.uploaded"
        || type.StartsWith(EventSchema.CustomPrefix, StringComparison.Ordinal);

    /// <summary>Whether the contract has this type: a known one, or <c>custom.</c> and a name.</summary>
    public static bool IsKnown(string type) => EventSchema.Find(type) is not null;
}
