using CrmGrains.Core.Commands;
using CrmGrains.Core.Configuration;
using CrmGrains.Core.Deals;
using CrmGrains.Core.Fields;
using CrmGrains.Core.Grains;

namespace CrmGrains.Tests.Deals;

/// <summary>Deals whose role several people share.</summary>
public sealed class SharedOwnerTests
{
    private static readonly Message.DealWanted Wanted = new(
        A.CustomerId, A.CompanyId, "sales", "closer",
        new Dictionary<string, Field> { ["company_name"] = new(new FieldValue.Text("Example"), A.Mark(0)) }, A.Mark(0));

    [Fact]
    public void The_deal_is_written_once_with_its_owner_when_the_role_has_answered()
    {
        var asked = Handle(new DealState(), Wanted);
        var again = Handle(asked.State, Wanted);
        var chosen = Handle(again.State, new Message.OwnerChosen("closer", "a@x.test"));
        var repeated = Handle(chosen.State, Wanted);

        var sent = Assert.IsType<Effect.Send>(Assert.Single(asked.Effects));
        Assert.Equal((GrainId.Of(A.CustomerId.Workspace, GrainKind.Role, "closer"), "owner_wanted"), (sent.To, sent.Message.Name));
        Assert.Empty(again.Effects);
        Assert.Equal("a@x.test", Assert.Single(Upserts(chosen)).OwnerEmail);
        Assert.Equal(2, chosen.Effects.OfType<Effect.Enqueue>().Count(effect => effect.Command is CrmCommand.Associate));
        Assert.Empty(repeated.Effects);
    }

    [Fact]
    public void Where_nobody_may_have_it_the_deal_is_written_and_gets_its_owner_later()
    {
        var nobody = Handle(Handle(new DealState(), Wanted).State, new Message.OwnerChosen("closer", null));
        var later = Handle(nobody.State, new Message.OwnerChosen("closer", "a@x.test"));

        Assert.Null(Assert.Single(Upserts(nobody)).OwnerEmail);
        Assert.Equal("a@x.test", Assert.Single(Upserts(later)).OwnerEmail);
        Assert.Single(later.Effects);
    }

    [Fact]
    public void An_owner_whom_the_crm_refuses_is_told_to_the_role_which_names_another()
    {
        var written = Handle(Handle(new DealState(), Wanted).State, new Message.OwnerChosen("closer", "a@x.test")).State;
        var refused = Handle(written, new Message.CommandCompleted(new CommandResult
        {
            EffectKey = "k", Object = CrmObject.Deal, Outcome = CommandOutcome.Succeeded, Action = "created", CrmId = "7", OwnerStatus = "inactive",
        }));
        var next = Handle(refused.State, new Message.OwnerChosen("closer", "b@x.test"));

        Assert.Equal(new Message.OwnerRefused(A.DealId, "a@x.test"), Assert.IsType<Effect.Send>(Assert.Single(refused.Effects)).Message);
        Assert.Equal("7", refused.State.DealId);
        Assert.Equal("b@x.test", Assert.Single(Upserts(next)).OwnerEmail);
    }

    private static IEnumerable<CrmCommand.UpsertDeal> Upserts(Turn<DealState> turn) =>
        turn.Effects.OfType<Effect.Enqueue>().Select(effect => effect.Command).OfType<CrmCommand.UpsertDeal>();

    private static Turn<DealState> Handle(DealState state, Message message)
    {
        var context = A.Context with { Grain = A.DealId };
        return DealGrain.Handle(state, message, context with
        {
            Workspace = context.Workspace with { Roles = new Dictionary<string, IReadOnlyList<RolePerson>> { ["closer"] = [new() { Email = "a@x.test" }] } },
        });
    }
}
