using System.Diagnostics;
using CrmGrains.Core.Commands;
using CrmGrains.Core.Customers;
using CrmGrains.Core.Decisions;
using CrmGrains.Core.Events;
using CrmGrains.Core.Fields;
using CrmGrains.Core.Grains;

namespace CrmGrains.Tests.Customers;

public sealed class CustomerGrainTests
{
    [Fact]
    public void A_lead_asks_for_contact_company_deal_association_and_note_in_this_order()
    {
        var turn = Handle(A.Customer, A.Lead);

        Assert.Equal("route", turn.Decision.Outcome);
        Assert.Equal(
            [
                new(1, "contact", "search_then_upsert", true),
                new(2, "company", "search_then_upsert", false),
                new(3, "deal", "search_then_create_or_update", true),
                new(4, "association", "connect_contact_company_deal", true),
                new(5, "note", "write_source_event_and_diagnostic_summary", true),
            ],
            turn.Decision.Plan);
        Assert.Equal(
            [(1, "search_then_upsert"), (4, "connect_contact_company"), (5, "write_source_event_and_diagnostic_summary")],
            turn.Effects.OfType<Effect.Enqueue>().Select(effect => (effect.Step, effect.Command.Operation)));
        Assert.Equal([A.CompanyId, A.DealId], turn.Effects.OfType<Effect.Send>().Select(send => send.To));
    }

    [Fact]
    public void The_contact_is_written_with_everything_that_is_known_by_contract_name()
    {
        var contact = Assert.Single(Commands<CrmCommand.UpsertContact>(Handle(A.Customer, A.Lead)));

        Assert.Equal(["ann@example.com"], contact.Email);
        Assert.Equal(new FieldValue.Text("Ann Example"), contact.Fields["full_name"]);
        Assert.Equal(new FieldValue.Flag(true), contact.Fields["consent_to_contact"]);
        Assert.Equal(new FieldValue.Many(["zapier", "hubspot"]), contact.Fields["detected_stack"]);
        Assert.Equal(new FieldValue.Number(70), contact.Fields["lead_score"]);
        Assert.All(contact.Fields.Keys, name => Assert.Contains(name, CustomerFields.OfContact));
    }

    [Fact]
    public void The_company_is_told_of_the_person_and_the_deal_of_the_lead()
    {
        var sent = Handle(A.Customer, A.Lead).Effects.OfType<Effect.Send>().Select(send => send.Message).ToList();

        Assert.Equal(new Message.PersonSeen(A.CustomerId, new CompanyFacts { Name = "Example", Domain = "example.com" }, A.Mark(0)), sent[0]);
        var wanted = Assert.IsType<Message.DealWanted>(sent[1]);
        Assert.Equal((A.CustomerId, A.CompanyId, "sales", "closer"), (wanted.Customer, wanted.Company, wanted.Pipeline, wanted.OwnerRole));
        Assert.Equal(new Field(new FieldValue.Text("high"), A.Mark(0)), wanted.Fields["urgency"]);
    }

    [Fact]
    public void A_repeated_lead_asks_for_its_note_only()
    {
        var known = Handle(A.Customer, A.Lead).State;

        var turn = Handle(known, A.Lead with { EventId = A.Id(7), OccurredAt = A.Noon.AddDays(1), CorrelationId = "k1" });

        Assert.Equal(["note"], turn.Effects.OfType<Effect.Enqueue>().Select(effect => effect.Command.Object));
        // The company hears it too: this word is newer than what others may have said of its name.
        Assert.Equal(["person_seen", "deal_wanted"], turn.Effects.OfType<Effect.Send>().Select(send => send.Message.Name));
        Assert.Empty(turn.Decision.Changed ?? ["none"]);
    }

    [Fact]
    public void A_lead_that_no_rule_routes_is_a_question_and_nothing_is_written()
    {
        var turn = Handle(A.Customer, A.Lead with { LeadContext = new LeadFacts { PainSummary = "spam" } });

        Assert.Equal("review", turn.Decision.Outcome);
        Assert.Equal(false, turn.Decision.Validation?.RoutingTierValid);
        Assert.Equal("routing_tier_invalid", Assert.IsType<Effect.OpenReview>(Assert.Single(turn.Effects)).Reason);
        Assert.Equal(A.Customer with { Events = 1 }, turn.State);
    }

    [Fact]
    public void A_lead_without_an_address_is_a_question_and_what_it_said_is_kept()
    {
        var turn = Handle(A.Customer, A.Lead with { Contact = new ContactFacts { Phone = "+15550100" } });

        Assert.Equal("review", turn.Decision.Outcome);
        Assert.Equal("email_missing", Assert.IsType<Effect.OpenReview>(Assert.Single(turn.Effects)).Reason);
        Assert.Equal("+15550100", turn.State.Fields.Text("phone"));
    }

    [Fact]
    public void A_paid_invoice_calls_for_one_onboarding_task_a_customer_ever()
    {
        var first = Handle(A.Customer, A.Invoice with { Contact = A.Lead.Contact });
        var second = Handle(first.State, A.Invoice with { EventId = A.Id(3), Invoice = A.Invoice.Invoice is { } i ? i with { Id = "in_2" } : null });

        var task = Assert.Single(Commands<CrmCommand.CreateTask>(first));
        Assert.Equal(("onboarding", "Welcome Ann Example", "closer@acme.example"), (task.Name, task.Subject, task.OwnerEmail));
        Assert.Empty(Commands<CrmCommand.CreateTask>(second));
        Assert.Equal(["onboarding"], second.State.Tasks);
    }

    [Fact]
    public void A_failed_payment_calls_for_a_task_each_time()
    {
        var failed = A.Invoice with { EventType = EventType.PaymentFailed };
        var first = Handle(A.Customer, failed);
        var second = Handle(first.State, failed with { EventId = A.Id(3) });

        Assert.Equal("Call about A-1, 99.50 EUR", Assert.Single(Commands<CrmCommand.CreateTask>(second)).Subject);
        Assert.Empty(second.State.Tasks);
    }

    [Fact]
    public void An_event_that_comes_late_sets_nothing_back_and_its_word_is_noted_as_stale()
    {
        var known = Handle(A.Customer, A.Lead).State;
        var late = A.Lead with { EventId = A.Id(9), OccurredAt = A.Noon.AddDays(-1), Contact = A.Lead.Contact with { FullName = "Old Name", Phone = "+15550100" } };

        var turn = Handle(known, late);

        Assert.Equal("Ann Example", turn.State.Fields.Text("full_name"));
        Assert.Equal(["phone"], turn.Decision.Changed);
        Assert.Contains("full_name", turn.Decision.Stale ?? []);
    }

    [Fact]
    public void The_contact_keeps_its_id_of_the_CRM_and_a_refusal_is_a_question()
    {
        var result = new CommandResult { EffectKey = "k", Object = CrmObject.Contact, Outcome = CommandOutcome.Succeeded, Action = "created", CrmId = "7" };

        Assert.Equal("7", CustomerGrain.Handle(A.Customer, new Message.CommandCompleted(result), A.Context).State.ContactId);
        var refused = CustomerGrain.Handle(
            A.Customer, new Message.CommandCompleted(result with { Outcome = CommandOutcome.ManualReview, CrmId = null, Error = "invalid_enum" }), A.Context);
        Assert.Equal("invalid_enum", Assert.IsType<Effect.OpenReview>(Assert.Single(refused.Effects)).Reason);
    }

    [Fact]
    public void A_message_that_a_customer_has_no_turn_for_throws() => Assert.Throws<UnreachableException>(
        () => CustomerGrain.Handle(A.Customer, new Message.OwnerChosen("closer", null), A.Context));

    private static Turn<CustomerState> Handle(CustomerState state, ContractEvent received) =>
        CustomerGrain.Handle(state, A.Received(received), A.Context with { EventId = received.EventId });

    private static IEnumerable<T> Commands<T>(Turn<CustomerState> turn)
        where T : CrmCommand => turn.Effects.OfType<Effect.Enqueue>().Select(effect => effect.Command).OfType<T>();
}
