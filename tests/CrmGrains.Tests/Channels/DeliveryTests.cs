using System.Text;
using CrmGrains.Connectors.Channels.Files;
using CrmGrains.Connectors.Channels.Outgoing;
using CrmGrains.Connectors.Channels.Slack;
using CrmGrains.Connectors.Channels.Webhooks;
using CrmGrains.Core.Commands;
using FsCheck;
using FsCheck.Fluent;

namespace CrmGrains.Tests.Channels;

public sealed class DeliveryTests
{
    [Theory]
    [InlineData(200, "ok", null)]
    [InlineData(200, "<html>", "may_have_been_sent")]
    [InlineData(400, "invalid_payload", "invalid_payload")]
    [InlineData(403, "action_prohibited", "permission_denied")]
    [InlineData(404, "no_service", "webhook_gone")]
    [InlineData(410, "channel_is_archived", "webhook_gone")]
    [InlineData(429, "", "rate_limited")]
    [InlineData(503, "", "server_error")]
    [InlineData(302, "", "webhook_gone")]
    public void Slack_says_by_its_status_what_became_of_a_notice(int status, string body, string? error) =>
        Assert.Equal(error, NoticeDelivery.Judge(new HttpAnswer(status, body, null)).Error);

    [Theory]
    [InlineData(204, null)]
    [InlineData(302, "redirected")]
    [InlineData(400, "payload_refused")]
    [InlineData(401, "signature_refused")]
    [InlineData(404, "webhook_gone")]
    [InlineData(408, "server_error")]
    [InlineData(410, "webhook_gone")]
    [InlineData(429, "rate_limited")]
    [InlineData(500, "server_error")]
    public void A_receiver_of_webhooks_says_by_its_status_what_became_of_a_call(int status, string? error) =>
        Assert.Equal(error, WebhookDelivery.Judge(new HttpAnswer(status, "", null), "msg_1").Error);

    [Fact]
    public void A_notice_mentions_nobody_and_links_nowhere_but_where_it_says() =>
        Assert.Equal("&lt;!channel&gt; &lt;https://evil.test|us&gt; &amp; more", NoticeDelivery.Plain("<!channel> <https://evil.test|us> & more"));

    [Fact]
    public void A_notice_is_cut_to_what_slack_shows_and_never_within_a_letter()
    {
        var plain = NoticeDelivery.Plain(string.Concat(Enumerable.Repeat("\U0001F600", 20_000)) + "x");

        Assert.EndsWith("\U0001F600…", plain, StringComparison.Ordinal);
        Assert.True(plain.Length <= 30_001);
    }

    [Fact]
    public void A_call_is_signed_as_the_reference_does()
    {
        var signature = WebhookSignature.TryCreate("whsec_Y3JtZ3JhaW5zLWRlbW8ta2V5LTMyLWJ5dGVzLWxvbmc=");
        Assert.NotNull(signature);

        var headers = signature.Headers("msg_demo_001", DateTimeOffset.FromUnixTimeSeconds(1_790_000_000), VectorBody);

        Assert.Equal("1790000000", headers["webhook-timestamp"]);
        Assert.Equal("v1,me5X/PAcijlGHdhzGubSlFDn/UzHAJloAFKtv3+ELjQ=", headers["webhook-signature"]);
    }

    [Theory]
    [InlineData("secret")]
    [InlineData("whsec_")]
    [InlineData("whsec_c2hvcnQ=")]
    [InlineData("whsec_not base64")]
    public void A_secret_of_another_form_signs_nothing(string secret) => Assert.Null(WebhookSignature.TryCreate(secret));

    [Theory]
    [InlineData("report.csv", "report-*.csv")]
    [InlineData("../../etc/passwd", "passwd-*")]
    [InlineData("..\\..\\boot.ini", "boot-*.ini")]
    [InlineData("/", "file-*")]
    [InlineData(".hidden", "hidden-*")]
    [InlineData("a\0b\r\nc.txt", "a_b__c-*.txt")]
    [InlineData("Rechnung Müller.pdf", "Rechnung_M_ller-*.pdf")]
    [InlineData("...", "file-*")]
    [InlineData("x.tar.gz", "x.tar-*.gz")]
    public void A_files_name_is_a_name_and_nothing_more(string wanted, string expected)
    {
        var name = DropName.Of(wanted, "event/1/file/drop_report");

        Assert.Matches($"^{expected.Replace(".", "\\.", StringComparison.Ordinal).Replace("*", "[0-9a-f]{16}", StringComparison.Ordinal)}$", name);
    }

    [Fact]
    public void No_name_leaves_its_folder_or_is_longer_than_file_systems_take() =>
        Prop.ForAll<string, string>((wanted, key) =>
        {
            var name = DropName.Of(wanted ?? "", key ?? "");
            return name.Length is > 16 and < 128 && name[0] != '.' && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '-' or '_');
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Two_effects_never_want_one_name() =>
        Assert.NotEqual(DropName.Of("a.csv", "event/1/file/drop_a"), DropName.Of("a.csv", "event/1/file/drop_b"));

    [Fact]
    public void An_account_of_a_channel_is_never_one_of_a_crm()
    {
        Assert.Equal("acme/channel/mail", CommandAccount.OfChannel("acme", "mail"));
        Assert.Equal(("acme", "mail"), CommandAccount.Parse("acme/channel/mail"));
        Assert.Equal(("acme", null), CommandAccount.Parse(CommandAccount.OfCrm("acme", "channel")));
    }

    private static byte[] VectorBody => Encoding.UTF8.GetBytes("""{"id":"evt_demo_001","type":"demo.ping","n":1}""");
}
