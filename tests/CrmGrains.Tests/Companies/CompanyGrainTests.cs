using CrmGrains.Core.Commands;
using CrmGrains.Core.Companies;
using CrmGrains.Core.Events;
using CrmGrains.Core.Fields;
using CrmGrains.Core.Grains;

namespace CrmGrains.Tests.Companies;

public sealed class CompanyGrainTests
{
    private static readonly Message.PersonSeen Seen = new(A.CustomerId, new CompanyFacts { Name = "Example", Domain = "www.example.io" }, A.Mark(1));

    [Fact]
    public void The_first_person_has_the_company_written_by_its_own_domain_and_its_aliases()
    {
        var turn = Handle(new CompanyState(), Seen);

        var enqueue = Assert.IsType<Effect.Enqueue>(Assert.Single(turn.Effects));
        var command = Assert.IsType<CrmCommand.UpsertCompany>(enqueue.Command);
        Assert.Equal(2, enqueue.Step);
        Assert.Equal(["example.com", "example.io"], command.Domains);
        Assert.Equal(new FieldValue.Text("Example"), command.Fields["company_name"]);
        Assert.Equal(new FieldValue.Text("example.com"), command.Fields["company_domain"]);
        Assert.Equal("create", turn.Decision.Outcome);
    }

    [Fact]
    public void Another_person_who_says_nothing_new_asks_for_nothing()
    {
        var turn = Handle(Handle(new CompanyState(), Seen).State, Seen with { Mark = A.Mark(2) });

        Assert.Empty(turn.Effects);
        Assert.Equal(2, turn.State.Seen);
    }

    [Fact]
    public void A_newer_name_is_written_and_an_older_one_is_stale()
    {
        var known = Handle(new CompanyState(), Seen).State;

        var newer = Handle(known, Seen with { Company = new CompanyFacts { Name = "Newer" }, Mark = A.Mark(2) });
        var older = Handle(known, Seen with { Company = new CompanyFacts { Name = "Older" }, Mark = A.Mark(0) });

        Assert.Single(newer.Effects);
        Assert.Empty(older.Effects);
        Assert.Contains("company_name", older.Decision.Stale ?? []);
    }

    [Fact]
    public void The_company_keeps_its_id_of_the_CRM()
    {
        var result = new CommandResult { EffectKey = "k", Object = CrmObject.Company, Outcome = CommandOutcome.Succeeded, CrmId = "9" };

        Assert.Equal("9", Handle(new CompanyState(), new Message.CommandCompleted(result)).State.CompanyId);
    }

    private static Turn<CompanyState> Handle(CompanyState state, Message message) =>
        CompanyGrain.Handle(state, message, A.Context with { Grain = A.CompanyId });
}
