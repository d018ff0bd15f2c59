using System.Text.Json;
using CrmGrains.Core.Events;
using CrmGrains.Core.Grains;
using CrmGrains.Core.Json;

namespace CrmGrains.IntegrationTests.Engine;

/// <summary>Leads of customers, each of whom has a company and a deal: three turns a lead.</summary>
internal static class Leads
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 5, 12, 0, 0, TimeSpan.Zero);

    /// <summary>Stores the events and sends them to their customers.</summary>
    /// <returns>How many were sent.</returns>
    public static async Task<int> SendAsync(TestCluster cluster, int customers, int first, int count)
    {
        var leads = Enumerable.Range(first, count).Select(number => Lead(number, customers)).ToList();
        var grains = leads.ConvertAll(lead => GrainId.Of(TestCluster.Workspace, GrainKind.Customer, lead.Contact.FullName ?? ""));
        Message received = new Message.EventReceived(new IdentityMatch("email", 1, ["email"]), new Validation());
        await cluster.Database.ExecuteAsync("""
            WITH lead AS (SELECT * FROM unnest($1, $2, $3, $4, $5) WITH ORDINALITY AS l (event_id, body, partition, grain, key, place)),
            event AS (
                INSERT INTO event (event_id, workspace, idempotency_key, event_type, occurred_at, body)
                SELECT event_id, 'acme', key, 'lead.submitted', now(), body FROM lead)
            INSERT INTO message (partition, workspace, grain, kind, event_id, body)
            SELECT partition, 'acme', grain, 'event_received', event_id, $6 FROM lead ORDER BY place
            """,
            leads.ConvertAll(lead => lead.EventId).ToArray(),
            leads.ConvertAll(lead => JsonSerializer.Serialize(lead, CoreJson.Default.ContractEvent)).ToArray(),
            grains.ConvertAll(MailboxPartition.Of).ToArray(),
            grains.ConvertAll(grain => grain.ToString()).ToArray(),
            leads.ConvertAll(lead => lead.IdempotencyKey).ToArray(),
            JsonSerializer.Serialize(received, CoreJson.Default.Message));
        return count;
    }

    // Each is later than the one before and names the company anew, so that all three grains have a turn.
    private static ContractEvent Lead(int number, int customers) => new()
    {
        EventId = Guid.CreateVersion7(),
        Workspace = TestCluster.Workspace,
        SourceSystem = "form",
        SourceRecordId = $"{number}",
        EventType = EventType.LeadSubmitted,
        OccurredAt = Noon.AddSeconds(number),
        ReceivedAt = Noon.AddSeconds(number),
        CorrelationId = $"{number}",
        IdempotencyKey = $"{number}",
        Contact = new ContactFacts { Email = $"c{number % customers}@example.com", FullName = $"c{number % customers}" },
        Company = new CompanyFacts { Name = $"Company {number}", Domain = $"company{number % customers}.com" },
    };
}
