using CrmGrains.Core.Events;
using CrmGrains.Core.Grains;
using FsCheck;
using FsCheck.Fluent;

namespace CrmGrains.Tests.Customers;

public sealed class ConvergenceTests
{
    private static readonly GrainId Ann = A.CustomerId;
    private static readonly GrainId Bob = GrainId.Of("acme", GrainKind.Customer, "c2");

    private static readonly string[] Types =
        [EventType.LeadSubmitted, EventType.InvoicePaid, EventType.PaymentFailed, "call.ended", "complaint.received", "crm.record.changed", "custom.seen"];

    private static readonly Arbitrary<int[]> Events = Gen.Choose(0, 419).ArrayOf().ToArbitrary();

    [Fact]
    public void Customers_companies_and_deals_know_and_do_the_same_whatever_order_events_come_in() => Prop.ForAll(Events, Seed, (numbers, seed) =>
    {
        var inOrder = Told(numbers.Distinct());
        var shuffled = Told(Shuffled(numbers.Distinct(), seed));
        return Same(inOrder.Knowledge, shuffled.Knowledge) && Same(inOrder.Effects, shuffled.Effects);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Events_that_come_again_change_nothing() => Prop.ForAll(Events, Seed, (numbers, seed) =>
    {
        var once = Told(numbers.Distinct());
        var again = Told(numbers.Distinct().Concat(Shuffled(numbers, seed)));
        return Same(once.Knowledge, again.Knowledge) && Same(once.Effects, again.Effects);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_survivor_knows_the_same_whenever_the_merge_comes() => Prop.ForAll(Events, Seed, (numbers, seed) =>
    {
        var all = numbers.Distinct().ToList();
        var before = Merged(Told(all)).Customer(Ann);
        var order = Shuffled(all, seed).ToList();
        var cut = order.Count == 0 ? 0 : Math.Abs(seed % order.Count);
        var between = Told(order.Skip(cut), Merged(Told(order.Take(cut)))).Customer(Ann);
        return Same(SmallWorld.Marked(before.Fields), SmallWorld.Marked(between.Fields)) && Same(SmallWorld.Text(before), SmallWorld.Text(between));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Undoing_a_merge_leaves_each_with_what_was_its_own_and_the_survivor_with_what_came_since() => Prop.ForAll(Events, Seed, (numbers, seed) =>
    {
        var order = Shuffled(numbers.Distinct(), seed).ToList();
        var cut = order.Count == 0 ? 0 : Math.Abs(seed % order.Count);
        var world = Told(order.Skip(cut), Merged(Told(order.Take(cut)))).Tell(Bob, new Message.MergeUndone(A.Id(9000)), null);

        var alone = Told(order.Take(cut));
        foreach (var number in order.Skip(cut))
            alone.Tell(Ann, A.Received(Event(number)), A.Id(number));
        return Same(SmallWorld.Marked(alone.Customer(Ann).Fields), SmallWorld.Marked(world.Customer(Ann).Fields))
            && Same(SmallWorld.Marked(alone.Customer(Bob).Fields), SmallWorld.Marked(world.Customer(Bob).Fields))
            && alone.Customer(Ann).Emails.SequenceEqual(world.Customer(Ann).Emails)
            && world.Customer(Bob).MergedInto is null && world.Customer(Ann).Own is null;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_deal_takes_the_newer_of_two_words_although_a_lead_in_between_said_nothing()
    {
        var world = new SmallWorld();
        foreach (var (minute, budget) in new (int Minute, string? Budget)[] { (0, "10k"), (2, null), (1, "20k") })
        {
            var lead = A.Lead with { EventId = A.Id(minute), OccurredAt = A.Noon.AddMinutes(minute), LeadContext = new LeadFacts { BudgetRange = budget } };
            world.Tell(Ann, A.Received(lead), lead.EventId);
        }

        Assert.Contains("budget_range=20k", world.Effects, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_newer_word_kept_an_event_from_saying_is_in_the_decision_and_a_repeated_event_is_recognized()
    {
        var newer = Core.Customers.CustomerGrain.Handle(A.Customer, A.Received(A.Lead with { OccurredAt = A.Noon.AddDays(1), EventId = A.Id(5) }), A.Context);

        var older = Core.Customers.CustomerGrain.Handle(newer.State, A.Received(A.Lead with { Contact = new ContactFacts { Phone = "+15550100" } }), A.Context);
        var repeated = Core.Customers.CustomerGrain.Handle(older.State, A.Received(A.Lead with { OccurredAt = A.Noon.AddDays(1), EventId = A.Id(5) }), A.Context);

        Assert.Contains("company_name", older.Decision.Stale ?? []);
        Assert.Equal(["phone"], older.Decision.Changed);
        Assert.Null(older.Decision.Repeated);
        Assert.True(repeated.Decision.Repeated);
        Assert.Empty(repeated.Decision.Changed ?? ["none"]);
        Assert.Equal(older.State.Events, repeated.State.Events);
    }

    private static Arbitrary<int> Seed => ArbMap.Default.ArbFor<int>();

    private static SmallWorld Told(IEnumerable<int> numbers, SmallWorld? world = null)
    {
        world ??= new SmallWorld();
        foreach (var number in numbers)
            world.Tell(number % 2 == 0 ? Ann : Bob, A.Received(Event(number)), A.Id(number));
        return world;
    }

    private static SmallWorld Merged(SmallWorld world) => world.Tell(Bob, new Message.CustomerMerged(A.Id(9000), Ann, "person"), null);

    private static IEnumerable<int> Shuffled(IEnumerable<int> numbers, int seed) => numbers.OrderBy(number => HashCode.Combine(number, seed)).ThenBy(number => number);

    private static bool Same(string one, string other)
    {
        Assert.Equal(one, other);
        return true;
    }

    // Of all types; each with some of the facts that there are. Only a lead needs an address.
    private static ContractEvent Event(int number)
    {
        var isLead = Types[number % 7] == EventType.LeadSubmitted;
        var bits = (int)(((uint)number * 2654435761u) >> 16);
        bool Has(int bit) => (bits >> bit & 1) == 1;
        return A.Lead with
        {
            EventId = A.Id(number),
            EventType = Types[number % 7],
            OccurredAt = A.Noon.AddMinutes(bits % 7),
            SourceRank = bits % 2,
            Contact = new ContactFacts
            {
                Email = isLead || Has(1) ? $"ann{bits % 3}@example.com" : null,
                SecondaryEmails = Has(2) && Has(3) ? [$"other{bits % 4}@example.com"] : null,
                Phone = Has(4) ? $"+1555010{bits % 10}" : null,
                FullName = Has(5) ? $"Ann {number}" : null,
            },
            Company = Has(6) ? new CompanyFacts { Domain = $"example{bits % 3}.com", Name = Has(7) ? $"Example {bits % 5}" : null } : null,
            LeadContext = isLead ? new LeadFacts { Urgency = Has(8) ? "high" : null, BudgetRange = Has(9) ? $"{number}k" : null } : null,
            Invoice = number % 7 is 1 or 2 ? A.Invoice.Invoice is { } invoice ? invoice with { Id = $"in_{number}" } : null : null,
            ConsentToContact = Has(10) ? Has(11) : null,
        };
    }
}
