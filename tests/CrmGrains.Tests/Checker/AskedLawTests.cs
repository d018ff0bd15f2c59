using CrmGrains.Checker;

namespace CrmGrains.Tests.Checker;

public sealed class AskedLawTests
{
    private const string Company = "acme/company/example.com";

    private static readonly LedgerEntry Customer = Entry(1, "acme/customer/c1", EntryKind.EventReceived, $$"""
        {"message":{},"effects":[
            {"send":"person_seen","to":"{{Company}}"},{"set_timer":"t"},{"enqueue":"write_note","object":"note","step":3}]}
        """);

    private static readonly LedgerEntry Told = Entry(2, Company, "person_seen", """{"message":{}}""");

    private static readonly QueuedEffect Note = new(
        1, "acme", "acme/main", $"{A.Id(1)}/3/note/write_note", A.Id(1), "acme/customer/c1", "note", "write_note", "succeeded", "n1", StoredText.Of("{}"));

    private static readonly History Clean = new() { Turns = [Customer, Told], Commands = [Note] };

    [Fact]
    public void What_was_asked_for_and_is_there_is_not_accused() => Assert.Empty(Check(Clean));

    [Fact]
    public void A_message_that_never_arrived_is_found()
    {
        var violation = Assert.Single(Check(Clean with { Turns = [Customer] }));

        Assert.Equal((ViolationKind.Unhandled, $"person_seen of event {A.Id(1)}"), (violation.Kind, violation.Subject));
    }

    [Fact]
    public void A_message_that_waits_has_arrived() => Assert.Empty(Check(Clean with
    {
        Turns = [Customer], MessagesLeft = [new MessageLeft(2, 0, "acme", Company, "person_seen", A.Id(1))],
    }));

    [Fact]
    public void A_message_that_arrived_more_often_than_it_was_sent_is_found() => Assert.Equal(
        ViolationKind.Doubled, Assert.Single(Check(Clean with { Turns = [Customer, Told, Told with { Position = 3, MessageId = 3 }] })).Kind);

    [Fact]
    public void A_message_that_a_person_sent_once_more_may_arrive_twice()
    {
        var died = Told with { Position = 3, MessageId = 3, Version = 0, Outcome = EntryKind.DeadLettered };
        var letter = new DeadLetter(1, "turns", Company, "person_seen", A.Id(1), "It broke.", "retried");

        Assert.Empty(Check(Clean with { Turns = [Customer, died, Told], DeadLetters = [letter] }));
    }

    [Fact]
    public void A_command_that_was_never_queued_is_found() => Assert.Equal(
        $"command {Note.EffectKey}", Assert.Single(Check(Clean with { Commands = [Note with { EffectKey = "other" }] })).Subject);

    [Fact]
    public void A_command_that_no_event_caused_is_named_after_its_turn() => Assert.Empty(Check(new History
    {
        Turns = [Customer with { EventId = null }, Told with { EventId = null }],
        Commands = [Note with { EffectKey = "acme/customer/c1@1/3/note/write_note" }],
    }));

    [Fact]
    public void Where_there_is_no_crm_nothing_is_queued() => Assert.Empty(Check(Clean with { Commands = [] }));

    [Fact]
    public void Where_a_detail_was_erased_messages_are_not_counted() =>
        Assert.Empty(Check(Clean with { Turns = [Customer, Told, Told with { Position = 3, Detail = null }] }));

    private static LedgerEntry Entry(long number, string grain, string kind, string detail) => new()
    {
        Partition = 0, Position = number, Workspace = "acme", Grain = grain, Version = 1, MessageId = number, Kind = kind, Outcome = "update",
        EventId = A.Id(1), BeganAt = A.Noon, WrittenAt = A.Noon, Detail = StoredText.Of(detail),
    };

    private static IReadOnlyList<Violation> Check(History history) =>
        HistoryChecker.Check(history, CleanRun.Options(Laws.Asked) with { IsDrained = false }).Violations;
}
