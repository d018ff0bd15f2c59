using System.Globalization;
using CrmGrains.Core.Events;
using CrmGrains.Intake.Payloads;

namespace CrmGrains.Intake.Sources.Stripe;

/// <summary>What ends between a business and its customer at Stripe: a subscription, for good, and the peace, when a payment is disputed.</summary>
internal static class StripeCustomers
{
    public const string Canceled = "subscription.canceled";
    public const string Complaint = "complaint.received";

    private const string Object = "data.object";

    public static Normalized ReadSubscription(Reading reading)
    {
        var payload = reading.Payload;
        var id = payload.Required($"{Object}.id", payload.Line($"{Object}.id", FactReader.MaxIdLength));
        var contact = new ContactFacts { ExternalIds = Ids(payload) };
        if (contact.ExternalIds is null && payload.Faults.Count == 0)
            payload.Add($"{Object}.customer", "contact_missing", "It names no customer: send the subscription with its customer.");
        var item = $"{Object}.items.data.0";
        return reading.Event(Canceled, id, CreatedAt(payload), "stripe:{event_type}:{source_record_id}", new EventFacts
        {
            Contact = contact,
            Data = new EventData()
                .Add("subscription_id", id)
                .Add("plan", OnRecord.Line(payload, $"{item}.price.nickname") ?? OnRecord.Line(payload, $"{item}.price.id") ?? OnRecord.Line(payload, $"{Object}.plan.id"))
                .Add("reason", Reason(payload))
                .Add("ends_at", payload.Instant($"{Object}.ended_at", orEpoch: true))
                .ToJson(),
        });
    }

    // The customer's own words say most.
    private static string? Reason(PayloadReader payload) =>
        OnRecord.Lines(payload, $"{Object}.cancellation_details.comment")
        ?? OnRecord.Line(payload, $"{Object}.cancellation_details.feedback")
        ?? OnRecord.Line(payload, $"{Object}.cancellation_details.reason");

    // A dispute names its charge and not the customer; what evidence Stripe has filled in does, where there is some.
    public static Normalized ReadDispute(Reading reading)
    {
        var payload = reading.Payload;
        var id = payload.Required($"{Object}.id", payload.Line($"{Object}.id", FactReader.MaxIdLength));
        var minorUnits = payload.Required($"{Object}.amount", payload.Amount($"{Object}.amount"));
        var currency = payload.Required($"{Object}.currency", payload.Currency($"{Object}.currency"));
        var reason = OnRecord.Line(payload, $"{Object}.reason") ?? "unknown";
        var amount = minorUnits is { } minor && currency is not null ? StripeMoney.Whole(minor, currency) : 0;
        return reading.Event(Complaint, id, CreatedAt(payload), "stripe:{event_type}:{source_record_id}", new EventFacts
        {
            Contact = new ContactFacts
            {
                Email = OnRecord.Email(reading, $"{Object}.evidence.customer_email_address"),
                FullName = OnRecord.Line(payload, $"{Object}.evidence.customer_name"),
                ExternalIds = Ids(payload),
            },
            Data = new EventData()
                .Add("complaint_id", id)
                .Add("text", string.Create(CultureInfo.InvariantCulture, $"A payment of {amount} {currency} is disputed: {reason}."))
                .Add("channel", "stripe")
                .Add("severity", OnRecord.Line(payload, $"{Object}.status"))
                .ToJson(),
        });
    }

    /// <summary>Stripe's id of the customer, as an id or within the whole object.</summary>
    public static IReadOnlyDictionary<string, string>? Ids(PayloadReader payload) => OnRecord.Ids(
        "stripe", payload.Line(StripeEvents.PathOfId(payload, $"{Object}.customer"), FactReader.MaxIdLength));

    private static DateTimeOffset? CreatedAt(PayloadReader payload) =>
        payload.Required("created", payload.Happened("created", orEpoch: true));
}
