using CrmGrains.Core.Commands;
using CrmGrains.Core.Configuration;
using CrmGrains.Core.Customers;
using CrmGrains.Core.Events;
using CrmGrains.Core.Grains;
using CrmGrains.Core.Sequences;
using FsCheck;
using FsCheck.Fluent;

namespace CrmGrains.Tests.Sequences;

public sealed class CustomerSequencesTests
{
    private const string Timer = "sequence/dunning/in_1";

    private static readonly WorkspaceConfiguration Workspace = A.Workspace with
    {
        Playbooks = [A.Playbook("failed", EventType.PaymentFailed) with { Sequence = "dunning" }],
        Sequences = new Dictionary<string, SequenceConfiguration> { ["dunning"] = Dunning },
    };

    private static SequenceConfiguration Dunning => new()
    {
        Name = "dunning",
        OneFor = "invoice.id",
        StopOn = ["subscription.canceled"],
        StopOnSame = [EventType.InvoicePaid],
        MaxPerWeek = 2,
        Steps = [Step(1, "look"), Step(3, "call"), Step(7, "decide")],
    };

    private static readonly ContractEvent Failed = A.Invoice with { EventId = A.Id(5), EventType = EventType.PaymentFailed, OccurredAt = A.Noon };

    private static readonly ContractEvent Paid = A.Invoice with { EventId = A.Id(6), OccurredAt = A.Noon.AddDays(2) };

    [Fact]
    public void Its_steps_follow_each_other_at_their_times_and_then_it_ends()
    {
        var (state, began) = Run(new CustomerState(), Failed, A.Noon);
        Assert.Equal(A.Noon.AddDays(1), Assert.Single(began.OfType<Effect.SetTimer>()).DueAt);

        (state, var first) = Fire(state, A.Noon.AddDays(1));
        Assert.Equal("look", Assert.Single(Tasks(first)).Name);
        Assert.Equal(A.Noon.AddDays(3), Assert.Single(first.OfType<Effect.SetTimer>()).DueAt);

        (state, var second) = Fire(state, A.Noon.AddDays(3));
        Assert.Equal("call", Assert.Single(Tasks(second)).Name);
        (state, var third) = Fire(state, A.Noon.AddDays(7));
        Assert.Equal("decide", Assert.Single(Tasks(third)).Name);
        Assert.Empty(third.OfType<Effect.SetTimer>());
        Assert.Null(state.Sequences);
    }

    [Fact]
    public void Paying_stops_the_one_about_the_invoice_that_was_paid_and_no_other()
    {
        var (state, _) = Run(new CustomerState(), Failed, A.Noon);
        (state, _) = Run(state, OfInvoice(Failed with { EventId = A.Id(7) }, "in_2"), A.Noon);

        (state, var effects) = Run(state, Paid, A.Noon.AddDays(2));

        Assert.Equal([Timer], effects.OfType<Effect.CancelTimer>().Select(canceled => canceled.Timer));
        Assert.Equal(["dunning/in_2"], state.Sequences?.Keys ?? []);
    }

    [Fact]
    public void What_happened_before_its_end_does_not_begin_it_when_it_comes_later()
    {
        var (state, _) = Run(new CustomerState(), Paid, A.Noon.AddDays(2));

        (state, var effects) = Run(state, Failed, A.Noon.AddDays(2));

        Assert.Null(state.Sequences);
        Assert.Empty(effects.OfType<Effect.SetTimer>());
    }

    [Fact]
    public void An_event_that_is_older_than_all_its_steps_begins_nothing() =>
        Assert.Null(Run(new CustomerState(), Failed, A.Noon.AddDays(8)).State.Sequences);

    [Fact]
    public void A_timer_that_was_overtaken_does_nothing()
    {
        var (state, _) = Run(new CustomerState(), Failed, A.Noon);
        (state, _) = Run(state, Paid, A.Noon.AddDays(2));

        Assert.Empty(Fire(state, A.Noon.AddDays(1)).Effects);
    }

    [Fact]
    public void After_a_long_standstill_steps_keep_their_distance()
    {
        var (state, _) = Run(new CustomerState(), Failed, A.Noon);

        (_, var effects) = Fire(state, A.Noon.AddDays(30));

        Assert.Equal(A.Noon.AddDays(31), Assert.Single(effects.OfType<Effect.SetTimer>()).DueAt);
    }

    [Fact]
    public void A_message_waits_for_the_end_of_the_quiet_hours_and_a_task_does_not()
    {
        var quiet = new QuietHours(new TimeOnly(11, 0), new TimeOnly(15, 0), [], TimeZoneInfo.Utc);
        var writes = new ActionRule { Name = "remind", Type = "send_message", Template = A.Text("Invoice", "Please pay.") };
        var workspace = With(Dunning with { Quiet = quiet, Steps = [new SequenceStep(TimeSpan.FromDays(1), [writes]), Step(3, "call")] });
        var (state, _) = Run(new CustomerState(), Failed, A.Noon, workspace);

        (state, var waits) = Fire(state, A.Noon.AddDays(1), workspace);
        Assert.Equal(A.Noon.AddDays(1).AddHours(3), Assert.Single(waits.OfType<Effect.SetTimer>()).DueAt);
        Assert.Equal(0, Assert.Single(state.Sequences ?? new Dictionary<string, RunningSequence>()).Value.Step);

        (state, _) = Fire(state, A.Noon.AddDays(1).AddHours(3), workspace);
        Assert.Equal("call", Assert.Single(Tasks(Fire(state, A.Noon.AddDays(3), workspace).Effects)).Name);
    }

    [Fact]
    public void Nobody_gets_more_messages_a_week_than_they_may()
    {
        var writes = new ActionRule { Name = "remind", Type = "send_message", Template = A.Text("Invoice", "Please pay.") };
        var workspace = With(Dunning with { Steps = [new SequenceStep(TimeSpan.FromDays(1), [writes])] });
        var (state, _) = Run(new CustomerState { WrittenAt = [A.Noon.AddDays(-5), A.Noon.AddDays(-3)] }, Failed, A.Noon, workspace);

        var (_, effects) = Fire(state, A.Noon.AddDays(1), workspace);

        Assert.Equal(A.Noon.AddDays(2), Assert.Single(effects.OfType<Effect.SetTimer>()).DueAt);
    }

    [Fact]
    public void What_ran_for_a_customer_who_is_merged_goes_on_with_the_other()
    {
        var other = GrainId.Of("acme", GrainKind.Customer, "c2");
        var (state, _) = Run(new CustomerState(), Failed, A.Noon);

        var merged = CustomerGrain.Handle(state, new Message.CustomerMerged(A.Id(9), other, "person"), Context(A.Noon));
        var share = Assert.IsType<Message.CustomerAbsorbed>(Assert.Single(merged.Effects.OfType<Effect.Send>()).Message);
        var survivor = CustomerGrain.Handle(new CustomerState(), share, Context(A.Noon) with { Grain = other });

        Assert.Equal([Timer], merged.Effects.OfType<Effect.CancelTimer>().Select(canceled => canceled.Timer));
        Assert.Null(merged.State.Sequences);
        Assert.Equal(A.Noon.AddDays(1), Assert.Single(survivor.Effects.OfType<Effect.SetTimer>()).DueAt);
        Assert.Equal(["dunning/in_1"], survivor.State.Sequences?.Keys ?? []);
    }

    [Fact]
    public void Any_order_of_beginnings_and_ends_leaves_the_same_running()
    {
        var events = from kind in Gen.Elements(EventType.PaymentFailed, EventType.InvoicePaid, "subscription.canceled")
                     from invoice in Gen.Elements("in_1", "in_2")
                     from minute in Gen.Choose(0, 5)
                     select (kind, invoice, minute);
        var orders = from set in Gen.ListOf(events)
                     let numbered = set.Distinct().Select((one, number) => OfInvoice(
                         A.Invoice with { EventId = A.Id(100 + number), EventType = one.kind, OccurredAt = A.Noon.AddMinutes(one.minute) }, one.invoice)).ToArray()
                     from shuffled in Gen.Shuffle(numbered)
                     select (numbered, shuffled);

        Prop.ForAll(orders.ToArbitrary(), both => Running(both.numbered).SequenceEqual(Running(both.shuffled))).QuickCheckThrowOnFailure();
    }

    private static IEnumerable<string> Running(IEnumerable<ContractEvent> events) =>
        (events.Aggregate(new CustomerState(), (state, one) => Run(state, one, A.Noon.AddMinutes(10)).State).Sequences ?? new Dictionary<string, RunningSequence>())
        .Select(running => $"{running.Key} {running.Value.Mark}");

    private static SequenceStep Step(int days, string name) =>
        new(TimeSpan.FromDays(days), [new ActionRule { Name = name, Type = "create_task", Template = A.Text(name) }]);

    private static WorkspaceConfiguration With(SequenceConfiguration sequence) =>
        Workspace with { Sequences = new Dictionary<string, SequenceConfiguration> { ["dunning"] = sequence } };

    private static ContractEvent OfInvoice(ContractEvent one, string invoice) =>
        one with { Invoice = new InvoiceFacts { Id = invoice, Amount = 10, Currency = "EUR" } };

    private static TurnContext Context(DateTimeOffset now, WorkspaceConfiguration? workspace = null) =>
        new(A.CustomerId, A.Id(5), now, workspace ?? Workspace);

    private static (CustomerState State, IReadOnlyList<Effect> Effects) Run(
        CustomerState state, ContractEvent received, DateTimeOffset now, WorkspaceConfiguration? workspace = null)
    {
        var turn = CustomerGrain.Handle(state, A.Received(received), Context(now, workspace));
        return (turn.State, turn.Effects);
    }

    private static (CustomerState State, IReadOnlyList<Effect> Effects) Fire(CustomerState state, DateTimeOffset now, WorkspaceConfiguration? workspace = null)
    {
        var due = state.Sequences?.GetValueOrDefault("dunning/in_1")?.DueAt ?? now;
        var turn = CustomerGrain.Handle(state, new Message.TimerFired(Timer, due), Context(now, workspace));
        return (turn.State, turn.Effects);
    }

    private static IEnumerable<CrmCommand.CreateTask> Tasks(IReadOnlyList<Effect> effects) =>
        effects.OfType<Effect.Enqueue>().Select(asked => asked.Command).OfType<CrmCommand.CreateTask>();
}
