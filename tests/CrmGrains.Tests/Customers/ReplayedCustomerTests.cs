using CrmGrains.Core.Customers;
using CrmGrains.Core.Fields;
using CrmGrains.Core.Grains;
using CrmGrains.Core.Json;
using System.Text.Json;

namespace CrmGrains.Tests.Customers;

public sealed class ReplayedCustomerTests
{
    [Fact]
    public void A_replayed_event_that_the_customer_knows_leaves_the_state_as_it_is()
    {
        var state = CustomerGrain.Handle(A.Customer, A.Received(A.Lead), A.Context).State;

        var turn = CustomerGrain.Handle(state, Replayed(A.Lead), A.Context);

        Assert.Equal(Json(state), Json(turn.State));
        Assert.All(turn.Effects.OfType<Effect.Enqueue>(), effect => Assert.Null(effect.Replay));
        Assert.DoesNotContain(turn.Effects, effect => effect is Effect.Enqueue { Command: Core.Commands.CrmCommand.UpsertContact });
    }

    [Fact]
    public void A_later_reading_of_the_same_event_replaces_what_it_said_before_and_asks_for_it_under_a_key_of_the_replay()
    {
        var state = CustomerGrain.Handle(A.Customer, A.Received(A.Lead), A.Context).State;
        var mended = A.Lead with { Revision = 1, Contact = A.Lead.Contact with { FullName = "Ann Mended" } };

        var turn = CustomerGrain.Handle(state, Replayed(mended), A.Context);

        Assert.Equal("Ann Mended", turn.State.Fields.Text("full_name"));
        Assert.Contains(turn.Effects, effect => effect is Effect.Enqueue { Command: Core.Commands.CrmCommand.UpsertContact, Replay: 7 });
        Assert.Contains(turn.Effects, effect => effect is Effect.Enqueue { Command: Core.Commands.CrmCommand.WriteNote, Replay: null });
        Assert.Equal("Ann Mended", CustomerGrain.Handle(turn.State, Replayed(A.Lead), A.Context).State.Fields.Text("full_name"));
    }

    [Fact]
    public void An_event_that_is_context_only_is_known_and_nothing_is_done()
    {
        var received = (Message.EventReceived)A.Received(A.Lead) with { ContextOnly = "later" };

        var turn = CustomerGrain.Handle(A.Customer, received, A.Context);

        Assert.Equal(("context", "later"), (turn.Decision.Outcome, turn.Decision.Reason));
        Assert.Equal("Ann Example", turn.State.Fields.Text("full_name"));
        Assert.Equal((1, false), (turn.State.Events, turn.State.IsContactWanted));
        Assert.Empty(turn.Effects);
    }

    [Fact]
    public void A_revision_outlives_storage_and_comes_after_what_it_revises()
    {
        var field = new Field(new FieldValue.Text("x"), A.Mark(1) with { Revision = 2 });
        var state = A.Customer with { Fields = new SortedDictionary<string, Field> { ["full_name"] = field, ["phone"] = field with { Mark = A.Mark(1) } } };

        var read = JsonSerializer.Deserialize(Json(state), CoreJson.Default.CustomerState);

        Assert.Equal((2, 0), (read?.Fields["full_name"].Mark.Revision, read?.Fields["phone"].Mark.Revision));
        Assert.True(field.Mark > A.Mark(1));
        Assert.True(field.Mark < A.Mark(2));
    }

    private static Message Replayed(Core.Events.ContractEvent received) =>
        (Message.EventReceived)A.Received(received) with { Replay = 7, IsRepeat = true };

    private static string Json(CustomerState state) => JsonSerializer.Serialize(state, CoreJson.Default.CustomerState);
}
