using CrmGrains.Core.Actions;
using CrmGrains.Core.Business;
using CrmGrains.Core.Commands;
using CrmGrains.Core.Configuration;
using CrmGrains.Core.Customers;
using CrmGrains.Core.Decisions;
using CrmGrains.Core.Events;
using CrmGrains.Core.Fields;
using CrmGrains.Core.Grains;

namespace CrmGrains.Tests.Actions;

public sealed class PlaybookTests
{
    private static readonly ContractEvent Complaint = A.Lead with { EventId = A.Id(4), EventType = "complaint.received", LeadContext = null, Company = null };

    private static readonly ActionRule Mail = new()
    {
        Name = "reply", Type = "send_message", Channel = "mail", Template = A.Text("Hello", "Dear {{customer.full_name}}"),
    };

    [Fact]
    public void A_message_is_proposed_with_all_that_a_person_needs_and_sent_once_it_is_approved()
    {
        var playbook = A.Playbook("triage", Complaint.EventType, Mail) with
        {
            Context = ["customer.full_name", "event_type", "data.text"],
            Questions = [new Question(new Condition.Not(new Condition.Compare("customer.phone", "exists", null)), "Which number?")],
        };

        var turn = Handle(A.Customer, Complaint, playbook);

        var proposal = Proposed(turn);
        Assert.Equal(("triage", "reply", "send_message", RiskTier.High), (proposal.From, proposal.Name, proposal.Type, proposal.Tier));
        Assert.Equal(new CrmCommand.SendMail("mail", "ann@example.com", "Hello", "Dear Ann Example", null, null, "reply"), proposal.Command);
        Assert.Equal(
            [("customer.consent_to_contact", "true"), ("customer.email", "ann@example.com"), ("customer.full_name", "Ann Example"), ("customer.phone", null)],
            proposal.Saw.Select(fact => (fact.Key, fact.Value)));
        Assert.Equal(["Which number?"], proposal.Questions);
        Assert.Equal([("customer.full_name", "Ann Example"), ("event_type", "complaint.received"), ("data.text", null)], proposal.Context.Select(fact => (fact.Key, fact.Value)));
        Assert.Empty(turn.Effects.OfType<Effect.Enqueue>());

        var approved = Answer(turn.State, proposal, Core.Actions.Answer.Approved, playbook);

        var sent = Assert.IsType<Effect.Enqueue>(Assert.Single(approved.Effects));
        Assert.Equal((proposal.Command, proposal.Step, Complaint.EventId), (sent.Command, sent.Step, sent.EventId));
    }

    [Fact]
    public void A_gap_keeps_a_message_from_going_by_itself_and_from_going_at_all_until_it_is_filled()
    {
        var policy = new RiskPolicy { Actions = new Dictionary<string, ActionPolicy> { ["send_message"] = new() { Mode = ActionMode.Automatic } } };
        var playbook = A.Playbook("triage", Complaint.EventType, Mail);
        var nameless = Complaint with { Contact = new ContactFacts { Email = "ann@example.com" } };

        Assert.IsType<Effect.Enqueue>(Assert.Single(Handle(A.Customer, Complaint, playbook, policy).Effects));
        var turn = Handle(A.Customer, nameless, playbook, policy);
        var proposal = Proposed(turn);

        Assert.Contains("`customer.full_name`", Assert.Single(proposal.Questions), StringComparison.Ordinal);
        var again = Answer(turn.State, proposal, Core.Actions.Answer.Approved, playbook);
        Assert.Equal(2, Proposed(again).Round);
        var mail = Assert.IsType<CrmCommand.SendMail>(proposal.Command) with { Text = "Dear Ann" };
        var edited = Answer(again.State, Proposed(again), Core.Actions.Answer.Edited, playbook, mail);
        Assert.Equal(mail, Assert.IsType<Effect.Enqueue>(Assert.Single(edited.Effects)).Command);
    }

    [Fact]
    public void Who_refused_to_be_contacted_or_has_no_address_is_not_written_to()
    {
        var playbook = A.Playbook("triage", Complaint.EventType, Mail);

        var refused = Handle(A.Customer, Complaint with { ConsentToContact = false }, playbook);
        var unreachable = Handle(A.Customer, Complaint with { Contact = new ContactFacts { Phone = "+15550100", FullName = "Ann" } }, playbook);

        Assert.All((Turn<CustomerState>[])[refused, unreachable], turn =>
        {
            Assert.Empty(turn.Effects);
            Assert.Equal(Verdict.Skip, Assert.Single(turn.Decision.Actions ?? []).Verdict);
        });
    }

    [Theory]
    [InlineData("refund")]
    [InlineData("cancel_service")]
    [InlineData("change_contract")]
    [InlineData("expose_data")]
    public void What_is_critical_becomes_a_task_for_a_person(string type)
    {
        var rule = new ActionRule { Name = "money", Type = type, Template = A.Text("Decide for {{full_name}}"), IsAutomatic = true, OwnerRole = "closer" };

        var turn = Handle(A.Customer, Complaint, A.Playbook("triage", Complaint.EventType, rule));

        var task = Assert.Single(turn.Effects.OfType<Effect.Enqueue>().Select(effect => effect.Command).OfType<CrmCommand.CreateTask>());
        Assert.Equal(("Decide for Ann Example", "closer@acme.example"), (task.Subject, task.OwnerEmail));
        Assert.Contains("The system never does this by itself", task.Body, StringComparison.Ordinal);
        Assert.Equal((Verdict.Task, RiskTier.Critical), Assert.Single(turn.Decision.Actions ?? []) is var trace ? (trace.Verdict, trace.Tier) : default);
    }

    [Fact]
    public void A_classification_is_a_word_of_its_event_and_is_written_with_the_contact()
    {
        var rule = new ActionRule
        {
            Name = "upset", Type = "classify", Fields = new Dictionary<string, FieldWord> { ["urgency"] = new(new FieldValue.Text("high"), null) },
        };
        var known = Handle(A.Customer, A.Lead with { LeadContext = new LeadFacts { Urgency = "low" } }).State;

        var turn = Handle(known, Complaint with { OccurredAt = A.Noon.AddHours(1) }, A.Playbook("triage", Complaint.EventType, rule));
        var late = Handle(known, Complaint with { OccurredAt = A.Noon.AddHours(-1) }, A.Playbook("triage", Complaint.EventType, rule));

        Assert.Equal("high", turn.State.Fields.Text("urgency"));
        var contact = Assert.Single(turn.Effects.OfType<Effect.Enqueue>().Select(effect => effect.Command).OfType<CrmCommand.UpsertContact>());
        Assert.Equal(new FieldValue.Text("high"), contact.Fields["urgency"]);
        Assert.Equal("low", late.State.Fields.Text("urgency"));
    }

    [Fact]
    public void A_change_of_the_contact_waits_for_a_person_whose_word_then_counts()
    {
        var rule = new ActionRule
        {
            Name = "hurry", Type = "update_contact", Fields = new Dictionary<string, FieldWord> { ["urgency"] = new(new FieldValue.Text("high"), null) },
        };
        var playbook = A.Playbook("triage", Complaint.EventType, rule);
        var known = Handle(A.Customer, A.Lead with { LeadContext = new LeadFacts { Urgency = "low", PainSummary = "It is slow." } }).State;
        var turn = Handle(known, Complaint, playbook);

        Assert.Equal("low", turn.State.Fields.Text("urgency"));
        var approved = Answer(turn.State, Proposed(turn), Core.Actions.Answer.Approved, playbook);

        Assert.Equal("high", approved.State.Fields.Text("urgency"));
        var contact = Assert.IsType<CrmCommand.UpsertContact>(Assert.IsType<Effect.Enqueue>(Assert.Single(approved.Effects)).Command);
        Assert.Equal(new FieldValue.Text("Ann Example"), contact.Fields["full_name"]);
    }

    [Fact]
    public void A_stage_is_moved_only_where_there_is_a_deal()
    {
        var rule = new ActionRule { Name = "won", Type = "move_stage", Pipeline = "sales", Stage = "s9", MoveFrom = ["s1"], IsAutomatic = true };
        var playbook = A.Playbook("triage", Complaint.EventType, rule);

        var turn = Handle(Handle(A.Customer, A.Lead).State, Complaint, playbook);

        var deal = Assert.Single(turn.Effects.OfType<Effect.Enqueue>().Select(effect => effect.Command).OfType<CrmCommand.UpsertDeal>());
        Assert.Equal(("p1", "s9", A.DealId), (deal.Pipeline, deal.Stage, deal.Grain));
        Assert.Empty(Handle(A.Customer, Complaint, playbook).Effects);
    }

    [Fact]
    public void A_replay_asks_nobody_again_whatever_was_answered()
    {
        var playbook = A.Playbook("triage", Complaint.EventType, Mail);
        var turn = Handle(A.Customer, Complaint, playbook);
        var rejected = Answer(turn.State, Proposed(turn), Core.Actions.Answer.Rejected, playbook).State;

        foreach (var state in (CustomerState[])[turn.State, rejected])
        {
            var replayed = CustomerGrain.Handle(
                state, (Message.EventReceived)A.Received(Complaint) with { Replay = 7, IsRepeat = true }, Context(playbook) with { EventId = Complaint.EventId });
            Assert.Empty(replayed.Effects);
            Assert.Equal(Verdict.Skip, Assert.Single(replayed.Decision.Actions ?? []).Verdict);
        }
    }

    [Fact]
    public void Effects_are_named_by_the_playbook_and_the_action_alone()
    {
        var note = new ActionRule { Name = "note", Type = "add_note", Template = A.Text("Complaint") };
        var playbook = A.Playbook("triage", Complaint.EventType, note);
        var edited = A.Playbook("triage", Complaint.EventType, note with { Name = "before" }, note with { Template = A.Text("A complaint") });

        Assert.Equal(playbook.StepOf(playbook.Actions[0]), edited.StepOf(edited.Actions[1]));
        Assert.NotEqual(edited.StepOf(edited.Actions[0]), edited.StepOf(edited.Actions[1]));
        Assert.Contains(
            Handle(A.Customer, Complaint, playbook).Effects.OfType<Effect.Enqueue>(),
            effect => effect.Command is CrmCommand.WriteNote && effect.Step == playbook.StepOf(playbook.Actions[0]));
    }

    [Fact]
    public void An_unsure_match_lets_notes_through_and_asks_for_the_rest()
    {
        var rules = new[]
        {
            new ActionRule { Name = "note", Type = "add_note", Template = A.Text("Complaint") },
            new ActionRule { Name = "tell", Type = "notify", Channel = "team", IsAutomatic = true, Template = new MessageTemplate("t", null, A.Text("x", "A complaint").Text) },
        };
        var unsure = (Message.EventReceived)A.Received(Complaint) with { Match = new IdentityMatch("phone", 0.5, ["phone"]) };

        var turn = CustomerGrain.Handle(A.Customer, unsure, Context(A.Playbook("triage", Complaint.EventType, rules)));

        Assert.Equal([Verdict.Execute, Verdict.Review], (turn.Decision.Actions ?? []).Select(action => action.Verdict));
    }

    [Fact]
    public void The_business_tells_of_events_about_nobody_and_leaves_what_needs_a_customer()
    {
        var failed = Complaint with { EventType = "automation.failed", Contact = new ContactFacts(), SourceSystem = "make" };
        var rules = new[]
        {
            new ActionRule { Name = "tell", Type = "notify", Channel = "team", IsAutomatic = true, Template = new MessageTemplate("t", null, A.Text("x", "It failed").Text) },
            new ActionRule { Name = "recover", Type = "create_task", Template = A.Text("Recover") },
        };

        var turn = BusinessGrain.Handle(
            A.Customer, A.Received(failed), Context(A.Playbook("failed", failed.EventType, rules)) with { Grain = BusinessGrain.Of(failed) });

        Assert.Equal("acme/business/make", BusinessGrain.Of(failed).ToString());
        Assert.Equal([new CrmCommand.PostNotice("team", "It failed", "tell")], turn.Effects.OfType<Effect.Enqueue>().Select(effect => effect.Command));
        Assert.Equal([Verdict.Execute, Verdict.Skip], (turn.Decision.Actions ?? []).Select(action => action.Verdict));
    }

    private static Proposal Proposed(Turn<CustomerState> turn) =>
        Assert.Single(turn.Effects.OfType<Effect.OpenReview>()).Proposal ?? throw new InvalidOperationException("Nothing was proposed.");

    private static Turn<CustomerState> Handle(CustomerState state, ContractEvent received, PlaybookConfiguration? playbook = null, RiskPolicy? risk = null) =>
        CustomerGrain.Handle(state, A.Received(received), Context(playbook, risk) with { EventId = received.EventId });

    private static Turn<CustomerState> Answer(
        CustomerState state, Proposal proposal, Answer answer, PlaybookConfiguration playbook, CrmCommand? instead = null) => CustomerGrain.Handle(
        state, new Message.ReviewAnswered(A.Id(77), answer, proposal, ["ann"]) { Instead = instead }, Context(playbook) with { EventId = null });

    private static TurnContext Context(PlaybookConfiguration? playbook, RiskPolicy? risk = null) => A.Context with
    {
        Workspace = A.Workspace with { Playbooks = playbook is null ? [] : [playbook], Risk = risk ?? new RiskPolicy() },
    };
}
