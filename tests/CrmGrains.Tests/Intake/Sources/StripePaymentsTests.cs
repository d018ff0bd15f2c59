using System.Text.Json.Nodes;

namespace CrmGrains.Tests.Intake.Sources;

public sealed class StripePaymentsTests
{
    private static readonly VendorSample Session = VendorSample.Of("stripe", "payment.succeeded");

    private static readonly VendorSample Intent = Of("payment_intent.succeeded", """
        {"id":"pi_sample_1","object":"payment_intent","amount":39850,"amount_received":39850,"currency":"usd","customer":"cus_demo_1","receipt_email":null,"payment_method_types":["card"]}
        """);

    private static readonly VendorSample Charge = Of("charge.succeeded", """
        {"id":"ch_1","object":"charge","amount":39850,"amount_captured":39850,"captured":true,"currency":"usd","customer":null,"payment_intent":"pi_sample_1",
         "billing_details":{"email":"Ops@example.com","name":"Elena Moretti"},"payment_method_details":{"type":"card"}}
        """);

    [Fact]
    public void An_intent_its_charge_and_its_checkout_tell_of_one_payment()
    {
        Assert.All([Session, Intent, Charge], sample =>
        {
            var paid = sample.Event();
            Assert.Equal(("payment.succeeded", "stripe:payment.succeeded:pi_sample_1"), (paid.EventType, paid.IdempotencyKey));
            Assert.Equal(("pi_sample_1", 398.5m, "USD", "card"), (
                paid.Data?.GetProperty("payment_id").GetString(), paid.Data?.GetProperty("amount").GetDecimal(),
                paid.Data?.GetProperty("currency").GetString(), paid.Data?.GetProperty("method").GetString()));
        });
        Assert.Equal("ops@example.com", Charge.Event().Contact.Email);
        Assert.Equal("order-1001", Session.Event().Data?.GetProperty("order_id").GetString());
    }

    [Fact]
    public void A_payment_of_an_invoice_is_left_to_invoice_paid()
    {
        Assert.All(
            [
                Intent.With("data.object.invoice", "in_1"), Charge.With("data.object.invoice", "in_1"), Session.With("data.object.invoice", "in_1"),
                Intent.With("data.object.description", "Subscription creation"),
                Intent.With("data.object.payment_details", new JsonObject { ["order_reference"] = "in_1" }),
            ],
            sample => Assert.Contains("invoice.paid", sample.Ignored(), StringComparison.Ordinal));
        Assert.Contains("subscription", Session.With("data.object.mode", "subscription").Ignored(), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_not_paid_yet_is_no_payment()
    {
        Assert.NotEmpty(Session.With("data.object.payment_status", "unpaid").Ignored());
        Assert.NotEmpty(Charge.With("data.object.captured", false).Ignored());
    }

    [Fact]
    public void An_intent_that_names_nobody_leaves_the_payment_to_its_charge() => Assert.NotEmpty(Intent.With("data.object.customer", null).Ignored());

    [Fact]
    public void A_charge_from_before_intents_is_the_payment() => Assert.Equal("ch_1", Charge.With("data.object.payment_intent", null).Event().SourceRecordId);

    [Fact]
    public void A_subscription_that_ended_says_why_and_when()
    {
        var sample = VendorSample.Of("stripe", "subscription.canceled");
        var ended = sample.Event();

        Assert.Equal("cus_demo_1", ended.Contact.ExternalIds?["stripe"]);
        Assert.Equal(
            """{"subscription_id":"sub_demo_1","plan":"Operations monthly","reason":"too_expensive","ends_at":"2026-04-26T18:59:50+00:00"}""", ended.Data?.GetRawText());
        Assert.Equal("too dear", sample.With("data.object.cancellation_details.comment", "too dear").Event().Data?.GetProperty("reason").GetString());
        Assert.Equal(["data.object.customer contact_missing"], sample.With("data.object.customer", null).Faults());
    }

    [Fact]
    public void A_dispute_is_a_complaint()
    {
        var made = VendorSample.Of("stripe", "complaint.received").Event();

        Assert.Equal("ops@example.com", made.Contact.Email);
        Assert.Equal("A payment of 129 USD is disputed: product_not_received.", made.Data?.GetProperty("text").GetString());
    }

    [Fact]
    public void Every_fault_is_named() => Assert.Equal(
        ["created missing", "data.object.amount_received number_invalid", "data.object.currency missing", "data.object.id missing"],
        Intent.Without("created").Without("data.object.currency").Without("data.object.id").With("data.object.amount_received", -1)
            .Faults().Order(StringComparer.Ordinal));

    private static VendorSample Of(string type, string instance) => Session.With("type", type).With("data.object", JsonNode.Parse(instance));
}
