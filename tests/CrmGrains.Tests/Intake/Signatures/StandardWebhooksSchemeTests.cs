using CrmGrains.Core.Configuration;
using CrmGrains.Intake.Signatures;

namespace CrmGrains.Tests.Intake.Signatures;

public sealed class StandardWebhooksSchemeTests : SignatureContract
{
    private const string Demo = "whsec_Y3JtZ3JhaW5zLWRlbW8ta2V5LTMyLWJ5dGVzLWxvbmc=";
    private const string DemoSignature = "v1,me5X/PAcijlGHdhzGubSlFDn/UzHAJloAFKtv3+ELjQ=";

    protected override VerificationConfiguration Configuration => new() { Scheme = "standard_webhooks", Secrets = [] };

    protected override (string Old, string New) Secrets => (Demo, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");

    protected override bool SignsTime => true;

    [Fact]
    public void The_vector_of_the_fact_sheet_is_reproduced() =>
        Assert.Equal(DemoSignature, Signed(Demo)["webhook-signature"]);

    [Fact]
    public void The_vector_that_the_reference_libraries_publish_passes()
    {
        var request = Request(Utf8("""{"test": 2432232314}"""), new Dictionary<string, string>
        {
            ["webhook-id"] = "msg_p5jXN8AQM9LWM0D4loKWxJek",
            ["webhook-timestamp"] = "1614265330",
            ["webhook-signature"] = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        });

        var verified = Passes(Scheme.Verify(request, [Secrets.New], DateTimeOffset.FromUnixTimeSeconds(1614265330)));

        Assert.Equal("msg_p5jXN8AQM9LWM0D4loKWxJek", verified.DeliveryId);
    }

    [Fact]
    public void The_headers_of_Svix_are_taken_too() => Passes(Verify(Body, Headers("svix", DemoSignature), Demo));

    [Fact]
    public void Headers_of_the_two_families_do_not_mix()
    {
        var mixed = new Dictionary<string, string>(Headers("svix", DemoSignature)) { ["webhook-signature"] = DemoSignature };
        Refuses("missing_header", Verify(Body, mixed, Demo));
    }

    [Fact]
    public void Any_signature_of_the_list_is_enough()
    {
        var other = Signed(Secrets.New)["webhook-signature"];
        Passes(Verify(Body, Headers("webhook", $"{other} {DemoSignature}"), Demo));
        Passes(Verify(Body, Headers("webhook", $"v1,??? v1a,AAAA  {DemoSignature} v9,x"), Demo));
    }

    [Fact]
    public void A_list_without_one_of_version_1_is_refused() =>
        Refuses("malformed_header", Verify(Body, Headers("webhook", DemoSignature.Replace("v1,", "v1a,", StringComparison.Ordinal)), Demo));

    [Fact]
    public void A_list_of_absurd_length_is_refused() =>
        Refuses("malformed_header", Verify(Body, Headers("webhook", string.Join(' ', Enumerable.Repeat("v1,AAAA", 17))), Demo));

    [Fact]
    public void The_id_is_part_of_what_is_signed() =>
        Refuses("wrong_signature", Verify(Body, With(Headers("webhook", DemoSignature), "webhook-id", "msg_demo_002"), Demo));

    [Fact]
    public void The_time_is_part_of_what_is_signed() =>
        Refuses("wrong_signature", Verify(Body, With(Headers("webhook", DemoSignature), "webhook-timestamp", "1790000001"), Demo));

    [Theory]
    [InlineData("whsec_")]
    [InlineData("whsec_not base64")]
    [InlineData("whsec_dG9vIHNob3J0")]
    public void A_secret_that_is_not_24_to_64_bytes_of_Base64_is_none(string secret)
    {
        Refuses("no_secret", Verify(Body, Headers("webhook", DemoSignature), secret));
        Assert.NotNull(Scheme.FaultOf(secret));
        Assert.Null(Scheme.FaultOf(Demo));
    }

    private static Dictionary<string, string> Headers(string family, string signature) => new()
    {
        [$"{family}-id"] = "msg_demo_001",
        [$"{family}-timestamp"] = "1790000000",
        [$"{family}-signature"] = signature,
    };
}
