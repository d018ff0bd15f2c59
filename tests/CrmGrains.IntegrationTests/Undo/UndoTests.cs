using System.Net;
using System.Text.Json;
using CrmGrains.IntegrationTests.EndToEnd;
using CrmGrains.IntegrationTests.Engine;
using Xunit.Abstractions;
using Leads = CrmGrains.IntegrationTests.EndToEnd.Leads;

namespace CrmGrains.IntegrationTests.Undo;

/// <summary>What was done is taken back through the same connectors, after a person has seen the plan.</summary>
public sealed class UndoTests(ITestOutputHelper output)
{
    [Fact]
    public async Task All_that_a_lead_made_is_taken_back_once_a_person_approves_and_the_next_lead_makes_it_anew()
    {
        await using var installation = await Installation.CreateQuickAsync(output);
        await installation.ServeAsync();
        var lead = await installation.Sender.SendAsync(A.Lead);
        await installation.QuietAsync();

        var planned = await PlanAsync(installation, new { @event = lead.EventId });
        Assert.Equal(("planned", 7), (Text(planned, "state"), planned.GetProperty("classes").GetProperty("untouched_since").GetInt32()));
        var review = Assert.Single((await installation.Api.GetAsync("/v1/reviews?reason=undo")).Json.GetProperty("items").EnumerateArray());
        Assert.Contains("7 untouched_since", Text(review, "summary"), StringComparison.Ordinal);
        Assert.NotEmpty((await installation.Crm.ReadAsync()).Contacts);

        await ApproveAsync(installation, planned);
        await installation.QuietAsync();

        Assert.Empty(CrmPicture.Of(await installation.Crm.ReadAsync()));
        Assert.Empty((await installation.Api.GetAsync("/v1/reviews")).Json.GetProperty("items").EnumerateArray());
        var steps = (await installation.Api.GetAsync($"/v1/undo/{Text(planned, "id")}")).Json.GetProperty("steps").EnumerateArray();
        Assert.All(steps, step => Assert.True(step.TryGetProperty("reverted_at", out _), step.ToString()));
        var again = await PlanAsync(installation, new { @event = lead.EventId });
        Assert.Equal(7, again.GetProperty("classes").GetProperty("undone_already").GetInt32());
        var twice = await installation.Api.PostAsync($"/v1/undo/{Text(planned, "id")}/approve");
        Assert.Equal(HttpStatusCode.Conflict, twice.Status);

        await installation.Sender.SendAsync(A.Lead.With("msg_next", ("submission_id", "diag_next")));
        await installation.QuietAsync();

        var crm = await installation.Crm.ReadAsync();
        crm.HasNoDuplicates();
        Assert.Equal((1, 1, 1, 1, 6), (crm.Contacts.Count, crm.Companies.Count, crm.Deals.Count, crm.Notes.Count, crm.Associations.Count));
        await Flood.VerifiesAsync(installation.Database);
    }

    [Fact]
    public async Task What_people_had_in_their_records_before_is_there_again()
    {
        await using var installation = await Installation.CreateQuickAsync(output);
        await installation.ServeAsync();
        await installation.Crm.CreateAsync("contacts", new { email = "ops@example.com", firstname = "Elena Maria", lastname = "M.", phone = "+49 30 1" });
        await installation.Crm.CreateAsync("companies", new { domain = "example.com", name = "What people call it" });
        var before = CrmPicture.Of(await installation.Crm.ReadAsync());
        var lead = await installation.Sender.SendAsync(A.Lead);
        await installation.QuietAsync();
        Assert.Equal("Elena", Assert.Single((await installation.Crm.ReadAsync()).Contacts)["firstname"]);

        await ApproveAsync(installation, await PlanAsync(installation, new { @event = lead.EventId }));
        await installation.QuietAsync();

        Assert.Equal(before, CrmPicture.Of(await installation.Crm.ReadAsync()));
        await installation.Sender.SendAsync(A.Lead.With("msg_next", ("submission_id", "diag_next")));
        await installation.QuietAsync();
        var crm = await installation.Crm.ReadAsync();
        Assert.Equal(("Elena", "Moretti"), (Assert.Single(crm.Contacts)["firstname"], crm.Contacts[0]["lastname"]));
        Assert.Equal(6, crm.Associations.Count);
    }

    [Fact]
    public async Task What_was_changed_since_stays_and_a_person_is_told_which_fields_and_no_values()
    {
        await using var installation = await Installation.CreateQuickAsync(output);
        await installation.ServeAsync();
        var lead = await installation.Sender.SendAsync(A.Lead);
        await installation.QuietAsync();
        var contact = Assert.Single((await installation.Crm.ReadAsync()).Contacts);
        await installation.Crm.UpdateAsync("contacts", contact.Id, new { phone = "+1 555 999" });

        await ApproveAsync(installation, await PlanAsync(installation, new { @event = lead.EventId }));
        await installation.QuietAsync();

        var crm = await installation.Crm.ReadAsync();
        Assert.Equal("+1 555 999", Assert.Single(crm.Contacts)["phone"]);
        Assert.Empty(crm.Deals);
        Assert.Empty(crm.Notes);
        var item = Assert.Single((await installation.Api.GetAsync("/v1/reviews?reason=changed_since")).Json.GetProperty("items").EnumerateArray());
        Assert.Contains("left as it is", Text(item, "summary"), StringComparison.Ordinal);
        Assert.Equal("Changed since: phone.", await installation.Database.ValueAsync<string>("SELECT error_detail FROM command WHERE state = 'manual_review'"));
    }

    [Fact]
    public async Task A_company_that_somebody_else_is_tied_to_by_then_stays()
    {
        await using var installation = await Installation.CreateQuickAsync(output);
        await installation.ServeAsync();
        var first = await installation.Sender.SendAsync(A.Lead);
        await installation.QuietAsync();
        await installation.Sender.SendAsync(A.Lead.With("msg_other", ("submission_id", "diag_other"), ("fields.email", "other@example.com"), ("fields.phone", "+1 555 123 0000")));
        await installation.QuietAsync();

        await ApproveAsync(installation, await PlanAsync(installation, new { @event = first.EventId }));
        await installation.QuietAsync();

        var crm = await installation.Crm.ReadAsync();
        Assert.Equal("other@example.com", Assert.Single(crm.Contacts)["email"]);
        Assert.Equal(Assert.Single(crm.Companies).Id, Assert.Single(crm.Linked("contact", crm.Contacts[0].Id, "company")));
        Assert.Single(crm.Deals);
        Assert.Single(crm.Notes);
        Assert.Equal("Changed since: links.", await installation.Database.ValueAsync<string>("SELECT error_detail FROM command WHERE state = 'manual_review'"));
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 0)]
    [InlineData(3, 0.1)]
    public async Task Whatever_was_done_for_random_leads_is_undone_but_for_what_the_plan_names(int seed, double faults)
    {
        await using var installation = await Installation.CreateQuickAsync(output);
        installation.Environment["CRMGRAINS__Outbox__UncertainWait"] = "00:00:00.500";
        await installation.ServeAsync();
        var leads = Leads.Generate(seed, count: 30, people: 10, companies: 4, repeated: 20);
        await PeopleMadeAsync(installation, new Random(seed), leads);
        var before = CrmPicture.Of(await installation.Crm.ReadAsync());
        if (faults > 0)
            await installation.Crm.FailSometimesAsync(faults);

        // In three parts, so that some records are made by one and changed by the next.
        foreach (var part in leads.Chunk(leads.Count / 3))
        {
            await installation.Sender.SendAsync([.. part.Select(lead => lead.Post)]);
            await installation.QuietAsync();
        }

        await installation.Crm.RecoverAsync();
        var plan = await PlanAsync(installation, new { from = "2020-01-01T00:00:00Z" });
        var exceptions = plan.GetProperty("steps").EnumerateArray().Where(step => Text(step, "class") is not ("untouched_since" or "undone_already")).ToList();
        await ApproveAsync(installation, plan);
        await installation.QuietAsync();

        var left = await installation.Database.ListAsync<string>("SELECT object || ' ' || error_detail FROM command WHERE operation = 'revert' AND state <> 'succeeded'");
        var after = CrmPicture.Of(await installation.Crm.ReadAsync());
        output.WriteLine($"{plan.GetProperty("steps").GetArrayLength()} steps, {exceptions.Count} exceptions, {left.Count} left: {string.Join("; ", left)}");
        if (faults == 0)
        {
            Assert.Empty(exceptions);
            Assert.Empty(left);
        }

        if (exceptions.Count == 0 && left.Count == 0)
            Assert.Equal(before, after);
        else
            Assert.InRange(after.Except(before).Count(), 1, 20 * (exceptions.Count + left.Count));
        await Flood.VerifiesAsync(installation.Database);
    }

    [Fact]
    public async Task The_command_line_lists_plans_and_approves()
    {
        await using var installation = await Installation.CreateQuickAsync(output);
        await installation.ServeAsync();
        var lead = await installation.Sender.SendAsync(A.Lead);
        await installation.QuietAsync();
        string[] where = ["--url", installation.Host.Url];

        var listed = await installation.RunAsync(["actions", "list", "--event", lead.EventId.ToString(), .. where]);
        var shown = await installation.RunAsync(["undo", "--event", lead.EventId.ToString(), "--action", "note", .. where]);
        var notes = (await installation.Crm.ReadAsync()).Notes.Count;
        var done = await installation.RunAsync(["undo", "--event", lead.EventId.ToString(), "--action", "note", "--yes", .. where]);
        await installation.QuietAsync();
        var nothing = await installation.RunAsync(["undo", "--event", Guid.CreateVersion7().ToString(), .. where]);

        Assert.Equal((0, ""), (listed.ExitCode, listed.Error));
        Assert.Equal(7, listed.Output.Trim().Split('\n').Length);
        Assert.Contains("Nothing was done.", shown.Output, StringComparison.Ordinal);
        Assert.Contains("1 untouched_since", shown.Output, StringComparison.Ordinal);
        Assert.Equal((1, 0), (notes, done.ExitCode));
        Assert.Empty((await installation.Crm.ReadAsync()).Notes);
        Assert.Single((await installation.Crm.ReadAsync()).Contacts);
        Assert.Equal(1, nothing.ExitCode);
        Assert.StartsWith("Nothing to undo", nothing.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Plans_that_say_nothing_or_nonsense_are_refused()
    {
        await using var installation = await Installation.CreateQuickAsync(output);
        await installation.ServeAsync("console");

        Assert.Equal(HttpStatusCode.BadRequest, (await installation.Api.PostAsync("/v1/undo", "{}")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await installation.Api.PostAsync("/v1/undo", """{"from":"2026-01-02T00:00:00Z","to":"2026-01-01T00:00:00Z"}""")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await installation.Api.PostAsync("/v1/actions/1/undo")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await installation.Api.PostAsync($"/v1/undo/{Guid.CreateVersion7()}/approve")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await installation.Api.GetAsync("/v1/actions?limit=0")).Status);
    }

    // Some of the people and companies are in the CRM already, known by other words and tied or not.
    private static async Task PeopleMadeAsync(Installation installation, Random random, IReadOnlyList<Lead> leads)
    {
        var companies = new Dictionary<string, string>();
        foreach (var domain in leads.Select(lead => lead.Domain).Distinct().Order(StringComparer.Ordinal).Where(_ => random.Next(2) == 0))
            companies[domain] = await installation.Crm.CreateAsync("companies", new { domain, name = $"People's {domain}" });
        foreach (var (email, domain) in leads.Select(lead => (lead.Email, lead.Domain)).Distinct().Order().Where(_ => random.Next(2) == 0))
        {
            var contact = await installation.Crm.CreateAsync("contacts", new { email, firstname = "Known", phone = "+49 30 7" });
            if (companies.TryGetValue(domain, out var company) && random.Next(2) == 0)
                await installation.Crm.AssociateAsync("contacts", contact, "companies", company);
        }
    }

    private static async Task<JsonElement> PlanAsync(Installation installation, object request)
    {
        var reply = await installation.Api.PostAsync("/v1/undo", JsonSerializer.Serialize(request));
        Assert.True(reply.Status == HttpStatusCode.Created, reply.Text);
        return reply.Json;
    }

    private static async Task ApproveAsync(Installation installation, JsonElement plan)
    {
        var reply = await installation.Api.PostAsync($"/v1/undo/{Text(plan, "id")}/approve");
        Assert.True(reply.Status == HttpStatusCode.OK, reply.Text);
    }

    private static string Text(JsonElement json, string name) => json.GetProperty(name).GetString() ?? "";
}
