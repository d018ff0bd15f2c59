using Xunit.Abstractions;

namespace CrmGrains.IntegrationTests.EndToEnd;

/// <summary>What Stripe tells becomes tasks for people, once.</summary>
public sealed class InvoiceTests(ITestOutputHelper output)
{
    [Fact]
    public async Task A_paid_invoice_makes_one_onboarding_task_however_often_it_is_told_of_and_the_next_invoice_none()
    {
        await using var installation = await Installation.CreateQuickAsync(output);
        await installation.ServeAsync();
        await installation.Sender.SendAsync(A.Lead);
        await installation.QuietAsync();  // sources have queues of their own: an invoice may overtake a lead
        Post[] posts =
        [
            A.InvoicePaid, A.InvoicePaid, A.InvoicePaid.With("evt_other", ("id", "evt_other")),
            A.InvoicePaid.With("evt_next", ("id", "evt_next"), ("data.object.id", "in_demo_9"), ("data.object.number", "EO-0009")),
        ];

        var receipts = await installation.Sender.SendAsync(posts);
        await installation.QuietAsync();
        await installation.Sender.SendAsync(A.InvoicePaid.With("evt_late", ("id", "evt_late")));
        await installation.QuietAsync();

        Assert.Equal(3, receipts.DistinctBy(receipt => receipt.EventId).Count());
        var crm = await installation.Crm.ReadAsync();
        crm.HasNoDuplicates();
        var (contact, task) = (Assert.Single(crm.Contacts), Assert.Single(crm.Tasks));
        Assert.Equal(("Start onboarding: Elena Moretti", "9004"), (task["hs_task_subject"], task["hubspot_owner_id"]));
        Assert.Equal([contact.Id], crm.Linked("task", task.Id, "contact"));
        Assert.Equal(3, crm.Notes.Count);  // the lead and two invoices
    }

    [Fact]
    public async Task Each_failed_attempt_to_pay_makes_one_task_to_check_it()
    {
        await using var installation = await Installation.CreateQuickAsync(output);
        await installation.ServeAsync();
        await installation.Sender.SendAsync(A.Lead);
        await installation.QuietAsync();
        var second = A.PaymentFailed.With("evt_second", ("id", "evt_second"), ("data.object.attempt_count", 2));

        await installation.Sender.SendAsync([A.PaymentFailed, A.PaymentFailed, A.PaymentFailed.With("evt_same", ("id", "evt_same")), second, second]);
        await installation.QuietAsync();

        var crm = await installation.Crm.ReadAsync();
        crm.HasNoDuplicates();
        Assert.Equal(2, crm.Tasks.Count);
        Assert.All(crm.Tasks, task => Assert.Equal(
            ("Check the failed payment of Elena Moretti", "9002"), (task["hs_task_subject"], task["hubspot_owner_id"])));
    }

    [Fact]
    public async Task A_kind_of_event_that_is_not_taken_is_kept_and_ignored()
    {
        await using var installation = await Installation.CreateQuickAsync(output);
        await installation.ServeAsync();

        var receipt = await installation.Sender.SendAsync(A.InvoicePaid.With("evt_made", ("id", "evt_made"), ("type", "invoice.created")));
        await installation.QuietAsync();

        Assert.Equal("ignored", (await installation.Api.TraceAsync(receipt.EventId)).GetProperty("status").GetString());
        Assert.Equal(0, await installation.Crm.CallsAsync());
    }
}
