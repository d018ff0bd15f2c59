using CrmGrains.Core.Commands;
using CrmGrains.Core.Deals;
using CrmGrains.Core.Fields;
using CrmGrains.Core.Grains;

namespace CrmGrains.Tests.Deals;

public sealed class DealGrainTests
{
    private static readonly Message.DealWanted Wanted = new(
        A.CustomerId, A.CompanyId, "sales", "closer",
        new Dictionary<string, Field>
        {
            ["urgency"] = new(new FieldValue.Text("high"), A.Mark(0)),
            ["full_name"] = new(new FieldValue.Text("Ann"), A.Mark(0)),
            ["company_name"] = new(new FieldValue.Text("Example"), A.Mark(0)),
        },
        A.Mark(0));

    [Fact]
    public void The_first_lead_has_the_deal_written_and_linked_to_contact_and_company()
    {
        var turn = Handle(new DealState(), Wanted);

        Assert.Equal(
            [(3, "search_then_create_or_update"), (4, "connect_deal_contact"), (4, "connect_deal_company")],
            turn.Effects.Cast<Effect.Enqueue>().Select(effect => (effect.Step, effect.Command.Operation)));
        var deal = Upsert(turn);
        Assert.Equal(("p1", "s1", "closer@acme.example"), (deal.Pipeline, deal.Stage, deal.OwnerEmail));
        Assert.Equal(["deal_name", "urgency"], deal.Fields.Keys.Order());
        Assert.False(deal.Company?.Required);
    }

    [Fact]
    public void A_deal_is_named_after_the_company_else_the_person_else_the_address()
    {
        Assert.Equal(new FieldValue.Text("Example"), Upsert(Handle(new DealState(), Wanted)).Fields["deal_name"]);
        var nameless = Wanted with { Fields = Wanted.Fields.Where(field => field.Key != "company_name").ToDictionary() };
        Assert.Equal(new FieldValue.Text("Ann"), Upsert(Handle(new DealState(), nameless)).Fields["deal_name"]);
    }

    [Fact]
    public void A_lead_that_says_nothing_new_asks_for_nothing()
    {
        var turn = Handle(Handle(new DealState(), Wanted).State, Wanted);

        Assert.Empty(turn.Effects);
        Assert.Equal("update", turn.Decision.Outcome);
    }

    [Fact]
    public void A_pipeline_that_is_gone_is_a_question()
    {
        var turn = Handle(new DealState(), Wanted with { Pipeline = "gone" });

        Assert.Equal("missing_pipeline", Assert.IsType<Effect.OpenReview>(Assert.Single(turn.Effects)).Reason);
        Assert.False(turn.State.IsDealWanted);
    }

    [Theory]
    [InlineData("inactive")]
    [InlineData("missing")]
    public void A_deal_that_was_written_without_its_owner_is_a_question(string status)
    {
        var result = new CommandResult { EffectKey = "k", Object = CrmObject.Deal, Outcome = CommandOutcome.Succeeded, CrmId = "5", OwnerStatus = status };

        var turn = Handle(new DealState(), new Message.CommandCompleted(result));

        Assert.Equal("5", turn.State.DealId);
        var review = Assert.IsType<Effect.OpenReview>(Assert.Single(turn.Effects));
        Assert.Equal(("owner/k", "inactive_owner"), (review.Key, review.Reason));
    }

    private static CrmCommand.UpsertDeal Upsert(Turn<DealState> turn) =>
        Assert.Single(turn.Effects.OfType<Effect.Enqueue>().Select(effect => effect.Command).OfType<CrmCommand.UpsertDeal>());

    private static Turn<DealState> Handle(DealState state, Message message) => DealGrain.Handle(state, message, A.Context with { Grain = A.DealId });
}
