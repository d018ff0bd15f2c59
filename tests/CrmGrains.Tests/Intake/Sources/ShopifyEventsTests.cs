namespace CrmGrains.Tests.Intake.Sources;

public sealed class ShopifyEventsTests
{
    private static readonly VendorSample Paid = VendorSample.Of("shopify", "payment.succeeded");
    private static readonly VendorSample Customer = VendorSample.Of("shopify", "crm.record.changed");
    private static readonly VendorSample Stock = VendorSample.Of("shopify", "inventory.changed");

    [Fact]
    public void A_paid_order_is_a_payment()
    {
        var made = Paid.Event();

        Assert.Equal(("ops@example.com", "Elena Moretti", "207119551"), (made.Contact.Email, made.Contact.FullName, made.Contact.ExternalIds?["shopify"]));
        Assert.Equal(
            """{"payment_id":"820982911946154500","amount":398.50,"currency":"USD","method":"visa","order_id":"#1001"}""", made.Data?.GetRawText());
        Assert.Equal("b54557e4-bdd9-4b37-8a5f-000000000001", Paid.DeliveryId());
        Assert.Equal(new DateTimeOffset(2026, 4, 26, 18, 15, 1, TimeSpan.Zero), made.OccurredAt.AddTicks(-(made.OccurredAt.Ticks % TimeSpan.TicksPerSecond)));
    }

    [Fact]
    public void Two_subscriptions_to_one_topic_tell_of_one_change_and_another_action_is_another()
    {
        Assert.Equal(Customer.Event().IdempotencyKey, Customer.WithHeader("x-shopify-webhook-id", "other").Event().IdempotencyKey);
        Assert.NotEqual(Customer.Event().IdempotencyKey, Customer.WithHeader("x-shopify-event-id", "other").Event().IdempotencyKey);
        Assert.Equal(Paid.Event().IdempotencyKey, Paid.WithHeader("x-shopify-event-id", "other").Event().IdempotencyKey);
    }

    [Fact]
    public void Stock_that_is_gone_is_unavailable_and_stock_that_is_not_counted_is_ignored()
    {
        Assert.True(Stock.Event().Data?.GetProperty("unavailable").GetBoolean());
        Assert.False(Stock.With("available", 4).Event().Data?.GetProperty("unavailable").GetBoolean());
        Assert.Equal(-2, Stock.With("available", -2).Event().Data?.GetProperty("quantity").GetInt32());
        Assert.NotEmpty(Stock.With("available", null).Ignored());
        Assert.NotEqual(Stock.Event().IdempotencyKey, Stock.With("location_id", 9).Event().IdempotencyKey);
    }

    [Fact]
    public void A_merge_says_which_customer_lives_on()
    {
        var merged = (Customer.WithHeader("x-shopify-topic", "customers/merge") with
        {
            Body = """{"admin_graphql_api_customer_kept_id":"gid://shopify/Customer/7","admin_graphql_api_customer_deleted_id":"gid://shopify/Customer/8","status":"completed"}""",
        }).Event();

        Assert.Equal(("7", "8"), (merged.Data?.GetProperty("merged_into").GetString(), merged.Data?.GetProperty("merged_ids")[0].GetString()));
        Assert.Equal("7", merged.Contact.ExternalIds?["shopify"]);
    }

    [Fact]
    public void The_newer_names_of_its_headers_are_read_too()
    {
        var newer = Customer with { Headers = Customer.Headers.ToDictionary(pair => pair.Key.Replace("x-shopify", "shopify", StringComparison.Ordinal), pair => pair.Value) };
        Assert.Equal(Customer.Event().IdempotencyKey, newer.Event().IdempotencyKey);
        Assert.Equal(Customer.DeliveryId(), newer.DeliveryId());
    }

    [Fact]
    public void Faults_are_named_and_other_topics_ignored()
    {
        Assert.Equal(["headers.x-shopify-topic missing"], Paid.WithHeader("x-shopify-topic", null).Faults());
        Assert.Contains("orders/create", Paid.WithHeader("x-shopify-topic", "orders/create").Ignored(), StringComparison.Ordinal);
        Assert.Equal(
            ["currency currency_invalid", "id missing", "total_price number_invalid"],
            Paid.Without("id").With("total_price", "much").With("currency", "dollars").Faults().Order(StringComparer.Ordinal));
        Assert.Null(Paid.WithHeader("x-shopify-webhook-id", null).DeliveryId());
    }
}
