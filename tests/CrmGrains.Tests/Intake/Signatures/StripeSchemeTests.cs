using CrmGrains.Core.Configuration;

namespace CrmGrains.Tests.Intake.Signatures;

public sealed class StripeSchemeTests : SignatureContract
{
    private const string DemoSignature = "v1=316a65575eb473f8028c9896d5f829d1ca51170ed2f6c69aa5c76f1cfaafa44c";

    protected override VerificationConfiguration Configuration => new() { Scheme = "stripe", Secrets = [] };

    protected override (string Old, string New) Secrets => ("whsec_demo_secret_1", "whsec_demo_secret_2");

    protected override bool SignsTime => true;

    protected override bool MayBeEarly => true;

    [Fact]
    public void The_vector_of_the_fact_sheet_is_reproduced() =>
        Assert.Equal($"t=1790000000,{DemoSignature}", Signed(Secrets.Old)["Stripe-Signature"]);

    [Fact]
    public void Any_signature_of_version_1_is_enough()
    {
        var wrong = "v1=" + new string('0', 64);
        Passes(Verify(Body, Header($"t=1790000000,{wrong},{DemoSignature},v0=abc"), Secrets.Old));
        Passes(Verify(Body, Header($"{DemoSignature}, t=1790000000, v1=zz"), Secrets.Old));
    }

    [Theory]
    [InlineData("t=1790000000")]
    [InlineData("t=1790000000,v0=316a65575eb473f8028c9896d5f829d1ca51170ed2f6c69aa5c76f1cfaafa44c")]
    [InlineData("t=1790000000,t=1790000001," + DemoSignature)]
    [InlineData("t=,v1=," + DemoSignature)]
    [InlineData("t=-1," + DemoSignature)]
    [InlineData("t=1790000000.5," + DemoSignature)]
    [InlineData("t=99999999999999999999," + DemoSignature)]
    [InlineData(DemoSignature)]
    public void A_header_without_one_time_and_a_signature_is_refused(string header) =>
        Refuses("malformed_header", Verify(Body, Header(header), Secrets.Old));

    [Fact]
    public void The_time_is_part_of_what_is_signed() =>
        Refuses("wrong_signature", Verify(Body, Header($"t=1790000001,{DemoSignature}"), Secrets.Old));

    private static Dictionary<string, string> Header(string value) => new() { ["Stripe-Signature"] = value };
}
