using System.Security.Cryptography;
using CrmGrains.Core.Configuration;
using CrmGrains.Intake.Signatures;

namespace CrmGrains.Tests.Intake.Signatures;

public sealed class TwilioSchemeTests : SignatureContract
{
    private const string Url = "https://hooks.crmgrains.test/in/twilio/t1";
    private const string Vector = "KULiYJM/avx+mHkFIKJX722Y1tc=";

    private static readonly byte[] Form =
        Utf8("To=%2B15550199&CallDuration=73&From=%2B15550100&CallSid=CA00000000000000000000000000000001&CallStatus=completed");

    protected override VerificationConfiguration Configuration { get; } = new() { Scheme = "twilio", Secrets = [], Url = Url };

    protected override (string Old, string New) Secrets => ("twilio_demo_1", "twilio_demo_2");

    protected override bool SignsTime => false;

    [Fact]
    public void The_vector_of_the_fact_sheet_is_reproduced()
    {
        Passes(Verify(Form, Header(Vector), Secrets.Old));
        Assert.Equal(Vector, Scheme.Sign(Form, Secrets.Old, "d1", Now)["X-Twilio-Signature"]);
    }

    [Theory]
    [InlineData("https://hooks.crmgrains.test:443/in/twilio/t1")]
    [InlineData("https://hooks.crmgrains.test/in/twilio/t1")]
    public void The_port_may_be_in_the_signed_address_or_not(string configured) => Passes(
        SignatureScheme.For(Configuration with { Url = configured }).Verify(Request(Form, Header(Vector)), [Secrets.Old], Now));

    [Fact]
    public void Any_changed_value_is_refused() => Refuses(
        "wrong_signature", Verify(Utf8(System.Text.Encoding.UTF8.GetString(Form).Replace("73", "74", StringComparison.Ordinal)), Header(Vector), Secrets.Old));

    [Fact]
    public void Values_of_a_repeated_name_count_once_each_and_in_order() => Assert.Equal(
        Scheme.Sign("a=1&a=2&b=3"u8, Secrets.Old, "d1", Now), Scheme.Sign("b=3&a=2&a=1&&a=2"u8, Secrets.Old, "d1", Now));

    [Fact]
    public void Of_a_json_body_the_hash_in_the_query_is_signed()
    {
        var query = $"?bodySHA256={Convert.ToHexStringLower(SHA256.HashData(Body))}";
        var signed = SignatureScheme.For(Configuration with { Url = Url + query }).Sign([], Secrets.Old, "d1", Now);

        Passes(Scheme.Verify(Request(Body, signed) with { Query = query }, [Secrets.Old], Now));
        Refuses("wrong_signature", Scheme.Verify(Request([.. Body, 1], signed) with { Query = query }, [Secrets.Old], Now));
        Refuses("wrong_signature", Scheme.Verify(Request(Body, signed), [Secrets.Old], Now));
    }

    [Fact]
    public void A_form_of_absurd_size_is_refused_without_much_work() =>
        Refuses("malformed_body", Verify(Utf8(string.Concat(Enumerable.Repeat("a&", 500_000))), Header(Vector), Secrets.Old));

    [Fact]
    public void Without_the_public_address_there_is_no_scheme() =>
        Assert.Throws<ArgumentException>(() => SignatureScheme.For(Configuration with { Url = null }));

    private static Dictionary<string, string> Header(string value) => new() { ["X-Twilio-Signature"] = value };
}
