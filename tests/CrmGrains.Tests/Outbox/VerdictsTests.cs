using CrmGrains.Connectors;
using CrmGrains.Connectors.Outbox;
using CrmGrains.Core.Commands;
using FsCheck;
using FsCheck.Fluent;
using static CrmGrains.Tests.Outbox.A;

namespace CrmGrains.Tests.Outbox;

public sealed class VerdictsTests
{
    private readonly Verdicts _verdicts = new(new OutboxOptions(), () => 0.5);

    [Fact]
    public void Outcomes_are_matched_by_key_and_a_write_without_one_is_uncertain()
    {
        var booking = Judge(
            [PreparedWrite(Command(1, UpsertContact("ada"))), PreparedWrite(Command(2, UpsertContact("bob")))], Succeeded("key-2"),
            Succeeded("key-9"));

        Assert.Equal([("waiting", true), ("succeeded", false)], booking.Commands.Select(command => (command.State, command.IsUncertain)));
        Assert.Equal(TimeSpan.FromSeconds(30), booking.Commands[0].Delay);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("1\07")]
    public void Success_without_a_usable_id_is_no_success(string? id)
    {
        var booking = Judge(
            [PreparedWrite(Command(1, UpsertContact("ada")))],
            new WriteOutcome.Succeeded(id, "created", null, null) { EffectKey = "key-1" });

        Assert.Equal(("waiting", true), booking.Commands.Select(command => (command.State, command.IsUncertain)).Single());
        Assert.Empty(booking.Links);
    }

    [Fact]
    public void Doubt_stays_until_there_is_an_answer()
    {
        var booking = Judge([PreparedWrite(Command(1, UpsertContact("ada")) with { IsUncertain = true })], Retryable("key-1"));

        Assert.True(Assert.Single(booking.Commands).IsUncertain);
    }

    [Fact]
    public void What_the_CRM_asks_to_wait_is_the_least_wait_but_not_for_ever()
    {
        Assert.Equal(TimeSpan.FromSeconds(90), Rest(TimeSpan.FromSeconds(90)));
        Assert.Equal(TimeSpan.FromHours(1), Rest(TimeSpan.FromDays(3650)));
        Assert.Equal(TimeSpan.FromSeconds(0.5), Rest(TimeSpan.FromSeconds(-90)));

        TimeSpan Rest(TimeSpan retryAfter) => Judge(
            [PreparedWrite(Command(1, UpsertContact("ada")))], Retryable("key-1", retryAfter)).Commands[0].Delay;
    }

    [Fact]
    public void The_fifth_failed_attempt_is_the_last_for_the_command_that_had_five_and_not_for_one_that_joined_it()
    {
        var booking = Judge(
            [PreparedWrite(Command(1, UpsertContact("ada")) with { Attempts = 4 }, Command(2, UpsertContact("ada")))], Retryable("key-1"));

        Assert.Equal([("dead_lettered", 5), ("waiting", 1)], booking.Commands.Select(command => (command.State, command.Attempts)));
        Assert.Empty(booking.Links);  // writing the record is not given up yet
    }

    [Fact]
    public void Giving_up_on_a_record_says_so_to_who_waits_for_it()
    {
        var booking = Judge(
            [PreparedWrite(Command(1, UpsertContact("ada")))], new WriteOutcome.ManualReview("invalid_enum", null) { EffectKey = "key-1" });

        Assert.Equal([new BookedLink(ContactKey("ada"), default)], booking.Links);
    }

    [Fact]
    public void An_alert_gives_the_attempt_back()
    {
        var booking = Judge(
            [PreparedWrite(Command(1, UpsertContact("ada")) with { Attempts = 2 })],
            new WriteOutcome.AlertOperator("expired_token", null) { EffectKey = "key-1" });

        Assert.Equal("expired_token", booking.PauseReason);
        Assert.Equal(("waiting", 2), booking.Commands.Select(command => (command.State, command.Attempts)).Single());
    }

    [Fact]
    public void A_record_that_is_gone_is_given_time_to_be_written_anew_before_a_person_is_asked()
    {
        Assert.Equal(("waiting", 4, "object_not_found"), Refused(attempts: 3));
        Assert.Equal(("manual_review", 5, "object_not_found"), Refused(attempts: 4));

        (string, int, string?) Refused(int attempts)
        {
            var booking = Judge(
                [PreparedWrite(Command(1, UpsertContact("ada")) with { Attempts = attempts })],
                new WriteOutcome.ManualReview("object_not_found", null) { EffectKey = "key-1" });
            Assert.False(booking.IsOutage);
            return booking.Commands.Select(command => (command.State, command.Attempts, command.Error)).Single();
        }
    }

    [Fact]
    public void An_account_that_is_closed_costs_no_attempt_and_nothing_else_leaves_until_it_opens()
    {
        var booking = Judge(
            [PreparedWrite(Command(1, UpsertContact("ada")) with { Attempts = 4, IsUncertain = true })],
            Retryable("key-1", TimeSpan.FromMinutes(30)) with { Error = "quota_exhausted", IsAccountClosed = true });

        Assert.Equal(TimeSpan.FromMinutes(30), booking.Rest);
        Assert.Equal(
            ("waiting", 4, true, TimeSpan.FromMinutes(30)),
            booking.Commands.Select(command => (command.State, command.Attempts, command.IsUncertain, command.Delay)).Single());
    }

    [Fact]
    public void A_note_that_may_just_now_be_written_is_left_alone_for_a_while_and_what_has_a_key_is_not()
    {
        Assert.Equal(TimeSpan.FromSeconds(10), Delay(Note()));
        Assert.Equal(TimeSpan.FromSeconds(0.5), Delay(UpsertContact("ada")));

        TimeSpan Delay(CrmCommand command) =>
            Judge([PreparedWrite(Command(1, command))], Retryable("key-1") with { IsUncertain = true }).Commands[0].Delay;
    }

    [Fact]
    public void Whatever_is_answered_every_command_is_booked_once_and_never_beyond_its_attempts() =>
        Prop.ForAll<byte[], byte[]>((attempts, answers) =>
        {
            var batch = attempts.Select((tried, i) => PreparedWrite(Command(i + 1, UpsertContact($"c{i}")) with { Attempts = tried % 5 }))
                .ToList();
            var outcomes = answers.Select((answer, i) => Outcome(answer, $"key-{(i * 7 % (attempts.Length + 2)) + 1}")).ToList();

            var booking = _verdicts.Of(batch, outcomes, []);

            return booking.Commands.Select(command => command.Command.Id).SequenceEqual(batch.Select(write => write.Lane.Commands[0].Id))
                && booking.Commands.All(
                    command => command.Attempts <= 5 && (command.State == "waiting") == (command.Attempts < 5 && !command.IsEnded()));
        }).QuickCheckThrowOnFailure();

    private Booking Judge(IReadOnlyList<PreparedWrite> batch, params WriteOutcome[] outcomes) => _verdicts.Of(batch, outcomes, []);

    private static WriteOutcome Outcome(byte answer, string key) => (answer % 5) switch
    {
        0 => Succeeded(key),
        1 => Retryable(key),
        2 => new WriteOutcome.ManualReview("invalid_enum", null) { EffectKey = key },
        3 => new WriteOutcome.AlertOperator("expired_token", null) { EffectKey = key },
        _ => new WriteOutcome.Unknown(null, IsUncertain: true) { EffectKey = key },
    };
}

file static class Ends
{
    public static bool IsEnded(this BookedCommand command) => command.State is "succeeded" or "manual_review" or "dead_lettered";
}
