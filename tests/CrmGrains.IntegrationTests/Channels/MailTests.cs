using CrmGrains.Connectors.Channels;
using CrmGrains.Connectors.Outbox;
using CrmGrains.Core.Commands;
using CrmGrains.Core.Configuration;
using CrmGrains.Sandbox;

namespace CrmGrains.IntegrationTests.Channels;

/// <summary>Mails through the outbox, in real conversations with a mail server.</summary>
public sealed class MailTests : ChannelTest
{
    [Fact]
    public async Task A_mail_arrives_as_it_was_wanted_and_leaves_a_receipt()
    {
        await Bench.StartAsync(Connect(Smtp()));

        await Bench.InsertAsync(new CrmCommand.SendMail(
            "mail", "ada@nordwind.test", "Grüße, Ada – \U0001F600", "Hello.\r\n.\r\nA dot above.", "<p>Hello.</p>", "help@nordwind.test", "welcome"));
        await Bench.AllEndedAsync();

        var mail = Assert.Single(await TakenAsync("mails"));
        Assert.Equal(
            ("hello@nordwind.test", "Grüße, Ada – \U0001F600", "Hello.\r\n.\r\nA dot above.", "<p>Hello.</p>"),
            (Text(mail, "from"), Text(mail, "subject"), Text(mail, "text"), Text(mail, "html")));
        Assert.Equal("ada@nordwind.test", Assert.Single(mail.GetProperty("to").EnumerateArray()).GetString());
        Assert.Equal("<help@nordwind.test>", Text(mail.GetProperty("headers"), "reply-to"));
        var row = Assert.Single(await Bench.RowsAsync());
        Assert.Equal(("succeeded", "sent", Text(mail, "id"), 1, 1L), (row.State, row.Action, row.CrmId, row.Attempts, row.Calls));
        Assert.Equal(250, await Bench.ScalarAsync<int>("SELECT status FROM crm_call"));
        Assert.Equal("delivered", Text(Assert.Single(await TakenAsync("effects")), "effect"));
    }

    [Fact]
    public async Task A_mail_that_is_put_off_is_tried_again_and_the_others_go_on()
    {
        await Bench.StartAsync(Connect(Smtp()), Impatient);

        await Bench.InsertAsync(To("busy"), To("ada"), To("bob"));
        await Bench.AllEndedAsync();

        Assert.Equal(
            [("dead_lettered", "mail_deferred", 5), ("succeeded", null, 1), ("succeeded", null, 1)],
            (await Bench.RowsAsync()).Select(row => (row.State, row.Error, row.Attempts)));
        Assert.Equal(1, await Bench.ScalarAsync<int>("SELECT count(*) FROM dead_letter WHERE queue = 'crm_api_failed_jobs'"));
        Assert.Equal(0, await Bench.ScalarAsync<int>("SELECT count(*) FROM dead_letter WHERE error LIKE '%nordwind.test%'"));
    }

    [Fact]
    public async Task A_dead_letter_that_was_never_taken_is_sent_when_a_person_opens_it_again()
    {
        var outbox = await Bench.StartAsync(Connect(Smtp()), Impatient);
        await FaultAsync(new { path = "SMTP RCPT", status = 451, count = 5 });
        await Bench.InsertAsync(To("ada"));
        await Bench.AllEndedAsync();
        Assert.Empty(await TakenAsync("mails"));

        var letter = await Bench.ScalarAsync<long>("SELECT id FROM dead_letter");
        Assert.True(await new OutboxDeadLetters(Bench.Database.DataSource, outbox.Sweep).RetryAsync(letter, CancellationToken.None));
        await Bench.EventuallyAsync("the mail to be sent", rows => rows[0].State == "succeeded");

        Assert.Single(await TakenAsync("mails"));
    }

    [Theory]
    [InlineData("unknown", "recipient_refused")]
    [InlineData("spam", "message_refused")]
    public async Task A_mail_that_is_refused_goes_to_a_person_without_the_address(string receiver, string error)
    {
        await Bench.StartAsync(Connect(Smtp()));

        await Bench.InsertAsync(To(receiver), To("ada"));
        await Bench.AllEndedAsync();

        Assert.Equal([("manual_review", error), ("succeeded", null)], (await Bench.RowsAsync()).Select(row => (row.State, row.Error)));
        Assert.DoesNotContain("nordwind", (await Bench.ToldAsync())[0].Detail ?? "", StringComparison.Ordinal);
        Assert.Equal(0, await Bench.ScalarAsync<int>("SELECT count(*) FROM crm_call WHERE response LIKE '%nordwind%' OR path LIKE '%@%'"));
    }

    [Fact]
    public async Task A_mail_that_may_have_been_taken_is_not_sent_again_unless_a_person_says_so()
    {
        var outbox = await Bench.StartAsync(Connect(Smtp()), Impatient);
        await FaultAsync(new { path = "SMTP CONTENT", kind = "drop_after_success" });
        await Bench.InsertAsync(To("ada"));
        await Bench.AllEndedAsync();

        var told = Assert.Single(await Bench.ToldAsync());
        Assert.Equal(("manual_review", "may_have_been_sent", 1), (told.Outcome, told.Error, told.Attempts));
        var first = Assert.Single(await TakenAsync("mails"));

        Assert.True(await new OutboxDeadLetters(Bench.Database.DataSource, outbox.Sweep)
            .RetryRefusedAsync("acme", told.EffectKey, CancellationToken.None));
        await Bench.EventuallyAsync("the mail to be sent again", rows => rows[0].State == "succeeded");

        var mails = await TakenAsync("mails");
        Assert.Equal(2, mails.Count);
        Assert.Equal(Text(first, "id"), Text(mails[1], "id"));
    }

    [Fact]
    public async Task A_mail_that_was_on_its_way_when_the_process_ended_is_asked_about_and_sent_once_a_person_says_so()
    {
        await Bench.InsertAsync(To("ada"), To("bob"));
        await Bench.ScalarAsync<int>("UPDATE command SET state = 'sent', attempts = 1 WHERE id = 1");

        var outbox = await Bench.StartAsync(Connect(Smtp()), Impatient);
        await Bench.AllEndedAsync();

        Assert.Equal([("manual_review", "may_have_been_sent"), ("succeeded", null)], (await Bench.RowsAsync()).Select(row => (row.State, row.Error)));
        Assert.Single(await TakenAsync("mails"));

        await new OutboxDeadLetters(Bench.Database.DataSource, outbox.Sweep).RetryRefusedAsync("acme", "event-1", CancellationToken.None);
        await Bench.EventuallyAsync("the mail to be sent", rows => rows[0].State == "succeeded");
        Assert.Equal(2, (await TakenAsync("mails")).Count);
    }

    [Fact]
    public async Task A_server_that_is_away_is_waited_for()
    {
        await using var gone = await SandboxServer.StartAsync(new() { Urls = "http://127.0.0.1:0", Log = false });
        var url = gone.MailUrl;
        await gone.DisposeAsync();
        var connector = ChannelConnectors.Create(
            Smtp(), _ => new Uri(url), _ => "", new ChannelsOptions { AllowPrivate = true }, TimeProvider.System,
            Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance);
        await Bench.StartAsync(connector, Impatient);

        await Bench.InsertAsync(To("ada"));
        await Bench.AllEndedAsync();

        Assert.Equal(("dead_lettered", "connection_failed", 5), (await Bench.RowsAsync()).Select(row => (row.State, row.Error, row.Attempts)).Single());
        Assert.False((await Bench.RowsAsync())[0].IsUncertain);
    }

    [Fact]
    public async Task A_channel_that_leads_where_it_must_not_is_paused_and_nothing_is_connected_to()
    {
        await Bench.StartAsync(Connect(Smtp(), new ChannelsOptions()), Impatient);

        await Bench.InsertAsync(To("ada"));
        await PausedAsync("address_refused");

        Assert.Equal(("waiting", 0), (await Bench.RowsAsync()).Select(row => (row.State, row.Attempts)).Single());
        Assert.Empty(await TakenAsync("mails"));
    }

    [Fact]
    public async Task A_sender_that_the_server_refuses_pauses_the_channel()
    {
        var channel = new ChannelConfiguration.Smtp("mail", "blocked@nordwind.test", null, null, IsTlsRequired: false)
        {
            Name = "mail", Limit = new RateLimit(1_000, TimeSpan.FromSeconds(1)), AllowPrivate = true,
        };
        await Bench.StartAsync(Connect(channel), Impatient);

        await Bench.InsertAsync(To("ada"));

        await PausedAsync("sender_refused");
    }

    [Fact]
    public async Task Where_tls_is_required_nothing_is_said_to_a_server_without_it()
    {
        var channel = new ChannelConfiguration.Smtp("mail", "hello@nordwind.test", "user", "password", IsTlsRequired: true)
        {
            Name = "mail", Limit = new RateLimit(1_000, TimeSpan.FromSeconds(1)), AllowPrivate = true,
        };
        await Bench.StartAsync(Connect(channel), Impatient);

        await Bench.InsertAsync(To("ada"));

        await PausedAsync("tls_unavailable");
        Assert.Empty(await TakenAsync("mails"));
    }

    [Fact]
    public async Task Mails_keep_to_the_limit_and_lose_no_attempt_by_it()
    {
        var channel = Smtp() with { Limit = new RateLimit(1, TimeSpan.FromSeconds(1)) };
        await Bench.StartAsync(
            Connect(channel, new ChannelsOptions { AllowPrivate = true, LongestWait = TimeSpan.Zero }), Impatient);

        await Bench.InsertAsync(To("ada"), To("bob"), To("eve"));
        await Bench.AllEndedAsync();

        Assert.All(await Bench.RowsAsync(), row => Assert.Equal(("succeeded", 1), (row.State, row.Attempts)));
        var times = (await TakenAsync("mails")).Select(mail => mail.GetProperty("time").GetDateTimeOffset()).ToList();
        Assert.Equal(3, times.Count);
        Assert.True(times[2] - times[0] > TimeSpan.FromSeconds(1.8), "Three mails came within two seconds.");
    }

    [Fact]
    public async Task A_command_that_came_to_the_wrong_channel_goes_to_a_person()
    {
        await Bench.StartAsync(Connect(Smtp()));

        await Bench.InsertAsync(new CrmCommand.PostNotice("mail", "Hello", "late"), To("not an address at all"));
        await Bench.AllEndedAsync();

        Assert.Equal(
            [("manual_review", "wrong_channel"), ("manual_review", "invalid_address")], (await Bench.RowsAsync()).Select(row => (row.State, row.Error)));
    }

    private static CrmCommand To(string name) => new CrmCommand.SendMail("mail", $"{name}@nordwind.test", "Hello", "Hello.", null, null, "hello");
}

/// <summary>A server that lets in only who has the password.</summary>
public sealed class MailPasswordTests : ChannelTest
{
    protected override SandboxOptions Options =>
        new() { Urls = "http://127.0.0.1:0", Log = false, MailUser = "nordwind", MailPassword = "right" };

    [Fact]
    public async Task A_wrong_password_pauses_the_channel_until_it_is_right()
    {
        Secret = "wrong";
        await Bench.StartAsync(Connect(Smtp("nordwind")), Impatient);
        await Bench.InsertAsync(new CrmCommand.SendMail("mail", "ada@nordwind.test", "Hello", "Hello.", null, null, "hello"));
        await PausedAsync("authentication_failed");
        Assert.Empty(await TakenAsync("mails"));

        Secret = "right";
        await Bench.AllEndedAsync();

        Assert.Equal(("succeeded", 1), (await Bench.RowsAsync()).Select(row => (row.State, row.Attempts)).Single());
        Assert.Single(await TakenAsync("mails"));
        Assert.Equal(0, await Bench.ScalarAsync<int>("SELECT count(*) FROM crm_call WHERE response LIKE '%right%' OR request IS NOT NULL"));
    }
}
