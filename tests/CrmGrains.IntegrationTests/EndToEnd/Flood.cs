using System.Text.Json;
using CrmGrains.IntegrationTests.Engine;
using CrmGrains.Runtime.Ledger;
using Npgsql;

namespace CrmGrains.IntegrationTests.EndToEnd;

/// <summary>Many leads, and what must have become of them whatever happened on the way.</summary>
/// <param name="receipts">Where they were sent before, in the order of the leads.</param>
internal sealed class Flood(IReadOnlyList<Lead> leads, IReadOnlyList<Receipt>? receipts = null)
{
    private IReadOnlyList<Receipt> _receipts = receipts ?? [];

    public async Task SendAsync(Sender sender, Action<int>? accepted = null) =>
        _receipts = await sender.SendAsync([.. leads.Select(lead => lead.Post)], accepted);

    /// <summary>Everything is done once, and every receipt was true.</summary>
    public async Task IsCarriedOutAsync(Installation installation, NpgsqlDataSource database)
    {
        var traces = await installation.Api.TracesAsync([.. _receipts.Select(receipt => receipt.EventId)]);
        var told = leads.Zip(_receipts, (lead, receipt) => (Lead: lead, receipt.EventId))
            .Zip(traces, (told, trace) => (told.Lead, told.EventId, Trace: trace)).ToList();

        Assert.All(told.GroupBy(one => one.Lead.Post.DeliveryId), delivery => Assert.Single(delivery.DistinctBy(one => one.EventId)));
        Assert.All(told.Where(one => !one.Lead.IsValid), one => Assert.Equal("in_review", Status(one.Trace)));
        Assert.All(told.Where(one => one.Lead.IsValid), one => Assert.Contains(Status(one.Trace), (string[])["completed", "duplicate"]));
        var events = told.Where(one => Status(one.Trace) == "completed").DistinctBy(one => one.EventId).ToList();
        var valid = leads.Where(lead => lead.IsValid).ToList();
        Assert.Equal(
            valid.Select(lead => lead.Submission).Distinct().Order(StringComparer.Ordinal),
            events.Select(one => one.Lead.Submission).Order(StringComparer.Ordinal));

        await BooksAreInOrderAsync(database);
        var crm = await installation.Crm.ReadAsync();
        crm.HasNoDuplicates();
        Assert.Equal(Sorted(valid.Select(lead => lead.Email)), crm.Contacts.Select(contact => contact["email"]).Order(StringComparer.Ordinal));
        Assert.Equal(Sorted(valid.Select(lead => lead.Domain)), crm.Companies.Select(company => company["domain"]).Order(StringComparer.Ordinal));
        Assert.Equal(valid.Where(lead => lead.IsQualified).DistinctBy(lead => lead.Email).Count(), crm.Deals.Count);
        Assert.Equal(events.Count, crm.Notes.Count);
        Assert.All(events, one => Assert.Single(crm.NotesOf(one.EventId)));
    }

    private async Task BooksAreInOrderAsync(NpgsqlDataSource database)
    {
        Assert.Equal(leads.DistinctBy(lead => lead.Post.DeliveryId).Count(), await database.ValueAsync<long>("SELECT count(*) FROM raw_event"));
        Assert.Equal(
            _receipts.Zip(leads).Where(pair => !pair.Second.IsValid).Select(pair => pair.First.EventId).Distinct().Order(),
            (await database.ListAsync<Guid>("SELECT event_id FROM review WHERE closed_at IS NULL AND reason = 'invalid_payload'")).Order());
        Assert.Equal(0, await database.ValueAsync<long>("SELECT count(*) FROM review WHERE reason <> 'invalid_payload'"));
        Assert.Equal(0, await database.ValueAsync<long>("SELECT count(*) FROM dead_letter"));
        Assert.Equal(0, await database.ValueAsync<long>("SELECT count(*) FROM command WHERE state <> 'succeeded'"));
        await VerifiesAsync(database);
    }

    /// <summary>The ledger's chains hold, and turns of one grain never overlapped.</summary>
    public static async Task VerifiesAsync(NpgsqlDataSource database)
    {
        Assert.All(await LedgerVerification.VerifyAsync(database, CancellationToken.None).ToListAsync(), report => Assert.Null(report.BrokenAt));
        Assert.Empty(await database.ListAsync<string>("""
            SELECT grain FROM ledger WHERE version > 0 GROUP BY grain
            HAVING min(version) <> 1 OR max(version) <> count(*) OR count(DISTINCT version) <> count(*)
            """));

        // Turns that share a batch have one beginning; any other turn begins after the one before was written.
        Assert.Empty(await database.ListAsync<string>("""
            SELECT grain FROM (
                SELECT grain, silo, began_at,
                       lag(silo) OVER w AS earlier_silo, lag(began_at) OVER w AS earlier_began_at, lag(written_at) OVER w AS earlier_written_at
                FROM ledger WHERE version > 0 WINDOW w AS (PARTITION BY grain ORDER BY version)) turn
            WHERE (silo, began_at) <> (earlier_silo, earlier_began_at) AND began_at < earlier_written_at
            """));
    }

    private static string? Status(JsonElement trace) => trace.GetProperty("status").GetString();

    private static IEnumerable<string> Sorted(IEnumerable<string> names) => names.Distinct().Order(StringComparer.Ordinal);
}
