namespace CrmGrains.Host.Samples;

/// <summary>An event of the demo.</summary>
/// <param name="Name">For example <c>lead</c>.</param>
/// <param name="Source">The source of the demo workspace that sends it.</param>
/// <param name="DeliveryId">What the source calls the delivery.</param>
/// <param name="Delivery">What it sends.</param>
internal sealed record Sample(string Name, string Source, string DeliveryId, FormatSample Delivery)
{
    public static Sample Lead { get; } = new("lead", "diagnostic", "msg_demo_lead_1", new FormatSample("diagnostic_form", "lead", ".json"));

    public static Sample InvalidLead { get; } =
        new("lead_invalid", "diagnostic", "msg_demo_lead_2", new FormatSample("diagnostic_form", "lead_invalid", ".json"));

    public static Sample InvoicePaid { get; } = new("invoice_paid", "stripe", "evt_demo_paid_1", new FormatSample("stripe", "invoice.paid", ".json"));

    public static Sample PaymentFailed { get; } =
        new("payment_failed", "stripe", "evt_demo_failed_1", new FormatSample("stripe", "payment.failed", ".json"));

    public static Sample GenericLead { get; } = new("generic_lead", "generic", "gen_demo_1", new FormatSample("json", "lead", ".json"));

    public static IReadOnlyList<Sample> All { get; } = [Lead, InvalidLead, InvoicePaid, PaymentFailed, GenericLead];

    /// <summary>The exact bytes that are sent.</summary>
    public byte[] Body() => Delivery.Body();
}
