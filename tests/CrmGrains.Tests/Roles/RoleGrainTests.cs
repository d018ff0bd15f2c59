using CrmGrains.Core.Configuration;
using CrmGrains.Core.Grains;
using CrmGrains.Core.Roles;
using CrmGrains.Tests.Configuration;
using FsCheck;
using FsCheck.Fluent;

namespace CrmGrains.Tests.Roles;

public sealed class RoleGrainTests
{
    private static readonly GrainId Role = GrainId.Of("demo", GrainKind.Role, "closer");
    private static readonly DateTimeOffset Monday = new(2026, 11, 23, 10, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Who_has_it_already_keeps_it()
    {
        var turn = Handle(new RoleState(), [P("a"), P("b")], new Message.OwnerWanted(Deal(1), "b@x.test"));

        Assert.Equal("b@x.test", Answer(turn));
    }

    [Fact]
    public void Whoever_works_now_goes_before_others_and_without_any_the_others_get_it()
    {
        var (early, late) = (P("early") with { From = 6, To = 12 }, P("late") with { From = 12, To = 20 });

        Assert.Equal("early@x.test", RoleGrain.Choose(new RoleState(), [late, early], Monday));
        Assert.Equal("late@x.test", RoleGrain.Choose(new RoleState(), [late, early], Monday.AddHours(4)));
        Assert.NotNull(RoleGrain.Choose(new RoleState(), [late, early], Monday.AddHours(12)));
    }

    [Fact]
    public void An_absence_is_of_days_where_the_person_is()
    {
        var person = P("a") with { TimeZone = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin"), Absent = [(new(2026, 11, 24), new(2026, 11, 24))] };

        Assert.NotNull(RoleGrain.Choose(new RoleState(), [person], Monday.AddHours(12.5)));
        Assert.Null(RoleGrain.Choose(new RoleState(), [person], Monday.AddHours(13.5)));
    }

    [Fact]
    public void Nobody_eligible_is_a_review_and_is_looked_at_again_until_somebody_may()
    {
        RolePerson[] full = [P("a") with { Capacity = 1, Per = TimeSpan.FromHours(1) }];
        var first = Handle(new RoleState(), full, new Message.OwnerWanted(Deal(1), null));
        var second = Handle(first.State, full, new Message.OwnerWanted(Deal(2), null));
        var tooSoon = Handle(second.State, full, new Message.TimerFired("waiting", Monday), Monday.AddMinutes(15));
        var later = Handle(tooSoon.State, full, new Message.TimerFired("waiting", Monday), Monday.AddHours(2));

        Assert.Null(Answer(second));
        Assert.Equal("no_owner_eligible", Assert.Single(second.Effects.OfType<Effect.OpenReview>()).Reason);
        Assert.Single(tooSoon.Effects.OfType<Effect.SetTimer>());
        Assert.Equal((Deal(2), "a@x.test"), (Assert.Single(later.Effects.OfType<Effect.Send>()).To, Answer(later)));
        Assert.Single(later.Effects.OfType<Effect.CloseReview>());
    }

    [Fact]
    public void Whom_the_crm_refuses_is_never_chosen_again_until_named_anew()
    {
        RolePerson[] people = [P("a"), P("b")];
        var turn = Handle(new RoleState(), people, new Message.OwnerRefused(Deal(1), "a@x.test"));

        Assert.Equal("b@x.test", Answer(turn));
        Assert.Equal("b@x.test", Answer(Handle(turn.State, people, new Message.OwnerWanted(Deal(2), "a@x.test"))));
        var without = Handle(turn.State, [people[1]], new Message.OwnerWanted(Deal(3), null)).State;
        Assert.Equal("a@x.test", Answer(Handle(without, people, new Message.OwnerWanted(Deal(4), "a@x.test"))));
    }

    [Fact]
    public void Loads_keep_to_capacities_absent_and_refused_people_get_nothing_and_everything_that_fits_is_given() =>
        Prop.ForAll<PositiveInt[], bool[], PositiveInt>((capacities, absences, wanted) =>
        {
            var people = capacities.Take(6).Select((capacity, index) => P($"p{index}") with
            {
                Capacity = 1 + (capacity.Get % 5),
                Absent = index < absences.Length && absences[index] ? [(new(2026, 11, 1), new(2026, 11, 30))] : [],
            }).ToList();
            var state = people.Count == 0 ? new RoleState() : Handle(new RoleState(), people, new Message.OwnerRefused(Deal(0), people[0].Email)).State;
            foreach (var number in Enumerable.Range(1, wanted.Get % 40))
                state = Handle(state, people, new Message.OwnerWanted(Deal(number), null)).State;

            int LoadOf(RolePerson person) => state.Given.GetValueOrDefault(person.Email)?.Count ?? 0;
            var may = people.Skip(1).Where(person => person.Absent.Count == 0).ToList();
            var asked = (wanted.Get % 40) + (people.Count == 0 ? 0 : 1);
            return people.All(person => LoadOf(person) <= person.Capacity)
                && people.Except(may).All(person => LoadOf(person) == 0)
                && people.Sum(LoadOf) == Math.Min(asked, may.Sum(person => person.Capacity))
                && state.Waiting.Count == asked - people.Sum(LoadOf);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void People_of_equal_capacity_differ_by_one_at_most() => Prop.ForAll<PositiveInt, PositiveInt>((count, wanted) =>
    {
        var people = Enumerable.Range(0, 1 + (count.Get % 7)).Select(index => P($"p{index}")).ToList();
        var state = Enumerable.Range(0, wanted.Get % 50).Aggregate(
            new RoleState(), (before, number) => Handle(before, people, new Message.OwnerWanted(Deal(number), null)).State);
        var loads = people.ConvertAll(person => state.Given.GetValueOrDefault(person.Email)?.Count ?? 0);
        return loads.Max() - loads.Min() <= 1;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_file_names_the_people_who_share_a_role()
    {
        var demo = Demo.Valid(Demo.With(
            "  account_manager: account.manager@crmgrains.test\n",
            "  account_manager: {people: [{email: A@x.test, capacity: 5, per: 1d, hours: \"09:00-17:00\", days: mon-fri, time_zone: Europe/Berlin, absent: [2026-12-24..2027-01-02]}, {email: b@x.test}]}\n"));

        var people = demo.Roles["account_manager"];
        Assert.Equal(["a@x.test", "b@x.test"], people.Select(person => person.Email));
        Assert.Equal((5, TimeSpan.FromDays(1), 9, 17), (people[0].Capacity, people[0].Per, people[0].From, people[0].To));
        Assert.Equal([(new DateOnly(2026, 12, 24), new DateOnly(2027, 1, 2))], people[0].Absent);
        Assert.DoesNotContain("account_manager", demo.Owners.Keys);
    }

    private static RolePerson P(string name) => new() { Email = $"{name}@x.test" };

    private static GrainId Deal(int number) => GrainId.Of("demo", GrainKind.Deal, $"c{number}/sales");

    private static string? Answer(Turn<RoleState> turn) => Assert.IsType<Message.OwnerChosen>(turn.Effects.OfType<Effect.Send>().Single().Message).Email;

    private static Turn<RoleState> Handle(RoleState state, IReadOnlyList<RolePerson> people, Message message, DateTimeOffset? now = null) =>
        RoleGrain.Handle(state, message, new TurnContext(
            Role, null, now ?? Monday,
            new WorkspaceConfiguration { Name = "demo", Hash = "h", Roles = new Dictionary<string, IReadOnlyList<RolePerson>> { ["closer"] = people } }));
}
