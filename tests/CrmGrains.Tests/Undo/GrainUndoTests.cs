using CrmGrains.Core.Commands;
using CrmGrains.Core.Companies;
using CrmGrains.Core.Customers;
using CrmGrains.Core.Deals;
using CrmGrains.Core.Events;
using CrmGrains.Core.Fields;
using CrmGrains.Core.Grains;
using CrmGrains.Core.Undo;

namespace CrmGrains.Tests.Undo;

public sealed class GrainUndoTests
{
    private static readonly RecordImage Nothing = new() { IsThere = false };

    private static readonly RecordImage Something = new() { IsThere = true };

    private static readonly CustomerState Known = CustomerGrain.Handle(A.Customer, A.Received(A.Lead), A.Context).State with { ContactId = "17" };

    [Fact]
    public void Each_command_is_taken_back_in_the_order_told_in_the_lane_of_its_record()
    {
        var turn = Customer(Known, Undone("note", Nothing), Undone("contact", Nothing, "17"));

        Assert.Equal("undo", turn.Decision.Outcome);
        Assert.Equal(
            [(1, "note", (GrainId?)null), (2, "contact", A.CustomerId)],
            turn.Effects.Cast<Effect.Enqueue>().Select(effect => (effect.Step, effect.Command.Object, ((CrmCommand.Revert)effect.Command).Grain)));
    }

    [Fact]
    public void After_its_contact_is_gone_the_next_lead_writes_all_of_it_anew_and_links_it()
    {
        var without = Customer(Known, Undone("contact", Nothing, "17")).State;

        Assert.False(without.IsContactWanted);
        Assert.Null(without.ContactId);
        Assert.Equal(Known.Fields, without.Fields);
        Assert.Equal(
            ["search_then_upsert", "connect_contact_company", "write_source_event_and_diagnostic_summary"],
            Operations(CustomerGrain.Handle(without, A.Received(Next), A.Context)));
    }

    [Fact]
    public void After_fields_of_its_contact_were_restored_the_next_event_writes_it_whatever_changed_and_once()
    {
        var without = Customer(Known, Undone("contact", Something, "17")).State;
        var next = CustomerGrain.Handle(without, A.Received(A.Invoice), A.Context);

        Assert.Contains("search_then_upsert", Operations(next));
        Assert.DoesNotContain("search_then_upsert", Operations(CustomerGrain.Handle(next.State, A.Received(A.Invoice with { EventId = A.Id(9) }), A.Context)));
    }

    [Fact]
    public void A_task_and_a_link_of_which_there_is_one_are_made_again_when_they_are_called_for_again()
    {
        var served = CustomerGrain.Handle(Known, A.Received(A.Invoice), A.Context).State;
        var link = Undone("association", Nothing) with { LinkedTo = new RecordRef(CrmObject.Company, A.CompanyId) };
        var without = Customer(served, Undone("task", Nothing, "9") with { Task = "onboarding" }, link).State;

        Assert.Equal(["connect_contact_company", "create_onboarding"], Operations(
            CustomerGrain.Handle(without, A.Received(A.Invoice with { EventId = A.Id(9), Company = A.Lead.Company }), A.Context)));
    }

    [Fact]
    public void After_its_deal_is_gone_the_next_lead_makes_one_with_all_its_links()
    {
        var wanted = CustomerGrain.Handle(A.Customer, A.Received(A.Lead), A.Context).Effects.OfType<Effect.Send>().Select(send => send.Message).OfType<Message.DealWanted>().Single();
        var context = A.Context with { Grain = A.DealId };
        var known = DealGrain.Handle(new DealState(), wanted, context).State with { DealId = "3" };

        var without = DealGrain.Handle(known, Wanted(Undone("deal", Nothing, "3")), context).State;
        Assert.Equal((false, null, 0), (without.IsDealWanted, without.DealId, without.Companies.Count));
        Assert.Equal(
            ["search_then_create_or_update", "connect_deal_contact", "connect_deal_company"], Operations(DealGrain.Handle(without, wanted, context).Effects));

        var restored = DealGrain.Handle(known, Wanted(Undone("deal", Something, "3")), context).State;
        Assert.Contains("search_then_create_or_update", Operations(DealGrain.Handle(restored, wanted, context).Effects));
        Assert.Empty(DealGrain.Handle(DealGrain.Handle(restored, wanted, context).State, wanted, context).Effects);
    }

    [Fact]
    public void After_its_company_is_gone_or_restored_the_next_word_of_it_writes_it_anew()
    {
        var context = A.Context with { Grain = A.CompanyId };
        var seen = new Message.PersonSeen(A.CustomerId, new CompanyFacts { Name = "Example", Domain = "example.com" }, A.Mark(0));
        var known = CompanyGrain.Handle(new CompanyState(), seen, context).State with { CompanyId = "2" };

        foreach (var before in (RecordImage[])[Nothing, Something])
        {
            var without = CompanyGrain.Handle(known, Wanted(Undone("company", before, "2")), context).State;
            var next = CompanyGrain.Handle(without, seen, context);
            Assert.Equal(["search_then_upsert"], Operations(next.Effects));
            Assert.Empty(CompanyGrain.Handle(next.State, seen, context).Effects);
        }
    }

    [Fact]
    public void A_person_is_told_of_what_was_changed_since()
    {
        var result = new CommandResult { EffectKey = "k", Object = "contact", Outcome = CommandOutcome.ManualReview, Error = CrmCommand.Revert.ChangedSince, Attempts = 1 };

        var review = Assert.IsType<Effect.OpenReview>(Assert.Single(
            CustomerGrain.Handle(Known, new Message.CommandCompleted(result), A.Context).Effects));
        Assert.Equal(("command/k", "changed_since"), (review.Key, review.Reason));
    }

    private static ContractEvent Next => A.Lead with { EventId = A.Id(8), OccurredAt = A.Noon.AddHours(2) };

    private static Turn<CustomerState> Customer(CustomerState state, params UndoneCommand[] commands) => CustomerGrain.Handle(state, Wanted(commands), A.Context);

    private static Message.UndoWanted Wanted(params UndoneCommand[] commands) => new(A.Id(5), commands, "somebody");

    private static UndoneCommand Undone(string crmObject, RecordImage before, string? id = null) =>
        new() { Id = 1, EffectKey = "k", Object = crmObject, CrmId = id, Before = before, After = Something };

    private static IEnumerable<string> Operations(Turn<CustomerState> turn) => Operations(turn.Effects);

    private static IEnumerable<string> Operations(IReadOnlyList<Effect> effects) => effects.OfType<Effect.Enqueue>().Select(effect => effect.Command.Operation);
}
