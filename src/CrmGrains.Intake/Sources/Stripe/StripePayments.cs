using System.Collections.Frozen;
using System.Text.Json;
using CrmGrains.Core.Events;
using CrmGrains.Intake.Payloads;

namespace CrmGrains.Intake.Sources.Stripe;

/// <summary>
/// Payments of Stripe's outside of invoices. One payment is told up to three times, as an intent, as its charge and as the checkout that it
/// completed: all three are named by the intent. A payment of an invoice is left to <c>invoice.paid</c>, which says more.
/// </summary>
internal static class StripePayments
{
    public const string Succeeded = "payment.succeeded";

    private const string Object = "data.object";

    // Since "basil", a payment doesn't name its invoice; the description that Stripe's billing gives it is what is left.
    private static readonly FrozenSet<string> OfBilling = FrozenSet.Create(
        StringComparer.Ordinal, "Subscription creation", "Subscription update", "Subscription cycle", "Payment for Invoice");

    public static Normalized ReadIntent(Reading reading)
    {
        var payload = reading.Payload;
        if (OfInvoice(payload) is { } other)
            return other;
        var payment = Contact(reading, $"{Object}.receipt_email", $"{Object}.shipping.name", $"{Object}.shipping.name");
        // A guest's intent doesn't say who paid, and its charge does: the one that comes first would keep the other one out.
        if (payment is { Email: null, ExternalIds: null } && payload.Faults.Count == 0)
            return new Normalized.Ignored("It names nobody: the payment's charge or checkout does.");
        return Payment(reading, payment, $"{Object}.id", $"{Object}.amount_received", OnRecord.Line(payload, $"{Object}.payment_method_types.0"));
    }

    public static Normalized ReadCharge(Reading reading)
    {
        var payload = reading.Payload;
        if (OfInvoice(payload) is { } other)
            return other;
        if (payload.Find($"{Object}.captured")?.ValueKind == JsonValueKind.False)
            return new Normalized.Ignored("The charge is only authorized: nothing was paid yet.");
        var contact = Contact(reading, $"{Object}.billing_details.email", $"{Object}.receipt_email", $"{Object}.billing_details.name");
        // Before there were intents, the charge was the payment.
        var idPath = payload.Find($"{Object}.payment_intent") is null ? $"{Object}.id" : StripeEvents.PathOfId(payload, $"{Object}.payment_intent");
        var amountPath = payload.Find($"{Object}.amount_captured") is null ? $"{Object}.amount" : $"{Object}.amount_captured";
        return Payment(reading, contact, idPath, amountPath, OnRecord.Line(payload, $"{Object}.payment_method_details.type"));
    }

    public static Normalized ReadSession(Reading reading)
    {
        var payload = reading.Payload;
        if (OnRecord.Line(payload, $"{Object}.mode") is { } mode && mode != "payment")
            return new Normalized.Ignored($"A checkout of mode {mode} is no payment of its own.");
        if (OnRecord.Line(payload, $"{Object}.payment_status") is { } status && status != "paid")
            return new Normalized.Ignored("The checkout is completed and not paid yet.");
        if (OfInvoice(payload) is { } other)
            return other;
        var contact = Contact(reading, $"{Object}.customer_details.email", $"{Object}.customer_email", $"{Object}.customer_details.name");
        var idPath = payload.Find($"{Object}.payment_intent") is null ? $"{Object}.id" : StripeEvents.PathOfId(payload, $"{Object}.payment_intent");
        return Payment(reading, contact, idPath, $"{Object}.amount_total", OnRecord.Line(payload, $"{Object}.payment_method_types.0"));
    }

    private static Normalized.Ignored? OfInvoice(PayloadReader payload)
    {
        var isBilling = payload.Find($"{Object}.invoice") is not null
            || OnRecord.Line(payload, $"{Object}.payment_details.order_reference")?.StartsWith("in_", StringComparison.Ordinal) == true
            || (OnRecord.Line(payload, $"{Object}.description") is { } description && OfBilling.Contains(description));
        return isBilling ? new Normalized.Ignored("It pays an invoice: invoice.paid tells of it.") : null;
    }

    private static Normalized Payment(Reading reading, ContactFacts contact, string idPath, string amountPath, string? method)
    {
        var payload = reading.Payload;
        var id = payload.Required(idPath, payload.Line(idPath, FactReader.MaxIdLength));
        var minorUnits = payload.Required(amountPath, payload.Amount(amountPath));
        var currency = payload.Required($"{Object}.currency", payload.Currency($"{Object}.currency"));
        var paidAt = payload.Required("created", payload.Happened("created", orEpoch: true));
        return reading.Event(Succeeded, id, paidAt, "stripe:{event_type}:{source_record_id}", new EventFacts
        {
            Contact = contact,
            Data = new EventData()
                .Add("payment_id", id)
                .Add("amount", minorUnits is { } amount && currency is not null ? StripeMoney.Whole(amount, currency) : null)
                .Add("currency", currency)
                .Add("method", method)
                .Add("order_id", OnRecord.Line(payload, $"{Object}.metadata.order_id") ?? OnRecord.Line(payload, $"{Object}.client_reference_id"))
                .ToJson(),
        });
    }

    private static ContactFacts Contact(Reading reading, string emailPath, string otherEmailPath, string namePath) => new()
    {
        Email = OnRecord.Email(reading, emailPath, otherEmailPath),
        FullName = OnRecord.Line(reading.Payload, namePath),
        ExternalIds = StripeCustomers.Ids(reading.Payload),
    };
}
