using System.Globalization;
using System.Text.Json;

namespace CrmGrains.Faults.Traffic;

/// <summary>A delivery, before it is signed.</summary>
/// <param name="Source">Of the demo's workspace.</param>
/// <param name="DeliveryId">What the sender calls it: repeats have the same.</param>
/// <param name="Fact">What it tells of: another delivery of the same fact is a repeat too.</param>
internal sealed record Delivery(string Source, string DeliveryId, string Fact, byte[] Body)
{
    private static readonly DateTimeOffset Noon = new(2026, 4, 26, 12, 0, 0, TimeSpan.Zero);

    /// <summary>A lead from the form.</summary>
    /// <param name="run">Makes ids and people differ from those of other traffic on the same database.</param>
    public static Delivery FromForm(string run, int number, int customer) => new(
        "diagnostic", $"{run}_msg_{number:00000}", $"{run}_diag_{number:00000}", JsonSerializer.SerializeToUtf8Bytes(new
        {
            form = "diagnostic",
            submission_id = $"{run}_diag_{number:00000}",
            submitted_at = Noon.AddSeconds(number),
            fields = new
            {
                email = Email(run, customer),
                full_name = $"Person {customer}",
                company = $"Company {customer % 40}",
                website = Domain(run, customer),
                budget = number % 3 == 0 ? "under_5000" : "15000_50000",
                urgency = "high",
                pain = $"Lead {number} is copied by hand.",
                stack = (string[])["hubspot", "make", "airtable"],
                consent = true,
            },
        }));

    /// <summary>The same kind of lead from a system that posts plain JSON, whose delivery id is in the body.</summary>
    public static Delivery FromSystem(string run, int number, int customer) => new(
        "generic", $"{run}_gen_{number:00000}", $"{run}_gen_{number:00000}", JsonSerializer.SerializeToUtf8Bytes(new
        {
            id = $"{run}_gen_{number:00000}",
            type = "lead.submitted",
            occurred_at = Noon.AddSeconds(number),
            contact = new { email = Email(run, customer), name = $"Person {customer}" },
            company = new { name = $"Company {customer % 40}", domain = Domain(run, customer) },
            data = new
            {
                budget = "15000_50000", urgency = "medium", pain = $"Lead {number} came late.", stack = (string[])["pipedrive"], consent = true,
            },
        }));

    private static string Email(string run, int customer) =>
        string.Create(CultureInfo.InvariantCulture, $"person{customer}.{run}@company{customer % 40}-{run}.test");

    private static string Domain(string run, int customer) =>
        string.Create(CultureInfo.InvariantCulture, $"company{customer % 40}-{run}.test");
}
