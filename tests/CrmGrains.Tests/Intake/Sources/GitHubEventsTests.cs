namespace CrmGrains.Tests.Intake.Sources;

public sealed class GitHubEventsTests
{
    private static readonly VendorSample Opened = VendorSample.Of("github", "support.ticket.created");
    private static readonly VendorSample Labeled = VendorSample.Of("github", "support.issue.escalated");
    private static readonly VendorSample Failed = VendorSample.Of("github", "automation.failed");

    [Fact]
    public void An_issue_is_a_ticket_of_its_author()
    {
        var made = Opened.Event();

        Assert.Equal("21031067", made.Contact.ExternalIds?["github"]);
        Assert.Equal(
            """{"ticket_id":"example-ops/portal#12","subject":"The export is empty","text":"Since this morning the export has a header and no rows.","channel":"github"}""",
            made.Data?.GetRawText());
        Assert.Equal("72d3162e-cc78-11e3-81ab-000000000001", Opened.DeliveryId());
        Assert.Null(Opened.With("issue.user.type", "Bot").Event().Contact.ExternalIds);
    }

    [Theory]
    [InlineData("Priority: Critical", true)]
    [InlineData("escalated", true)]
    [InlineData("P0", true)]
    [InlineData("bug", false)]
    [InlineData("not critical", false)]
    public void A_label_that_says_so_escalates_it(string label, bool escalates)
    {
        var labeled = Labeled.With("label.name", label);
        if (escalates)
            Assert.Equal((label, "example-ops/portal#12"), (labeled.Event().Data?.GetProperty("severity").GetString(), labeled.Event().Data?.GetProperty("ticket_id").GetString()));
        else
            Assert.Contains("issues labeled", labeled.Ignored(), StringComparison.Ordinal);
    }

    [Fact]
    public void Each_attempt_of_a_run_that_fails_is_an_automation_that_failed()
    {
        Assert.Equal("The run ended with failure on main.", Failed.Event().Data?.GetProperty("error").GetString());
        Assert.NotEqual(Failed.Event().IdempotencyKey, Failed.With("workflow_run.run_attempt", 2).Event().IdempotencyKey);
        Assert.NotEmpty(Failed.With("workflow_run.conclusion", "success").Ignored());
    }

    [Fact]
    public void Pings_and_other_events_are_ignored_and_faults_named()
    {
        Assert.Equal("GitHub's ping is not taken.", (Opened.WithHeader("x-github-event", "ping") with { Body = """{"zen":"Keep it logically awesome."}""" }).Ignored());
        Assert.NotEmpty(Opened.With("action", "edited").Ignored());
        Assert.Equal(["headers.x-github-event missing"], Opened.WithHeader("x-github-event", null).Faults());
        Assert.Equal(["issue.id missing", "issue.title missing"], Opened.Without("issue.id").Without("issue.title").Faults());
    }

    [Fact]
    public void A_text_that_is_too_long_is_cut() =>
        Assert.Equal(10_000, Opened.With("issue.body", new string('x', 70_000)).Event().Data?.GetProperty("text").GetString()?.Length);
}
