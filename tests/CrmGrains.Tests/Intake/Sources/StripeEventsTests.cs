using CrmGrains.Intake.Sources;

namespace CrmGrains.Tests.Intake.Sources;

public sealed class StripeEventsTests
{
    private const string Paid = """
        {"id":"evt_1QaDemo0001","object":"event","api_version":"2026-10-28.endive","created":1777000100,"livemode":false,
         "pending_webhooks":1,"request":{"id":null,"idempotency_key":null},"type":"invoice.paid",
         "data":{"object":{"id":"in_1QaDemo0001","object":"invoice","number":"NW-0042","status":"paid","currency":"eur",
          "amount_due":12900,"amount_paid":12900,"amount_remaining":0,"attempt_count":1,"attempted":true,
          "billing_reason":"subscription_cycle","customer":"cus_DemoA1","customer_email":"Ines.Roth@nordwind.test","customer_name":"Ines Roth",
          "hosted_invoice_url":"https://invoice.stripe.test/i/demo","next_payment_attempt":null,
          "parent":{"type":"subscription_details","quote_details":null,"subscription_details":{"subscription":"sub_DemoA1","metadata":{"tenant":"nordwind"}}},
          "status_transitions":{"finalized_at":1776999000,"marked_uncollectible_at":null,"paid_at":1777000099,"voided_at":null}}}}
        """;

    private const string Failed = """
        {"id":"evt_1QaDemo0002","object":"event","api_version":"2026-10-28.endive","created":1777003600,"livemode":false,"pending_webhooks":1,
         "request":null,"type":"invoice.payment_failed",
         "data":{"object":{"id":"in_1QaDemo0002","object":"invoice","status":"open","currency":"eur","amount_due":12950,"amount_paid":0,"amount_remaining":12950,
          "attempt_count":2,"attempted":true,"billing_reason":"subscription_cycle","customer":"cus_DemoA1","customer_email":"ines.roth@nordwind.test",
          "next_payment_attempt":1777262800,"parent":{"type":"subscription_details","quote_details":null,"subscription_details":{"subscription":"sub_DemoA1","metadata":{}}}}}}
        """;

    private const string Deleted = """
        {"id":"evt_1QaDemo0003","object":"event","created":1777100000,"type":"customer.subscription.deleted",
         "data":{"object":{"id":"sub_DemoA1","object":"subscription","customer":"cus_DemoA1","status":"canceled"}}}
        """;

    [Fact]
    public void A_paid_invoice_becomes_invoice_paid()
    {
        var (paid, validation) = A.Event(A.StripeSource, Paid);

        Assert.Equal(("invoice.paid", "stripe", "in_1QaDemo0001"), (paid.EventType, paid.SourceSystem, paid.SourceRecordId));
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(1777000100), paid.OccurredAt);
        Assert.Equal("stripe:invoice.paid:in_1QaDemo0001", paid.IdempotencyKey);
        Assert.Equal(A.EventId.ToString(), paid.CorrelationId);
        Assert.Equal(("ines.roth@nordwind.test", "Ines Roth"), (paid.Contact.Email, paid.Contact.FullName));
        Assert.Equal("cus_DemoA1", paid.Contact.ExternalIds?["stripe"]);
        Assert.Equal(("in_1QaDemo0001", "NW-0042", 129m, "EUR"), (paid.Invoice?.Id, paid.Invoice?.Number, paid.Invoice?.Amount, paid.Invoice?.Currency));
        Assert.Equal(("sub_DemoA1", 1), (paid.Invoice?.SubscriptionId, paid.Invoice?.Attempts));
        Assert.Null(paid.Invoice?.NextAttemptAt);
        Assert.Null(paid.Company);
        Assert.Equal((true, "passed"), (validation.EmailValid, validation.Status));
    }

    [Fact]
    public void A_failed_payment_becomes_payment_failed()
    {
        var failed = A.Event(A.StripeSource, Failed).Value;

        Assert.Equal(("payment.failed", "in_1QaDemo0002"), (failed.EventType, failed.SourceRecordId));
        Assert.Equal("stripe:payment.failed:in_1QaDemo0002:2", failed.IdempotencyKey);
        Assert.Equal((129.5m, "EUR", 2), (failed.Invoice?.Amount, failed.Invoice?.Currency, failed.Invoice?.Attempts));
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(1777262800), failed.Invoice?.NextAttemptAt);
    }

    [Fact]
    public void The_shape_from_before_basil_is_read_too()
    {
        var old = A.With(A.Without(Paid, "data.object.parent"), "data.object.subscription", "sub_Old");
        Assert.Equal("sub_Old", A.Event(A.StripeSource, old).Value.Invoice?.SubscriptionId);
        Assert.Null(A.Event(A.StripeSource, A.Without(Paid, "data.object.parent")).Value.Invoice?.SubscriptionId);
    }

    [Fact]
    public void Objects_that_stand_for_their_ids_are_read_too()
    {
        var expanded = A.With(Paid, "data.object.customer", new System.Text.Json.Nodes.JsonObject { ["id"] = "cus_X", ["object"] = "customer" });
        Assert.Equal("cus_X", A.Event(A.StripeSource, expanded).Value.Contact.ExternalIds?["stripe"]);
    }

    [Fact]
    public void Two_events_of_one_change_have_one_key()
    {
        var twin = A.With(Paid, "id", "evt_another");
        Assert.Equal(A.Event(A.StripeSource, Paid).Value.IdempotencyKey, A.Event(A.StripeSource, twin).Value.IdempotencyKey);
    }

    [Fact]
    public void Each_failed_attempt_has_its_own_key() => Assert.Equal(
        "stripe:payment.failed:in_1QaDemo0002:3",
        A.Event(A.StripeSource, A.With(Failed, "data.object.attempt_count", 3)).Value.IdempotencyKey);

    [Theory]
    [InlineData("usd", 12900, "129")]
    [InlineData("usd", 1, "0.01")]
    [InlineData("jpy", 12900, "12900")]
    [InlineData("krw", 500, "500")]
    [InlineData("isk", 50000, "500")]
    [InlineData("kwd", 5130, "5.13")]
    [InlineData("eur", 0, "0")]
    public void Amounts_are_in_whole_units_of_their_currency(string currency, long minorUnits, string amount)
    {
        var body = A.With(A.With(Paid, "data.object.currency", currency), "data.object.amount_paid", minorUnits);
        Assert.Equal(decimal.Parse(amount), A.Event(A.StripeSource, body).Value.Invoice?.Amount);
    }

    [Fact]
    public void A_customer_or_an_address_is_enough_and_one_is_needed()
    {
        var noEmail = A.With(Paid, "data.object.customer_email", null);
        var noCustomer = A.With(Paid, "data.object.customer", null);

        Assert.Null(A.Event(A.StripeSource, noEmail).Validation.EmailValid);
        Assert.Null(A.Event(A.StripeSource, noCustomer).Value.Contact.ExternalIds);
        Assert.Equal(["data.object.customer contact_missing"], A.Faults(A.StripeSource, A.With(noEmail, "data.object.customer", null)));
    }

    [Fact]
    public void Without_created_it_happened_when_it_was_paid()
    {
        Assert.Equal(
            DateTimeOffset.FromUnixTimeSeconds(1777000099), A.Event(A.StripeSource, A.Without(Paid, "created")).Value.OccurredAt);
        Assert.Equal(["created missing"], A.Faults(A.StripeSource, A.Without(Failed, "created")));
    }

    [Fact]
    public void Other_types_are_ignored_and_said_so() => Assert.Contains(
        "invoice.finalized", Assert.IsType<Normalized.Ignored>(A.Normalized(A.StripeSource, A.With(Paid, "type", "invoice.finalized"))).Reason, StringComparison.Ordinal);

    [Fact]
    public void Thin_events_are_rejected_as_they_have_no_data() => Assert.Equal(
        ["object thin_event"], A.Faults(A.StripeSource, """{"id":"evt_1","object":"v2.core.event","type":"v1.invoice.paid"}"""));

    [Fact]
    public void Every_fault_is_named()
    {
        const string body = """
            {"object":"event","type":"invoice.payment_failed","created":"soon",
             "data":{"object":{"customer":[],"customer_email":"x","currency":"euro","amount_due":-1,"attempt_count":1.5}}}
            """;
        Assert.Equal(
            [
                "created instant_invalid", "data.object.amount_due number_invalid", "data.object.attempt_count number_invalid",
                "data.object.currency currency_invalid", "data.object.customer not_text", "data.object.customer_email email_invalid",
                "data.object.id missing",
            ],
            A.Faults(A.StripeSource, body).Order(StringComparer.Ordinal));
        Assert.Equal(["object not_an_event"], A.Faults(A.StripeSource, "{}"));
        Assert.Equal(["type missing"], A.Faults(A.StripeSource, """{"object":"event"}"""));
    }
}
