using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Xunit.Abstractions;

namespace CrmGrains.IntegrationTests.EndToEnd;

/// <summary>Each playbook of the demo's workspace, from its webhook to what the outside sees, with a person's approval where its risk demands one.</summary>
public sealed class PlaybookTests(ITestOutputHelper output)
{
    private static readonly object Elena = new { email = "ops@example.com", phone = "+15551234567", full_name = "Elena Moretti" };
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(30) };

    private static readonly Case[] All =
    [
        new("website_lead", A.Lead.With("msg_standard", ("submission_id", "diag_standard"), ("fields.urgency", "low")).With("msg_standard", ("fields.email", "eva@example.com")))
        {
            Proposed = ["send_message high"], Mails = ["eva@example.com: Your request to us"], HasNote = true, AsksNothing = true,
        },
        new("meeting_follow_up", Event("meeting.transcript.completed", new
        {
            contact = Elena, meeting_id = "m1", title = "Diagnostic call", summary = "The export is urgent.", action_items = (string[])["Send the plan", "Book a date"],
        }))
        {
            Tasks = ["Follow up on Diagnostic call with Elena Moretti"], Proposed = ["send_message high"], HasNote = true, AsksNothing = true,
            Mails = ["ops@example.com: What we agreed on: Diagnostic call"], MailSays = "- Send the plan\n- Book a date",
        },
        new("quote_follow_up", Event("custom.quote.sent", new { contact = Elena, number = "Q-7", deal = new { amount = 4800, currency = "EUR" } }))
        {
            Tasks = ["Ask Elena Moretti about the quote Q-7"], Proposed = ["send_message high"], Mails = ["ops@example.com: Your quote Q-7"],
            MailSays = "our quote over 4800 EUR", HasNote = true, Stage = "audit_proposal",
        },
        new("payment_trouble", Event("payment.failed", new
        {
            contact = Elena, invoice = new { id = "inv_2", number = "EO-2", amount = 129, currency = "USD", attempts = 1 }, failure_message = "The card was declined.",
        }))
        {
            Tasks = ["Check the failed payment of Elena Moretti"], Proposed = ["send_message high"], Mails = ["ops@example.com: Invoice EO-2"],
            MailSays = "invoice EO-2 over 129 USD isn't paid yet", HasNote = true,
        },
        new("payment_trouble", Event("custom.invoice.overdue", new { contact = Elena, invoice = new { id = "inv_3", amount = 80, currency = "USD" } }))
        {
            Tasks = ["Ask for the payment of Elena Moretti"], Proposed = ["send_message high"], Mails = ["ops@example.com: Invoice inv_3"], HasNote = true,
        },
        new("booking_changes", Event("booking.canceled", new { contact = Elena, booking_id = "b2", title = "Audit", canceled_by = "guest" }))
        {
            Tasks = ["Find another date for Elena Moretti"], Proposed = ["send_message high"], Mails = ["ops@example.com: Another date for Audit"],
            Notices = ["booking.canceled: Audit"], HasNote = true,
        },
        new("booking_changes", Event("booking.rescheduled", new { contact = Elena, booking_id = "b3", starts_at = "2026-05-05T08:00:00Z", reason = "Illness" }))
        {
            Proposed = ["commit_schedule high"], Webhooks = ["customer.commit_schedule"], Notices = ["booking.rescheduled, 2026-05-05"], HasNote = true, AsksNothing = true,
        },
        new("complaint_triage", Event("complaint.received", new { contact = Elena, complaint_id = "C-3", text = "Nobody called back. I want a refund." }))
        {
            Tasks = ["Decide on the refund that Elena Moretti asks for", "Look into the complaint of Elena Moretti"], Proposed = ["send_message high"],
            Mails = ["ops@example.com: Your complaint"], Notices = ["A customer complained"], HasNote = true,
        },
        new("vendor_reply", Event("vendor.replied", new
        {
            contact = new { email = "sales@vendor.test" }, message_id = "<2@vendor.test>", subject = "Estimate", text = "900 EUR.", reference = "PO-7",
        }))
        {
            Tasks = ["Compare the estimate of sales@vendor.test"], Proposed = ["send_message high"], Mails = ["sales@vendor.test: Re: Estimate"], HasNote = true, HasFile = true,
        },
        new("uploaded_document", Event("file.uploaded", new { contact = Elena, file_id = "f1", name = "stack.pdf", url = "https://files.example.com/stack.pdf" }))
        {
            Tasks = ["Look through stack.pdf"], HasNote = true,
        },
        new("uploaded_document", Event("file.uploaded", new { file_id = "f2", name = "lost.pdf" })) { Notices = ["The file lost.pdf names no customer"] },
        new("failed_automation", Event("automation.failed", new { automation_id = "make_17", name = "Sync contacts", error = "Airtable answered 422.", run_id = "run_5" }))
        {
            Notices = ["The automation Sync contacts failed: Airtable answered 422.\nRecovery: correct what the error names, then run run run_5 again"],
        },
        new("failed_automation", Event("automation.failed", new { contact = Elena, automation_id = "make_17", error = "It stopped." }))
        {
            Notices = ["The automation make_17 failed"], Tasks = ["Recover make_17 for Elena Moretti"],
        },
        new("onboarding", Event("invoice.paid", new { contact = Elena, invoice = new { id = "inv_1", number = "EO-1", amount = 4800, currency = "USD" } }))
        {
            Tasks = ["Start onboarding: Elena Moretti"], Proposed = ["send_message high", "update_contact medium"], Mails = ["ops@example.com: Welcome"],
            HasNote = true, AsksNothing = true,
        },
        new("service_intake", Event("support.ticket.created", new { contact = Elena, ticket_id = "T-12", subject = "The export is empty", priority = "high" }))
        {
            Tasks = ["The export is empty"], Proposed = ["send_message high"], Mails = ["ops@example.com: Re: The export is empty"], Notices = ["Urgent: The export is empty"],
            HasNote = true,
        },
        new("service_intake", Event("call.ended", new { contact = Elena, call_id = "c1", direction = "inbound", outcome = "missed" }))
        {
            Tasks = ["Call back Elena Moretti"], HasNote = true, AsksNothing = true,
        },
    ];

    public static TheoryData<int, string> Cases
    {
        get
        {
            var cases = new TheoryData<int, string>();
            for (var number = 0; number < All.Length; number++)
                cases.Add(number, $"{All[number].Playbook} {All[number].Post.DeliveryId}");
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_playbook_does_what_it_may_proposes_the_rest_and_does_that_once_a_person_approves(int number, string name)
    {
        var expected = All[number];
        Assert.NotEmpty(name);
        var files = Directory.CreateTempSubdirectory("crmgrains-files-");
        try
        {
            await using var installation = await Installation.CreateQuickAsync(output);
            installation.Environment["CRMGRAINS__Channels__FileRoot"] = files.FullName;
            await installation.ServeAsync();
            await installation.Sender.SendAsync(A.Lead);
            await installation.QuietAsync();

            // Twice: a playbook is carried out once.
            var receipt = await installation.Sender.SendAsync(expected.Post);
            await installation.Sender.SendAsync(expected.Post);
            await installation.QuietAsync();

            var crm = await installation.Crm.ReadAsync();
            Assert.Equal(expected.Tasks, crm.Tasks.Select(task => task["hs_task_subject"] ?? "").Order(StringComparer.Ordinal));
            Assert.Equal(expected.HasNote ? 1 : 0, crm.NotesOf(receipt.EventId).Count);
            var notices = await ListAsync(installation, "notices");
            Assert.Equal(expected.Notices.Length, notices.Count);
            Assert.All(notices.Zip(expected.Notices), pair => Assert.StartsWith(pair.Second, Text(pair.First, "text"), StringComparison.Ordinal));
            Assert.Equal(expected.HasFile ? 1 : 0, files.GetFiles("*", SearchOption.AllDirectories).Length);

            var proposed = await ReviewsAsync(installation);
            Assert.Equal(expected.Proposed, proposed.Select(review => $"{Text(review, "action")} {Text(review, "tier")}").Order(StringComparer.Ordinal));
            Assert.Empty(await ListAsync(installation, "mails"));
            Assert.Empty(await ListAsync(installation, "webhooks"));
            await ProposalsAreCompleteAsync(installation, expected, proposed);

            foreach (var review in proposed)
            {
                var answer = await installation.Api.PostAsync(
                    $"/v1/reviews/{Text(review, "id")}/approve", $$"""{"version": {{review.GetProperty("version").GetInt32()}}}""");
                Assert.True(answer.Status == HttpStatusCode.OK, answer.Text);
            }

            await installation.QuietAsync();
            await DoneIsAsync(installation, expected);
        }
        finally
        {
            files.Delete(recursive: true);
        }
    }

    private static async Task ProposalsAreCompleteAsync(Installation installation, Case expected, List<JsonElement> proposed)
    {
        foreach (var review in proposed)
        {
            var item = (await installation.Api.GetAsync($"/v1/reviews/{Text(review, "id")}")).Text;
            Assert.Contains($"\"{expected.Playbook}\"", item, StringComparison.Ordinal);
            Assert.Contains("\"matched_confidently\"", item, StringComparison.Ordinal);
            Assert.Equal(expected.AsksNothing, item.Contains("\"questions\":[]", StringComparison.Ordinal));
        }
    }

    private static async Task DoneIsAsync(Installation installation, Case expected)
    {
        Assert.Empty(await ReviewsAsync(installation));
        var mails = await ListAsync(installation, "mails");
        Assert.Equal(expected.Mails, mails.Select(mail => $"{mail.GetProperty("to")[0].GetString()}: {Text(mail, "subject")}"));
        Assert.All(mails, mail => Assert.DoesNotContain("[missing", Text(mail, "text"), StringComparison.Ordinal));
        Assert.All(mails, mail => Assert.Contains(expected.MailSays, Text(mail, "text").ReplaceLineEndings("\n"), StringComparison.Ordinal));
        Assert.Equal(expected.Webhooks, (await ListAsync(installation, "webhooks")).Select(call => Text(call, "type")));
        var crm = await installation.Crm.ReadAsync();
        Assert.Equal(expected.Tasks.Length, crm.Tasks.Count);
        Assert.Contains(crm.Deals, deal => deal["dealstage"] == expected.Stage);
    }

    private static async Task<List<JsonElement>> ReviewsAsync(Installation installation)
    {
        var reply = await installation.Api.GetAsync("/v1/reviews?reason=approval");
        Assert.True(reply.Status == HttpStatusCode.OK, reply.Text);
        return [.. reply.Json.GetProperty("items").EnumerateArray()];
    }

    private static async Task<List<JsonElement>> ListAsync(Installation installation, string what) =>
        [.. (await Http.GetFromJsonAsync<JsonElement>($"{installation.Sandbox.Url}/sandbox/{what}")).GetProperty("results").EnumerateArray()];

    private static Post Event(string type, object data)
    {
        var id = $"{type}_of_a_playbook";
        return new Post("automation", id, JsonSerializer.SerializeToUtf8Bytes(new { id, type, timestamp = "2026-04-27T09:00:00Z", data }));
    }

    private static string Text(JsonElement json, string name) => json.GetProperty(name).GetString() ?? "";

    private sealed record Case(string Playbook, Post Post)
    {
        public string[] Tasks { get; init; } = [];

        public string[] Notices { get; init; } = [];

        public string[] Proposed { get; init; } = [];

        public string[] Mails { get; init; } = [];

        public string MailSays { get; init; } = "";

        public string[] Webhooks { get; init; } = [];

        public string Stage { get; init; } = "audit_qualified";

        public bool HasNote { get; init; }

        public bool HasFile { get; init; }

        public bool AsksNothing { get; init; }
    }
}
