namespace CrmGrains.Host.Samples;

/// <summary>An event as a source would send it, for the demo and for trying a source out.</summary>
/// <param name="Name">For example <c>lead</c>.</param>
/// <param name="Source">The source of the demo workspace that sends it.</param>
/// <param name="DeliveryId">What the source calls the delivery.</param>
internal sealed record Sample(string Name, string Source, string DeliveryId)
{
    public static Sample Lead { get; } = new("lead", "diagnostic", "msg_demo_lead_1");

    public static Sample InvalidLead { get; } = new("lead_invalid", "diagnostic", "msg_demo_lead_2");

    public static Sample InvoicePaid { get; } = new("invoice_paid", "stripe", "evt_demo_paid_1");

    public static Sample PaymentFailed { get; } = new("payment_failed", "stripe", "evt_demo_failed_1");

    public static Sample GenericLead { get; } = new("generic_lead", "generic", "gen_demo_1");

    public static IReadOnlyList<Sample> All { get; } = [Lead, InvalidLead, InvoicePaid, PaymentFailed, GenericLead];

    /// <summary>The exact bytes that are sent.</summary>
    public byte[] Body()
    {
        using var stream = typeof(Sample).Assembly.GetManifestResourceStream($"Samples/{Name}.json")
            ?? throw new InvalidOperationException($"The sample {Name} isn't part of this program.");
        using var memory = new MemoryStream();
        stream.CopyTo(memory);
        return memory.ToArray();
    }
}
