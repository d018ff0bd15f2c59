using System.Security.Cryptography;
using CrmGrains.Core.Configuration;
using CrmGrains.Intake.Signatures;

namespace CrmGrains.Tests.Intake.Signatures;

public sealed class Ed25519SchemeTests : SignatureContract
{
    private const string Vector = "YD7Rf5uS2ymF4sYRehEzq4rrerHVbQo/eubJEW6TtYtSsLZMwCsdxyL5cUIWzpuLJu9AZ4xCtSHyLpJuvYIYCA==";
    private const string Demo = "MCowBQYDK2VwAyEAXMGf2oMXIPTCgaJH/r3C71zzuMdvpYMxTw0nhZnTvrE=";

    // RFC 8032, section 7.1, test 1.
    private const string Rfc = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
    private const string RfcSeed = "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=";

    private static readonly string DemoSeed = Convert.ToBase64String("crmgrains-ed25519-demo-seed-0001"u8);

    protected override VerificationConfiguration Configuration { get; } = new() { Scheme = "ed25519", Secrets = [] };

    protected override (string Old, string New) Secrets => (Demo, Rfc);

    protected override string SigningSecretOf(string secret) => secret switch { Demo => DemoSeed, Rfc => RfcSeed, _ => secret };

    protected override bool SignsTime => false;

    [Fact]
    public void The_vector_of_the_fact_sheet_is_reproduced()
    {
        Passes(Verify(Body, Header(Vector), Demo));
        Assert.Equal(Vector, Signed(Demo)["X-GHL-Signature"]);
    }

    [Fact]
    public void The_vector_of_the_standard_passes() => Passes(Verify([], Header(Convert.ToBase64String(Convert.FromHexString(
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"))), Rfc));

    [Fact]
    public void A_key_may_be_pem()
    {
        var pem = $"-----BEGIN PUBLIC KEY-----\n{Demo}\n-----END PUBLIC KEY-----\n";
        var privateKey = Convert.ToBase64String([.. Convert.FromHexString("302e020100300506032b657004220420"), .. Convert.FromBase64String(DemoSeed)]);

        Passes(Verify(Body, Header(Vector), pem));
        Assert.Equal(Vector, Scheme.Sign(Body, $"-----BEGIN PRIVATE KEY-----\n{privateKey}\n-----END PRIVATE KEY-----", "d1", Now)["X-GHL-Signature"]);
    }

    [Fact]
    public void What_HighLevel_sends_in_place_of_a_signature_is_none() => Refuses("missing_header", Verify(Body, Header("N/A"), Demo));

    [Fact]
    public void A_public_key_signs_nothing() => Assert.NotNull(Scheme.SigningFaultOf(Demo));

    private static Dictionary<string, string> Header(string value) => new() { ["X-GHL-Signature"] = value };
}

public sealed class SendGridSchemeTests : SignatureContract
{
    private static readonly (string Public, string Private) Old = NewPair();
    private static readonly (string Public, string Private) New = NewPair();

    protected override VerificationConfiguration Configuration { get; } = new() { Scheme = "sendgrid", Secrets = [] };

    protected override (string Old, string New) Secrets => (Old.Public, New.Public);

    protected override string SigningSecretOf(string secret) => secret == Old.Public ? Old.Private : secret == New.Public ? New.Private : secret;

    protected override bool SignsTime => true;

    protected override TimeSpan UsualTolerance => TimeSpan.FromHours(96);

    [Fact]
    public void What_is_signed_is_the_timestamp_and_the_body()
    {
        using var ecdsa = ECDsa.Create();
        ecdsa.ImportPkcs8PrivateKey(Convert.FromBase64String(Old.Private), out _);
        var signature = ecdsa.SignData([.. "1790000000"u8, .. Body], HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);

        Passes(Verify(Body, With(Signed(Old.Public), "X-Twilio-Email-Event-Webhook-Signature", Convert.ToBase64String(signature)), Old.Public));
    }

    [Fact]
    public void A_key_on_another_curve_or_of_another_kind_is_none()
    {
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using var rsa = RSA.Create(2048);

        Assert.NotNull(Scheme.FaultOf(Convert.ToBase64String(other.ExportSubjectPublicKeyInfo())));
        Assert.NotNull(Scheme.FaultOf(Convert.ToBase64String(rsa.ExportSubjectPublicKeyInfo())));
        Assert.NotNull(Scheme.FaultOf(Old.Private));
        Assert.Null(Scheme.FaultOf(Old.Public));
    }

    private static (string Public, string Private) NewPair()
    {
        using var ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return (Convert.ToBase64String(ecdsa.ExportSubjectPublicKeyInfo()), Convert.ToBase64String(ecdsa.ExportPkcs8PrivateKey()));
    }
}

/// <summary>Standard Webhooks signed with a private key.</summary>
public sealed class StandardWebhooksKeyPairTests : SignatureContract
{
    private const string Demo = "whpk_XMGf2oMXIPTCgaJH/r3C71zzuMdvpYMxTw0nhZnTvrE=";
    private const string Rfc = "whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";

    protected override VerificationConfiguration Configuration { get; } = new() { Scheme = "standard_webhooks", Secrets = [] };

    protected override (string Old, string New) Secrets => (Demo, Rfc);

    protected override string SigningSecretOf(string secret) => secret switch
    {
        Demo => "whsk_" + Convert.ToBase64String("crmgrains-ed25519-demo-seed-0001"u8),
        Rfc => "whsk_nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=",
        _ => secret,
    };

    protected override bool SignsTime => true;

    [Fact]
    public void A_code_made_with_the_public_key_as_a_shared_secret_is_refused()
    {
        var forged = Scheme.Sign(Body, "whsec_" + Demo["whpk_".Length..], "msg_demo_001", Now);

        Refuses("wrong_signature", Verify(Body, forged, Demo));
    }

    [Fact]
    public void A_shared_secret_and_a_key_pair_may_both_be_valid_during_a_change()
    {
        const string shared = "whsec_Y3JtZ3JhaW5zLWRlbW8ta2V5LTMyLWJ5dGVzLWxvbmc=";
        var both = With(
            Signed(Demo), "webhook-signature", $"{Signed(shared)["webhook-signature"]} {Signed(Demo)["webhook-signature"]}");

        Assert.Equal(1, Passes(Verify(Body, both, Rfc, Demo)).SecretIndex);
        Assert.Equal(0, Passes(Verify(Body, both, shared, Demo)).SecretIndex);
    }
}
