using CrmGrains.Core.Configuration;
using CrmGrains.Intake.Signatures;

namespace CrmGrains.Tests.Intake.Signatures;

public abstract class HmacPresetTests(string scheme, string secret, bool signsTime) : SignatureContract
{
    protected override VerificationConfiguration Configuration { get; } = new()
    {
        Scheme = scheme, Secrets = [], Url = SchemeWords.SignsUrl(scheme) ? $"https://hooks.crmgrains.test/in/{scheme.Split('_')[0]}/t1" : null,
    };

    protected override (string Old, string New) Secrets => (secret, Convert.ToBase64String(Utf8($"another {secret}")));

    protected override bool SignsTime => signsTime;

    /// <summary>The fact sheet's instant, to the millisecond.</summary>
    protected static DateTimeOffset ToTheMillisecond => DateTimeOffset.FromUnixTimeMilliseconds(1790000000123);

    /// <summary>Whether a vector of the fact sheet passes and is what we would sign; <c>header=value</c> for each header.</summary>
    protected void Reproduces(params (string Header, string Value)[] vector)
    {
        var headers = vector.ToDictionary(pair => pair.Header, pair => pair.Value);

        Passes(Scheme.Verify(Request(Body, headers), [secret], ToTheMillisecond));
        Assert.Equal(headers, Scheme.Sign(Body, secret, "d1", ToTheMillisecond));
    }
}

public sealed class CalendlyTests() : HmacPresetTests("calendly", "calendly_demo_key_1", signsTime: true)
{
    protected override TimeSpan UsualTolerance => TimeSpan.FromMinutes(3);

    [Fact]
    public void The_vector_of_the_fact_sheet_is_reproduced() => Reproduces(
        ("Calendly-Webhook-Signature", "t=1790000000,v1=9f4ac6d3ae55d38febb1440e8734f2f2fd67b715cd9b8a3ca899d0a323b107cf"));
}

public sealed class SheetsTests() : HmacPresetTests("sheets", "sheets_demo_1", signsTime: true)
{
    [Fact]
    public void The_vector_of_the_fact_sheet_is_reproduced() => Reproduces(
        ("X-CrmGrains-Signature", "t=1790000000,v1=17d63e77908860214f4bff65ce6c2f285aaf5a96d22e47b0bc5136a3a3c74505"));
}

public sealed class TypeformTests() : HmacPresetTests("typeform", "typeform_demo_1", signsTime: false)
{
    [Fact]
    public void The_vector_of_the_fact_sheet_is_reproduced() =>
        Reproduces(("Typeform-Signature", "sha256=lMh8gt8okhn1I5EyKUj1QYZUnacmh7CRMkWTAHOrjJE="));
}

public sealed class TallyTests() : HmacPresetTests("tally", "tally_demo_1", signsTime: false)
{
    [Fact]
    public void The_vector_of_the_fact_sheet_is_reproduced() => Reproduces(("Tally-Signature", "QMvle9RvALup+6TwbEtEZqpP8Ldm9v4bSlDxS9YKAT8="));
}

public sealed class WebflowTests() : HmacPresetTests("webflow", "webflow_demo_1", signsTime: true)
{
    [Fact]
    public void The_vector_of_the_fact_sheet_is_reproduced() => Reproduces(
        ("X-Webflow-Signature", "529b9d9158bfd26972ce3fe80a8354c380ba9e2f51b7efc8a84a9134497acdd1"), ("X-Webflow-Timestamp", "1790000000123"));

    [Theory]
    [InlineData("1790000000.123")]
    [InlineData("-1790000000123")]
    [InlineData("999999999999999")]
    public void A_time_that_is_not_in_whole_milliseconds_is_refused(string time) =>
        Refuses("malformed_header", Verify(Body, With(Signed(Secrets.Old), "X-Webflow-Timestamp", time), Secrets.Old));
}

public sealed class HubSpotV1Tests() : HmacPresetTests("hubspot_v1", "hs_demo_secret_1", signsTime: false)
{
    [Fact]
    public void The_vector_of_the_fact_sheet_is_reproduced() =>
        Reproduces(("X-HubSpot-Signature", "819058876152df15e119bc3f70be6c8b753f201953754a3f82a4f9dbbbb3ca5d"));
}

public sealed class HubSpotV2Tests() : HmacPresetTests("hubspot_v2", "hs_demo_secret_1", signsTime: false)
{
    [Fact]
    public void The_vector_of_the_fact_sheet_is_reproduced() =>
        Reproduces(("X-HubSpot-Signature", "83a068ad201f26291930f5e70d5777132789126b427f14042093984fb5320f1e"));
}

public sealed class HubSpotV3Tests() : HmacPresetTests("hubspot_v3", "hs_demo_secret_1", signsTime: true)
{
    [Fact]
    public void The_vector_of_the_fact_sheet_is_reproduced() => Reproduces(
        ("X-HubSpot-Signature-v3", "iJizSJXr0KC65wdsOSGzjIclq+phZ+NUi3nKewVWBkg="), ("X-HubSpot-Request-Timestamp", "1790000000123"));

    [Fact]
    public void The_query_that_came_is_part_of_the_address()
    {
        var signed = SignatureScheme.For(Configuration with { Url = Configuration.Url + "?portal=7&{timestamp}" }).Sign(Body, Secrets.Old, "d1", Now);

        Passes(Scheme.Verify(Request(Body, signed) with { Query = "?portal=7&{timestamp}" }, [Secrets.Old], Now));
        Refuses("wrong_signature", Scheme.Verify(Request(Body, signed) with { Query = "?portal=8&{timestamp}" }, [Secrets.Old], Now));
        Refuses("wrong_signature", Scheme.Verify(Request(Body, signed), [Secrets.Old], Now));
    }

    [Fact]
    public void Another_method_or_address_is_refused()
    {
        var signed = Signed(Secrets.Old);
        var elsewhere = SignatureScheme.For(Configuration with { Url = "https://hooks.crmgrains.test/in/hubspot/t2" });

        Refuses("wrong_signature", Scheme.Verify(Request(Body, signed) with { Method = "PUT" }, [Secrets.Old], Now));
        Refuses("wrong_signature", elsewhere.Verify(Request(Body, signed), [Secrets.Old], Now));
    }

    [Fact]
    public void Without_the_public_address_there_is_no_scheme() =>
        Assert.Contains("`url`", Assert.Throws<ArgumentException>(() => SignatureScheme.For(Configuration with { Url = null })).Message, StringComparison.Ordinal);
}

public sealed class ShopifyTests() : HmacPresetTests("shopify", "shopify_demo_1", signsTime: false)
{
    [Fact]
    public void The_vector_of_the_fact_sheet_is_reproduced() => Reproduces(("X-Shopify-Hmac-Sha256", "ZfFr6WMjXb/6sw+I2fUCVpEsZz6MuJfjRmF3Zlh3BFw="));
}

public sealed class GitHubTests() : HmacPresetTests("github", "github_demo_1", signsTime: false)
{
    [Fact]
    public void The_vector_of_the_fact_sheet_is_reproduced() =>
        Reproduces(("X-Hub-Signature-256", "sha256=19dd76e98727fc50dc1411ed0a0f1ec4c1d5b9a112c99ce52055cd4d66bfeaae"));

    [Fact]
    public void The_old_signature_under_sha1_is_none() => Refuses(
        "missing_header", Verify(Body, new Dictionary<string, string> { ["X-Hub-Signature"] = "sha1=0000" }, Secrets.Old));
}

public sealed class ZoomTests() : HmacPresetTests("zoom", "zoom_demo_1", signsTime: true)
{
    [Fact]
    public void The_vector_of_the_fact_sheet_is_reproduced() => Reproduces(
        ("x-zm-signature", "v0=4099e305998a84ae16a998a7b132285b892bea09bfb9cb5ca8eade8fa77e97f3"), ("x-zm-request-timestamp", "1790000000"));
}

public sealed class SlackTests() : HmacPresetTests("slack", "slack_demo_1", signsTime: true)
{
    [Fact]
    public void The_vector_of_the_fact_sheet_is_reproduced() => Reproduces(
        ("X-Slack-Signature", "v0=814ed6fc2462beefc9428f639d5cea7a05a0d2bb83b63a7eb77dd8c7623bafda"), ("X-Slack-Request-Timestamp", "1790000000"));
}

public sealed class FirefliesTests() : HmacPresetTests("fireflies", "fireflies_demo_1", signsTime: false)
{
    private const string Signature = "5e94eb03698603ed9c0a7d34b8b8c03de8ae4d2aa90980ca3c127fd497272521";

    [Fact]
    public void The_vector_of_the_fact_sheet_is_reproduced() => Reproduces(("x-hub-signature", $"sha256={Signature}"));

    [Fact]
    public void The_signature_may_lack_its_prefix() =>
        Passes(Verify(Body, new Dictionary<string, string> { ["X-Hub-Signature"] = Signature }, Secrets.Old));
}

public sealed class AirtableTests() : HmacPresetTests("airtable", "YWlydGFibGUtZGVtby1tYWMtc2VjcmV0LWJ5dGVzLTE=", signsTime: false)
{
    private const string Signature = "1cb17426b78df02ee55a1feda21d0a14a2b7c60f1d0ee0f3f4c190e0de484226";

    [Fact]
    public void The_vector_of_the_fact_sheet_is_reproduced() => Reproduces(("X-Airtable-Content-MAC", $"hmac-sha256={Signature}"));

    [Fact]
    public void The_signature_may_be_in_base64() => Passes(Verify(
        Body, new Dictionary<string, string> { ["X-Airtable-Content-MAC"] = $"hmac-sha256={Convert.ToBase64String(Convert.FromHexString(Signature))}" },
        Secrets.Old));

    [Fact]
    public void A_secret_that_is_no_base64_is_none() => Assert.NotNull(Scheme.FaultOf("not base64"));
}

public sealed class CallRailTests() : HmacPresetTests("callrail", "callrail_demo_1", signsTime: false)
{
    [Fact]
    public void The_vector_of_the_fact_sheet_is_reproduced() => Reproduces(("Signature", "aYP45ZaerBg/bQhY4a+r83+ZDLg="));
}

public sealed class HmacByHandTests : SignatureContract
{
    protected override VerificationConfiguration Configuration { get; } = new()
    {
        Scheme = "hmac", Secrets = [], Header = "X-Signature", Hash = "sha512", Encoding = "base64", Prefix = "v9=",
        Text = "{timestamp}|{method}|{url}|{body}|end", TimestampHeader = "X-Time", TimestampUnit = "milliseconds", Url = "https://hooks.test/a",
    };

    protected override (string Old, string New) Secrets => ("by hand 1", "by hand 2");

    protected override bool SignsTime => true;

    [Fact]
    public void What_is_signed_is_as_configured()
    {
        var text = $"1790000000000|POST|https://hooks.test/a|{System.Text.Encoding.UTF8.GetString(Body)}|end";
        var code = System.Security.Cryptography.HMACSHA512.HashData(Utf8(Secrets.Old), Utf8(text));

        Assert.Equal(
            new Dictionary<string, string> { ["X-Signature"] = "v9=" + Convert.ToBase64String(code), ["X-Time"] = "1790000000000" },
            Signed(Secrets.Old));
    }

    [Theory]
    [InlineData("{timestamp}.")]
    [InlineData("{body}{body}{timestamp}")]
    [InlineData("{body}")]
    public void A_text_that_does_not_fit_makes_no_scheme(string text) =>
        Assert.Throws<ArgumentException>(() => SignatureScheme.For(Configuration with { Text = text }));
}
