using System.Text.Json;
using CrmGrains.Core.Actions;
using CrmGrains.Core.Commands;
using CrmGrains.Core.Json;
using CrmGrains.Host.Reviews;

namespace CrmGrains.Tests.Reviews;

public sealed class ReviewRulesTests
{
    private static readonly Proposal Proposal = new()
    {
        Key = "k",
        EventId = A.Id(1),
        Step = 5,
        From = "quote",
        Name = "call",
        Type = "create_task",
        Tier = RiskTier.High,
        Command = new CrmCommand.CreateTask("call", "Call", "About it.", A.Noon.AddDays(1), "medium", null, [new RecordRef(CrmObject.Contact, A.CustomerId)]),
        Reason = "They asked.",
        ProposedAt = A.Noon,
        DueAt = A.Noon.AddHours(4),
        ExpiresAt = A.Noon.AddDays(3),
    };

    private static readonly ReviewRow Row = RowOf(Proposal);

    private static readonly ReviewRow TwoMustAgree = RowOf(Proposal with { FourEyes = true });

    [Fact]
    public void An_approval_closes_the_item_and_names_who_gave_it()
    {
        var change = Changed(Row, Verb.Approve, new() { Reason = "Fine." }, "ann");

        Assert.Equal(("approved", "ann", "Fine."), (change.Next.Answer, change.Next.AnsweredBy, change.Next.AnswerReason));
        Assert.Equal(["ann"], change.By);
    }

    [Fact]
    public void Of_two_people_who_must_agree_the_first_is_kept_and_the_second_is_somebody_else()
    {
        var first = Changed(TwoMustAgree, Verb.Approve, new(), "ann");
        Assert.Equal((null, "ann"), (first.Next.Answer, first.Next.ApprovedBy));

        Assert.Equal("four_eyes", Refused(first.Next, Verb.Approve, new(), "ann").Code);
        var second = Changed(first.Next, Verb.Approve, new(), "bob");
        Assert.Equal("approved", second.Next.Answer);
        Assert.Equal(["ann", "bob"], second.By);
    }

    [Fact]
    public void Whoever_changes_it_is_the_first_to_agree_and_what_was_agreed_before_counts_no_more()
    {
        var first = Changed(TwoMustAgree, Verb.Approve, new(), "ann").Next;
        var edited = Changed(first, Verb.Edit, Edits("""{"subject":"Call at once"}"""), "bob").Next;
        Assert.Equal((null, "bob"), (edited.Answer, edited.ApprovedBy));

        Assert.Equal("four_eyes", Refused(edited, Verb.Approve, new(), "bob").Code);
        var last = Changed(edited, Verb.Approve, new(), "ann");
        Assert.Equal("edited", last.Next.Answer);
        Assert.Equal(["bob", "ann"], last.By);
        Assert.Equal("Call at once", Assert.IsType<CrmCommand.CreateTask>(last.Next.ReadInstead()).Subject);
    }

    [Fact]
    public void Changes_that_lead_back_to_what_was_proposed_are_none()
    {
        var edited = Changed(TwoMustAgree, Verb.Edit, Edits("""{"subject":"Call at once"}"""), "ann").Next;
        var back = Changed(edited, Verb.Edit, Edits("""{"subject":"Call"}"""), "bob").Next;

        Assert.Null(back.Instead);
        Assert.Equal("approved", Changed(back, Verb.Approve, new(), "ann").Next.Answer);
    }

    [Fact]
    public void Changes_that_cannot_be_are_refused_with_every_fault() =>
        Assert.Equal(
            ["on", "priority"],
            Refused(Row, Verb.Edit, Edits("""{"priority":"top","on":[]}"""), "ann").Faults?.Select(fault => fault.Path).Order(StringComparer.Ordinal));

    [Theory]
    [InlineData(Verb.Approve)]
    [InlineData(Verb.Reject)]
    [InlineData(Verb.Snooze)]
    [InlineData(Verb.Ask)]
    public void What_has_lapsed_takes_no_answer_although_nobody_noted_it_yet(string verb) => Assert.Equal(
        "expired", Refused(Row with { IsExpired = true }, verb, new() { Reason = "r", Text = "t", Until = A.Noon.AddHours(1) }, "ann").Code);

    [Fact]
    public void A_question_waits_for_its_reply_and_there_is_none_without_a_question()
    {
        Assert.Equal("not_asked", Refused(Row, Verb.Reply, new() { Text = "Yes." }, "bob").Code);

        var asked = Changed(Row, Verb.Ask, new() { Text = "Which quote?", Assignee = "bob" }, "ann").Next;
        Assert.Equal(("Which quote?", "bob", null), (asked.Asked, asked.Assignee, asked.Answer));
        Assert.Null(Changed(asked, Verb.Reply, new() { Text = "The second." }, "bob").Next.Asked);
    }

    [Theory]
    [InlineData(-1, "bad_request")]
    [InlineData(0, "bad_request")]
    [InlineData(91 * 24, "bad_request")]
    [InlineData(72, "expires_before")]
    public void It_is_put_away_for_a_while_and_never_for_good(int hours, string code) =>
        Assert.Equal(code, Refused(Row, Verb.Snooze, new() { Until = A.Noon.AddHours(hours) }, "ann").Code);

    [Fact]
    public void It_becomes_more_urgent_step_by_step_and_comes_back_at_once()
    {
        var row = Row with { Priority = "low", SnoozedUntil = A.Noon.UtcDateTime.AddHours(1) };
        foreach (var priority in (string[])["normal", "high", "urgent"])
        {
            row = Changed(row, Verb.Escalate, new(), "ann").Next;
            Assert.Equal((priority, null), (row.Priority, row.SnoozedUntil));
        }

        Assert.Equal("urgent_already", Refused(row, Verb.Escalate, new(), "ann").Code);
        Assert.Equal("lead", Changed(row, Verb.Escalate, new() { Assignee = "lead" }, "ann").Next.Assignee);
    }

    [Theory]
    [InlineData(Verb.Reject, "reason")]
    [InlineData(Verb.Ask, "text")]
    [InlineData(Verb.Reply, "text")]
    [InlineData(Verb.Resolve, "text")]
    [InlineData(Verb.Snooze, "until")]
    [InlineData(Verb.Edit, "edits")]
    [InlineData("nod", "approve")]
    public void An_answer_that_lacks_something_is_told_what(string verb, string missing) =>
        Assert.Contains(missing, ReviewRules.FaultOf(verb, new()), StringComparison.Ordinal);

    [Fact]
    public void A_text_that_could_not_be_stored_or_is_a_book_is_refused() => Assert.All(
        (ReviewAnswer[])[new() { Reason = "a\0b" }, new() { Reason = new string('x', ReviewRules.MaxText + 1) }, new() { Reason = "r", Assignee = "a\nb" }],
        answer => Assert.NotNull(ReviewRules.FaultOf(Verb.Reject, answer)));

    private static ReviewAnswer Edits(string json) =>
        new() { Edits = JsonElement.Parse(json).EnumerateObject().ToDictionary(edit => edit.Name, edit => edit.Value) };

    private static ReviewDecision.Change Changed(ReviewRow row, string verb, ReviewAnswer answer, string by) =>
        Assert.IsType<ReviewDecision.Change>(ReviewRules.Decide(row, verb, answer, by));

    private static ReviewProblem Refused(ReviewRow row, string verb, ReviewAnswer answer, string by) =>
        Assert.IsType<ReviewDecision.Refused>(ReviewRules.Decide(row, verb, answer, by)).Problem;

    private static ReviewRow RowOf(Proposal proposal) => new()
    {
        Id = A.Id(9),
        Version = 1,
        Action = proposal.Type,
        Priority = "normal",
        Status = "open",
        ExpiresAt = proposal.ExpiresAt.UtcDateTime,
        OpenedAt = proposal.ProposedAt.UtcDateTime,
        Now = proposal.ProposedAt.UtcDateTime,
        Proposal = JsonSerializer.Serialize(proposal, CoreJson.Default.Proposal),
    };
}
