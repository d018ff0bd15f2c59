using CrmGrains.Connectors.Channels;
using CrmGrains.Core.Commands;

namespace CrmGrains.IntegrationTests.Channels;

public sealed class WebhookTests : ChannelTest
{
    private static readonly CrmCommand Call = new CrmCommand.CallWebhook("partner", "customer.onboarded", """{"customer":"c1","amount":12.50}""", "tell");

    [Fact]
    public async Task A_call_is_signed_and_its_receiver_knows_what_happened()
    {
        await Bench.StartAsync(Connect(Webhook()));

        await Bench.InsertAsync(Call);
        await Bench.AllEndedAsync();

        var taken = Assert.Single(await TakenAsync("webhooks"));
        Assert.Equal(("partner", "customer.onboarded"), (Text(taken, "receiver"), Text(taken, "type")));
        Assert.Equal("""{"type":"customer.onboarded","data":{"customer":"c1","amount":12.50}}""", taken.GetProperty("body").GetRawText());
        var row = Assert.Single(await Bench.RowsAsync());
        Assert.Equal(("succeeded", "delivered", Text(taken, "id")), (row.State, row.Action, row.CrmId));
    }

    [Fact]
    public async Task A_call_that_was_taken_without_an_answer_is_repeated_under_its_id()
    {
        await FaultAsync(new { path = "/webhooks/", kind = "drop_after_success" });
        await Bench.StartAsync(Connect(Webhook()), Impatient);

        await Bench.InsertAsync(Call);
        await Bench.AllEndedAsync();

        Assert.Equal(1, Assert.Single(await TakenAsync("webhooks")).GetProperty("repeats").GetInt32());
        Assert.Equal(("succeeded", 2), (await Bench.RowsAsync()).Select(row => (row.State, row.Attempts)).Single());
        Assert.Single(await TakenAsync("effects"));
    }

    [Fact]
    public async Task A_call_that_was_on_its_way_when_the_process_ended_is_repeated_under_its_id()
    {
        var first = Connect(Webhook());
        await Bench.StartAsync(first, Impatient);
        await Bench.InsertAsync(Call);
        await Bench.AllEndedAsync();
        await Bench.ScalarAsync<int>("UPDATE command SET state = 'sent', ended_at = NULL");

        await Bench.RestartAsync(Connect(Webhook()), Impatient);
        await Bench.AllEndedAsync();

        Assert.Equal(1, Assert.Single(await TakenAsync("webhooks")).GetProperty("repeats").GetInt32());
    }

    [Theory]
    [InlineData(429)]
    [InlineData(503)]
    public async Task What_the_receiver_puts_off_is_tried_again(int status)
    {
        await FaultAsync(new { path = "/webhooks/", status, count = 2, retry_after = 1 });
        await Bench.StartAsync(Connect(Webhook()), Impatient);

        await Bench.InsertAsync(Call);
        await Bench.AllEndedAsync();

        Assert.Equal(("succeeded", 3), (await Bench.RowsAsync()).Select(row => (row.State, row.Attempts)).Single());
        Assert.Single(await TakenAsync("webhooks"));
    }

    [Theory]
    [InlineData("gone", "webhook_gone")]
    [InlineData("moved", "redirected")]
    public async Task A_receiver_that_is_gone_or_points_elsewhere_pauses_the_channel(string receiver, string reason)
    {
        await Bench.StartAsync(Connect(Webhook(receiver)), Impatient);

        await Bench.InsertAsync(Call);
        await PausedAsync(reason);

        Assert.Equal(0, (await Bench.RowsAsync())[0].Attempts);
        Assert.Empty(await TakenAsync("webhooks"));
    }

    [Fact]
    public async Task A_channel_resumes_by_itself_once_its_secret_is_the_receivers()
    {
        Secret = "whsec_YW5vdGhlci1zZWNyZXQtdGhhbi10aGUtcmVjZWl2ZXJz";
        await Bench.StartAsync(Connect(Webhook()), Impatient);
        await Bench.InsertAsync(Call);
        await PausedAsync("signature_refused");

        Secret = WebhookSecret;
        await Bench.AllEndedAsync();

        Assert.Single(await TakenAsync("webhooks"));
    }

    [Fact]
    public async Task An_address_that_must_not_be_called_pauses_the_channel_and_is_not_called()
    {
        await Bench.StartAsync(Connect(Webhook(), new ChannelsOptions { AllowPrivate = false }), Impatient);

        await Bench.InsertAsync(Call);
        await PausedAsync("address_refused");

        Assert.Empty(await TakenAsync("requests"));
    }

    [Fact]
    public async Task A_payload_that_is_no_json_goes_to_a_person()
    {
        await Bench.StartAsync(Connect(Webhook()));

        await Bench.InsertAsync(new CrmCommand.CallWebhook("partner", "a.b", "{", "tell"));
        await Bench.AllEndedAsync();

        Assert.Equal(("manual_review", "invalid_payload"), (await Bench.RowsAsync()).Select(row => (row.State, row.Error)).Single());
    }

    [Fact]
    public async Task Many_calls_go_out_together()
    {
        await Bench.StartAsync(Connect(Webhook()));

        await Bench.InsertAsync([.. Enumerable.Repeat(Call, 100)]);
        await Bench.AllEndedAsync();

        Assert.Equal(100, (await TakenAsync("webhooks")).Count);
        Assert.All(await Bench.RowsAsync(), row => Assert.Equal(1, row.Attempts));
    }
}

public sealed class NoticeTests : ChannelTest
{
    private static readonly CrmCommand Notice = new CrmCommand.PostNotice("team", "A lead <with> & without", "lead");

    [Fact]
    public async Task A_notice_is_posted()
    {
        await Bench.StartAsync(Connect(Slack("team")));

        await Bench.InsertAsync(Notice);
        await Bench.AllEndedAsync();

        Assert.Equal("A lead &lt;with&gt; &amp; without", Text(Assert.Single(await TakenAsync("notices")), "text"));
        Assert.Equal(("succeeded", "posted"), (await Bench.RowsAsync()).Select(row => (row.State, row.Action)).Single());
        Assert.Equal(0, await Bench.ScalarAsync<int>("SELECT count(*) FROM crm_call WHERE path LIKE '%services%'"));
    }

    [Fact]
    public async Task A_notice_that_may_have_been_posted_is_asked_about()
    {
        await FaultAsync(new { path = "/services/", kind = "drop_after_success" });
        await Bench.StartAsync(Connect(Slack("team")), Impatient);

        await Bench.InsertAsync(Notice);
        await Bench.AllEndedAsync();

        Assert.Equal(("manual_review", "may_have_been_sent"), (await Bench.RowsAsync()).Select(row => (row.State, row.Error)).Single());
        Assert.Single(await TakenAsync("notices"));
    }

    [Theory]
    [InlineData("no_service", "webhook_gone")]
    [InlineData("archived", "webhook_gone")]
    [InlineData("prohibited", "permission_denied")]
    public async Task A_webhook_that_slack_has_ended_pauses_the_channel(string hook, string reason)
    {
        await Bench.StartAsync(Connect(Slack(hook)), Impatient);

        await Bench.InsertAsync(Notice);

        await PausedAsync(reason);
    }

    [Fact]
    public async Task A_flood_of_notices_is_slowed_down_and_all_arrive()
    {
        await Bench.StartAsync(Connect(Slack("team")), Impatient);

        await Bench.InsertAsync([.. Enumerable.Repeat(Notice, 8)]);
        await Bench.AllEndedAsync();

        Assert.Equal(8, (await TakenAsync("notices")).Count);
        Assert.All(await Bench.RowsAsync(), row => Assert.Equal("succeeded", row.State));
    }
}
