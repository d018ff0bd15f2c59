using System.Globalization;
using System.Text.Json;
using CrmGrains.Core.Events;

namespace CrmGrains.Intake.Sources.Shopify;

/// <summary>
/// What Shopify asks each app for by law: to forget a customer or a whole shop, or to say what is kept about a customer. Decided by people, within
/// 30 days.
/// </summary>
internal static class ShopifyPrivacy
{
    public const string Erasure = "custom.privacy.erasure_requested";
    public const string ShopErasure = "custom.privacy.shop_erasure_requested";
    public const string Data = "custom.privacy.data_requested";

    private const int MaxOrders = 200;

    public static Normalized Read(Reading reading, string eventType)
    {
        var payload = reading.Payload;
        var shop = ShopifyEvents.Id(payload, "shop_id");
        var isShop = eventType == ShopErasure;
        var customer = isShop ? null : ShopifyEvents.Id(payload, "customer.id");
        var contact = isShop ? new ContactFacts() : new ContactFacts
        {
            Email = OnRecord.Email(reading, "customer.email"),
            Phone = OnRecord.Phone(reading, "customer.phone"),
            ExternalIds = OnRecord.Ids("shopify", customer),
        };
        var request = OnRecord.Line(payload, "data_request.id");
        var key = $"{ShopifyEvents.Shop(reading)}:{eventType}:{KeyPart.Of(customer ?? shop)}:{KeyPart.Of(request)}";
        return reading.Event(eventType, customer ?? shop, ShopifyEvents.OccurredAt(reading), key, new EventFacts
        {
            Contact = contact,
            Data = new EventData()
                .Add("system", "shopify")
                .Add("shop_id", shop)
                .Add("shop_domain", OnRecord.Line(payload, "shop_domain"))
                .Add("customer_id", customer)
                .Add("request_id", request)
                .Add("orders", Orders(reading, eventType == Erasure ? "orders_to_redact" : "orders_requested"))
                .ToJson(),
        });
    }

    private static List<string> Orders(Reading reading, string path)
    {
        var count = reading.Payload.Find(path) is { ValueKind: JsonValueKind.Array } list ? Math.Min(list.GetArrayLength(), MaxOrders) : 0;
        return [.. Enumerable.Range(0, count)
            .Select(index => OnRecord.Line(reading.Payload, string.Create(CultureInfo.InvariantCulture, $"{path}.{index}")))
            .OfType<string>()];
    }
}
