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

    private const string CustomPrefix = "custom.";

    private static readonly HashSet<string> Known = new(StringComparer.Ordinal)
    {
        LeadSubmitted, "payment.succeeded", PaymentFailed, InvoicePaid, "subscription.canceled", "booking.created",
        "booking.rescheduled", "booking.canceled", "call.ended", "meeting.transcript.completed", "email.received",
        "file.uploaded", "vendor.replied", "support.ticket.created", "support.issue.escalated", "complaint.received",
        "contract.signed", "automation.failed", "crm.record.changed", "inventory.changed",
    };

    /// <summary>Whether the contract has this type: a known one, or <c>custom.</c> and a name.</summary>
    public static bool IsKnown(string type) =>
        Known.Contains(type) || (type.StartsWith(CustomPrefix, StringComparison.Ordinal) && type.Length > CustomPrefix.Length);
}
