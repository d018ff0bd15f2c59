using System.Text.Json;
using CrmGrains.Core.Events;
using CrmGrains.Intake.Payloads;
using CrmGrains.Intake.Signatures;

namespace CrmGrains.Intake.Sources.Stripe;

/// <summary>
/// Stripe's snapshot events, in the shape from before the API's "basil" version and in the one since: invoices, payments, subscriptions that ended,
/// and disputes. Verified by Stripe's own scheme; the delivery id is the event's. Several events of Stripe may tell of one change, so the object,
/// and not the event, names what happened. Stripe asks again for three days, in no order.
/// </summary>
internal sealed class StripeEvents : SourceFormat
{
    private const string Invoice = "data.object";

    public override string Name => "stripe";

    public override string Scheme => "stripe";

    public override IReadOnlyList<string> EventTypes { get; } =
        [EventType.InvoicePaid, EventType.PaymentFailed, StripePayments.Succeeded, StripeCustomers.Canceled, StripeCustomers.Complaint];

    public override bool HasDeliveryId => true;

    public override string? DeliveryId(SignedRequest request) => Sources.DeliveryId.At(request.Body.Span, "id");

    private protected override IEnumerable<Normalized> Read(Reading reading)
    {
        yield return ReadOne(reading);
    }

    private static Normalized ReadOne(Reading reading)
    {
        var payload = reading.Payload;
        var kind = payload.Line("object", FactReader.MaxIdLength);
        if (kind == "v2.core.event")
        {
            return new Normalized.Rejected(new Fault(
                "object", "thin_event", "A thin event has no data: send snapshot events to this endpoint."));
        }
        if (kind != "event")
            return new Normalized.Rejected(new Fault("object", "not_an_event", "It is no event of Stripe: send events only."));
        var stripeType = payload.Required("type", payload.Line("type", FactReader.MaxIdLength));
        if (stripeType is null)
            return new Normalized.Rejected(payload.Faults);
        return stripeType switch
        {
            "invoice.paid" => ReadInvoice(EventType.InvoicePaid, reading),
            "invoice.payment_failed" => ReadInvoice(EventType.PaymentFailed, reading),
            "payment_intent.succeeded" => StripePayments.ReadIntent(reading),
            "charge.succeeded" or "charge.captured" => StripePayments.ReadCharge(reading),
            "checkout.session.completed" or "checkout.session.async_payment_succeeded" => StripePayments.ReadSession(reading),
            "customer.subscription.deleted" => StripeCustomers.ReadSubscription(reading),
            "charge.dispute.created" => StripeCustomers.ReadDispute(reading),
            _ => new Normalized.Ignored($"Stripe's {stripeType} is not taken."),
        };
    }

    private static Normalized ReadInvoice(string eventType, Reading reading)
    {
        var (payload, facts) = (reading.Payload, reading.Facts);
        var email = facts.Email($"{Invoice}.customer_email", isRequired: false);
        var customer = payload.Line(PathOfId(payload, $"{Invoice}.customer"), FactReader.MaxIdLength);
        if (email is null && customer is null && payload.Faults.Count == 0)
            payload.Add($"{Invoice}.customer", "contact_missing", "It names neither customer nor address: give the invoice a customer.");
        var contact = new ContactFacts
        {
            Email = email,
            FullName = payload.Line($"{Invoice}.customer_name", FactReader.MaxNameLength),
            ExternalIds = customer is null ? null : new Dictionary<string, string> { ["stripe"] = customer },
        };

        var paidAt = payload.Happened($"{Invoice}.status_transitions.paid_at", orEpoch: true);
        var occurredAt = payload.Required("created", payload.Happened("created", orEpoch: true) ?? paidAt);
        var invoice = ReadFacts(eventType, payload);
        return reading.Event(eventType, invoice?.Id, occurredAt, DefaultKey(eventType, invoice), new EventFacts { Contact = contact, Invoice = invoice });
    }

    // An invoice is paid once; each failed attempt to pay it is an event of its own.
    private static string DefaultKey(string eventType, InvoiceFacts? invoice) => eventType == EventType.InvoicePaid
        ? "stripe:{event_type}:{source_record_id}"
        : $"stripe:{{event_type}}:{{source_record_id}}:{invoice?.Attempts}";

    private static InvoiceFacts? ReadFacts(string eventType, PayloadReader payload)
    {
        var isPaid = eventType == EventType.InvoicePaid;
        var amountPath = isPaid ? $"{Invoice}.amount_paid" : $"{Invoice}.amount_due";
        var id = payload.Required($"{Invoice}.id", payload.Line($"{Invoice}.id", FactReader.MaxIdLength));
        var currency = payload.Required($"{Invoice}.currency", payload.Currency($"{Invoice}.currency"));
        var amount = payload.Required(amountPath, payload.Amount(amountPath));
        var attempts = payload.Count($"{Invoice}.attempt_count");
        if (!isPaid)
            payload.Required($"{Invoice}.attempt_count", attempts);
        var subscription = PathOfId(payload, $"{Invoice}.parent.subscription_details.subscription");
        if (payload.Find(subscription) is null)
            subscription = PathOfId(payload, $"{Invoice}.subscription");
        var number = payload.Line($"{Invoice}.number", FactReader.MaxIdLength);
        var subscriptionId = payload.Line(subscription, FactReader.MaxIdLength);
        var nextAttemptAt = payload.Instant($"{Invoice}.next_payment_attempt", orEpoch: true);

        if (id is null || currency is null || amount is not { } minorUnits)
            return null;
        return new InvoiceFacts
        {
            Id = id,
            Number = number,
            Amount = StripeMoney.Whole(minorUnits, currency),
            Currency = currency,
            SubscriptionId = subscriptionId,
            Attempts = attempts,
            NextAttemptAt = nextAttemptAt,
        };
    }

    // Stripe sends an id, or the whole object where the endpoint asked for it.
    internal static string PathOfId(PayloadReader payload, string path) =>
        payload.Find(path)?.ValueKind == JsonValueKind.Object ? $"{path}.id" : path;
}
