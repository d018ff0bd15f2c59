using CrmGrains.Core.Configuration;
using CrmGrains.Intake.Signatures;

namespace CrmGrains.Tests.Intake.Signatures;

public sealed class HmacSchemeTests : SignatureContract
{
    protected override VerificationConfiguration Configuration { get; } =
        new() { Scheme = "hmac", Secrets = [], Header = "X-Hub-Signature-256", Prefix = "sha256=" };

    protected override (string Old, string New) Secrets => ("github_demo_1", "github_demo_2");

    protected override bool SignsTime => false;

    /// <summary>The fact sheet's vectors of plain HMACs over the body.</summary>
    public static TheoryData<string, string, string, string, string, string> Vectors => new()
    {
        { "X-Hub-Signature-256", "sha256", "hex", "sha256=", "github_demo_1", "sha256=19dd76e98727fc50dc1411ed0a0f1ec4c1d5b9a112c99ce52055cd4d66bfeaae" },
        { "X-Shopify-Hmac-Sha256", "sha256", "base64", "", "shopify_demo_1", "ZfFr6WMjXb/6sw+I2fUCVpEsZz6MuJfjRmF3Zlh3BFw=" },
        { "Typeform-Signature", "sha256", "base64", "sha256=", "typeform_demo_1", "sha256=lMh8gt8okhn1I5EyKUj1QYZUnacmh7CRMkWTAHOrjJE=" },
        { "Tally-Signature", "sha256", "base64", "", "tally_demo_1", "QMvle9RvALup+6TwbEtEZqpP8Ldm9v4bSlDxS9YKAT8=" },
        { "x-hub-signature", "sha256", "hex", "sha256=", "fireflies_demo_1", "sha256=5e94eb03698603ed9c0a7d34b8b8c03de8ae4d2aa90980ca3c127fd497272521" },
        { "Signature", "sha1", "base64", "", "callrail_demo_1", "aYP45ZaerBg/bQhY4a+r83+ZDLg=" },
    };

    [Theory]
    [MemberData(nameof(Vectors))]
    public void The_vectors_of_the_fact_sheet_pass_and_are_reproduced(
        string header, string hash, string encoding, string prefix, string secret, string signature)
    {
        var scheme = SignatureScheme.For(Configuration with { Header = header, Hash = hash, Encoding = encoding, Prefix = prefix });

        Passes(scheme.Verify(Request(Body, new Dictionary<string, string> { [header] = signature }), [secret], Now));
        Assert.Equal(signature, scheme.Sign(Body, secret, "d1", Now)[header]);
    }

    [Fact]
    public void Sha512_is_known()
    {
        var scheme = SignatureScheme.For(Configuration with { Hash = "sha512" });
        var signed = scheme.Sign(Body, Secrets.Old, "d1", Now);

        Assert.Equal("sha256=".Length + 128, signed["X-Hub-Signature-256"].Length);
        Passes(scheme.Verify(Request(Body, signed), [Secrets.Old], Now));
    }

    [Fact]
    public void Hexadecimal_digits_may_be_in_either_case()
    {
        var signature = Signed(Secrets.Old)["X-Hub-Signature-256"];
        Passes(Verify(Body, Header("sha256=" + signature["sha256=".Length..].ToUpperInvariant()), Secrets.Old));
    }

    [Fact]
    public void A_signature_cut_short_is_refused()
    {
        var signature = Signed(Secrets.Old)["X-Hub-Signature-256"];
        Refuses("wrong_signature", Verify(Body, Header(signature[..^2]), Secrets.Old));
        Refuses("malformed_header", Verify(Body, Header(signature[..^1]), Secrets.Old));
        Refuses("malformed_header", Verify(Body, Header("sha256="), Secrets.Old));
    }

    [Fact]
    public void The_prefix_is_needed() =>
        Refuses("malformed_header", Verify(Body, Header(Signed(Secrets.Old)["X-Hub-Signature-256"]["sha256=".Length..]), Secrets.Old));

    [Fact]
    public void A_configuration_that_names_no_scheme_header_hash_or_encoding_makes_no_scheme()
    {
        Assert.Throws<ArgumentException>(() => SignatureScheme.For(Configuration with { Scheme = "none" }));
        Assert.Throws<ArgumentException>(() => SignatureScheme.For(Configuration with { Header = " " }));
        Assert.Throws<ArgumentException>(() => SignatureScheme.For(Configuration with { Hash = "md5" }));
        Assert.Throws<ArgumentException>(() => SignatureScheme.For(Configuration with { Encoding = "base32" }));
    }

    private static Dictionary<string, string> Header(string value) => new() { ["X-Hub-Signature-256"] = value };
}
