using System.Globalization;
using System.Text.Json;
using CrmGrains.Core.Events;
using CrmGrains.Intake.Payloads;

namespace CrmGrains.Intake.Sources.Shopify;

/// <summary>
/// Shopify's webhooks. Their topic, their id and the action behind them stand in headers, which are called <c>X-Shopify-…</c> or, from the newer
/// kind of subscription, <c>Shopify-…</c>. Shopify asks eight times more within four hours and then deletes the subscription. The three topics
/// about privacy, which each app has to take, are events of their own.
/// </summary>
internal sealed class ShopifyEvents : SourceFormat
{
    private const string Vendor = "shopify";
    private const string Paid = "payment.succeeded";
    private const string Stock = "inventory.changed";
    private const string Failed = "automation.failed";
    private const string Refund = "custom.refund.created";

    public override string Name => Vendor;

    public override string Scheme => Vendor;

    public override IReadOnlyList<string> EventTypes { get; } =
        [Paid, CrmRecord.Changed, Stock, Failed, Refund, ShopifyPrivacy.Erasure, ShopifyPrivacy.ShopErasure, ShopifyPrivacy.Data];

    public override bool HasDeliveryId => true;

    public override bool ReadsHeaders => true;

    public override string? DeliveryId(Signatures.SignedRequest request) =>
        request.Header("X-Shopify-Webhook-Id") is [{ Length: > 0 } id] ? id
        : request.Header("Shopify-Webhook-Id") is [{ Length: > 0 } newer] ? newer
        : null;

    private protected override IEnumerable<Normalized> Read(Reading reading)
    {
        yield return ReadOne(reading);
    }

    private static Normalized ReadOne(Reading reading) => Header(reading, "topic") switch
    {
        null => new Normalized.Rejected(new Fault(
            "headers.x-shopify-topic", "missing", "The header that says what happened is missing: pass on all headers of Shopify's.")),
        "orders/paid" => ReadOrder(reading),
        "customers/create" => ReadCustomer(reading, "created"),
        "customers/update" or "customers/enable" or "customers/disable" => ReadCustomer(reading, "updated"),
        "customers/delete" => ReadCustomer(reading, "deleted"),
        "customers/merge" => ReadMerge(reading),
        "customers/redact" => ShopifyPrivacy.Read(reading, ShopifyPrivacy.Erasure),
        "customers/data_request" => ShopifyPrivacy.Read(reading, ShopifyPrivacy.Data),
        "shop/redact" => ShopifyPrivacy.Read(reading, ShopifyPrivacy.ShopErasure),
        "inventory_levels/update" or "inventory_levels/connect" => ReadStock(reading),
        "refunds/create" => ReadRefund(reading),
        "app/uninstalled" => ReadUninstall(reading),
        var topic => new Normalized.Ignored($"Shopify's {topic} is not taken."),
    };

    private static string? Header(Reading reading, string name)
    {
        var headers = reading.Delivery.Headers;
        var value = headers.GetValueOrDefault($"x-shopify-{name}") ?? headers.GetValueOrDefault($"shopify-{name}");
        return value is { Length: > 0 and <= FactReader.MaxIdLength } && !value.Any(char.IsControl) ? value : null;
    }

    /// <summary>What the key of each event of a shop begins with.</summary>
    public static string Shop(Reading reading) => $"{Vendor}:{KeyPart.Of(Header(reading, "shop-domain"))}";

    /// <summary>When it was sent for the first time, where a header says so; else when the record says that it changed; else now.</summary>
    public static DateTimeOffset OccurredAt(Reading reading, params ReadOnlySpan<string> paths)
    {
        if (SourceInstant.FromIso(Header(reading, "triggered-at") ?? "") is { } triggered && triggered <= reading.Delivery.ReceivedAt.AddDays(1))
            return triggered;
        foreach (var path in paths)
        {
            if (reading.Payload.Happened(path, orEpoch: false) is { } at)
                return at;
        }

        return reading.Delivery.ReceivedAt;
    }

    /// <summary>The number of a record.</summary>
    public static string? Id(PayloadReader payload, string path) => payload.Required(path, payload.Line(path, FactReader.MaxIdLength));

    private static string? Id(Reading reading) => Id(reading.Payload, "id");

    // One action of the merchant's has one id, however many subscriptions tell of it; several topics may share it.
    private static string Action(Reading reading) =>
        KeyPart.Of(Header(reading, "event-id") ?? OnRecord.Line(reading.Payload, "updated_at") ?? Header(reading, "webhook-id"));

    private static Normalized ReadOrder(Reading reading)
    {
        var payload = reading.Payload;
        var id = Id(reading);
        var customer = OnRecord.Line(payload, "customer.id");
        var contact = new ContactFacts
        {
            Email = OnRecord.Email(reading, "email", "contact_email", "customer.email"),
            Phone = OnRecord.Phone(reading, "phone", "customer.phone", "billing_address.phone"),
            FullName = OnRecord.Name(payload, "billing_address.name", "customer.first_name", "customer.last_name"),
            ExternalIds = OnRecord.Ids(Vendor, customer),
        };
        return reading.Event(Paid, id, OccurredAt(reading, "updated_at", "processed_at"), $"{Shop(reading)}:paid:{KeyPart.Of(id)}", new EventFacts
        {
            Contact = contact,
            // The order is what is paid; Shopify's transactions have their own topic.
            Data = new EventData()
                .Add("payment_id", id)
                .Add("amount", payload.Required("total_price", payload.Amount("total_price")))
                .Add("currency", payload.Required("currency", payload.Currency("currency")))
                .Add("method", OnRecord.Line(payload, "payment_gateway_names.0"))
                .Add("order_id", OnRecord.Line(payload, "name") ?? id)
                .ToJson(),
        });
    }

    private static Normalized ReadCustomer(Reading reading, string change)
    {
        var payload = reading.Payload;
        var id = Id(reading);
        var contact = new ContactFacts
        {
            Email = OnRecord.Email(reading, "email"),
            Phone = OnRecord.Phone(reading, "phone", "default_address.phone"),
            FullName = OnRecord.Name(payload, "default_address.name", "first_name", "last_name"),
            ExternalIds = OnRecord.Ids(Vendor, id),
        };
        var company = OnRecord.Line(payload, "default_address.company");
        return reading.Event(
            CrmRecord.Changed, id, OccurredAt(reading, "updated_at"), $"{Shop(reading)}:customer:{change}:{KeyPart.Of(id)}:{Action(reading)}", new EventFacts
        {
            Contact = contact,
            Company = company is null ? null : new CompanyFacts { Name = company },
            Data = new CrmRecord(Vendor, "contact", id, change) { Fields = Fields(reading.Root) }.ToData(),
        });
    }

    private static JsonElement? Fields(JsonElement root)
    {
        var fields = new RecordFields();
        foreach (var field in root.EnumerateObject())
            fields.Add(field.Name, field.Value);
        return fields.ToJson();
    }

    private static Normalized ReadMerge(Reading reading)
    {
        var payload = reading.Payload;
        if (OnRecord.Line(payload, "status") is { } status && status != "completed")
            return new Normalized.Ignored($"A merge that is {status} changed nothing yet.");
        var kept = payload.Required("admin_graphql_api_customer_kept_id", GraphId(payload, "admin_graphql_api_customer_kept_id"));
        var ended = payload.Required("admin_graphql_api_customer_deleted_id", GraphId(payload, "admin_graphql_api_customer_deleted_id"));
        var key = $"{Shop(reading)}:customer:merged:{KeyPart.Of(ended)}:{KeyPart.Of(kept)}";
        return reading.Event(CrmRecord.Changed, kept, OccurredAt(reading), key, new EventFacts
        {
            Contact = new ContactFacts { ExternalIds = OnRecord.Ids(Vendor, kept) },
            Data = new CrmRecord(Vendor, "contact", kept, "merged") { MergedInto = kept, MergedIds = ended is null ? null : [ended] }.ToData(),
        });
    }

    // gid://shopify/Customer/7 is the customer 7.
    private static string? GraphId(PayloadReader payload, string path) =>
        payload.Line(path, FactReader.MaxIdLength) is { } id && id[(id.LastIndexOf('/') + 1)..] is { Length: > 0 } number ? number : null;

    private static Normalized ReadStock(Reading reading)
    {
        var payload = reading.Payload;
        if (payload.Find("available") is null && payload.Find("inventory_item_id") is not null)
            return new Normalized.Ignored("The stock of this item is not counted.");
        var item = Id(payload, "inventory_item_id");
        var location = OnRecord.Line(payload, "location_id");
        var quantity = payload.Required("available", payload.Number("available"));
        var key = string.Create(
            CultureInfo.InvariantCulture, $"{Shop(reading)}:stock:{KeyPart.Of(item)}:{KeyPart.Of(location)}:{quantity}:{Action(reading)}");
        return reading.Event(Stock, item, OccurredAt(reading, "updated_at"), key, new EventFacts
        {
            Data = new EventData()
                .Add("item_id", item)
                .Add("quantity", quantity)
                .Add("location", location)
                .Add("unavailable", quantity <= 0)
                .ToJson(),
        });
    }

    // What was paid back is for a person to look at: there is no type for it, and none that would be near.
    private static Normalized ReadRefund(Reading reading)
    {
        var payload = reading.Payload;
        var id = Id(reading);
        return reading.Event(Refund, id, OccurredAt(reading, "processed_at", "created_at"), $"{Shop(reading)}:refund:{KeyPart.Of(id)}", new EventFacts
        {
            Data = new EventData()
                .Add("refund_id", id)
                .Add("order_id", OnRecord.Line(payload, "order_id"))
                .Add("amount", payload.Number("transactions.0.amount"))
                .Add("currency", OnRecord.Currency(payload, "transactions.0.currency"))
                .Add("reason", OnRecord.Lines(payload, "note"))
                .ToJson(),
        });
    }

    // From here on the source is silent, and nobody said why.
    private static Normalized ReadUninstall(Reading reading)
    {
        var id = Id(reading);
        return reading.Event(Failed, id, OccurredAt(reading), $"{Shop(reading)}:uninstalled:{Action(reading)}", new EventFacts
        {
            Data = new EventData()
                .Add("automation_id", id)
                .Add("name", "Shopify app")
                .Add("error", "The app was uninstalled: its webhooks end here. Install it again to go on.")
                .ToJson(),
        });
    }
}
