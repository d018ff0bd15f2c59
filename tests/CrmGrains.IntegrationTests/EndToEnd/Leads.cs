using System.Globalization;
using System.Text.Json;

namespace CrmGrains.IntegrationTests.EndToEnd;

/// <summary>A lead's delivery, and what is known of it beforehand.</summary>
/// <param name="Post">What is sent.</param>
/// <param name="Submission">What the form calls it; one logical event.</param>
/// <param name="Email">Whose it is, normalized.</param>
/// <param name="Domain">Of which company, normalized.</param>
/// <param name="IsValid">Whether it keeps the contract.</param>
/// <param name="IsQualified">Whether the demo's rules make a deal of it.</param>
internal sealed record Lead(Post Post, string Submission, string Email, string Domain, bool IsValid, bool IsQualified);

/// <summary>Leads by the hundred, the same for the same seed: of few people at fewer companies, some told twice, some broken.</summary>
internal static class Leads
{
    private static readonly DateTimeOffset Noon = new(2026, 4, 26, 12, 0, 0, TimeSpan.Zero);

    /// <param name="repeated">How many of a hundred are sent twice: half of them under the same delivery id, half under another one.</param>
    /// <param name="invalid">How many of a hundred break the contract.</param>
    public static IReadOnlyList<Lead> Generate(int seed, int count, int people, int companies, int repeated = 0, int invalid = 0)
    {
        var random = new Random(seed);
        var leads = new List<Lead>();
        for (var number = 0; number < count; number++)
        {
            var lead = Lead(random, number, random.Next(people), companies, isValid: random.Next(100) >= invalid);
            leads.Add(lead);
            if (random.Next(100) < repeated)
                leads.Add(random.Next(2) == 0 ? lead : lead with { Post = lead.Post with { DeliveryId = $"{lead.Post.DeliveryId}_again" } });
        }

        var shuffled = leads.ToArray();
        random.Shuffle(shuffled);
        return shuffled;
    }

    private static Lead Lead(Random random, int number, int person, int companies, bool isValid)
    {
        var company = person % companies;
        var (email, domain) = (string.Create(CultureInfo.InvariantCulture, $"person{person}@company{company}.test"), $"company{company}.test");
        var isQualified = random.Next(10) > 0;
        var submission = $"diag_{number:00000}";
        var fault = isValid ? -1 : random.Next(3);
        var body = JsonSerializer.SerializeToUtf8Bytes(new
        {
            form = "diagnostic",
            submission_id = submission,
            submitted_at = Noon.AddSeconds(number),
            correlation_id = $"corr_{number}",
            fields = new
            {
                email = fault == 0 ? "no address" : random.Next(2) == 0 ? $" {email.ToUpperInvariant()} " : email,
                phone = string.Create(CultureInfo.InvariantCulture, $"+49 (30) {10_000_000 + person}"),
                full_name = $"Person {person}",
                company = $"Company {company}",
                website = random.Next(2) == 0 ? $"https://www.{domain}/contact" : domain,
                budget = fault == 1 ? "a lot" : isQualified ? "15000_50000" : "under_5000",
                urgency = isQualified ? "high" : "low",
                pain = $"Lead {number} is copied by hand.",
                stack = isQualified ? (string[])["hubspot", "make", "airtable"] : ["hubspot"],
                consent = fault != 2,
            },
        });
        return new Lead(new Post("diagnostic", $"msg_{number:00000}", body), submission, email, domain, isValid, isQualified);
    }
}
