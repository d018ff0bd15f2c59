using System.Text;
using CrmGrains.Core.Configuration;
using CrmGrains.Intake.Signatures;

namespace CrmGrains.Tests.Intake.Signatures;

/// <summary>Schemes in which the secret itself is sent: nothing is signed.</summary>
public sealed class CredentialSchemeTests
{
    private static readonly SignatureScheme Basic = SignatureScheme.For(new VerificationConfiguration { Scheme = "basic", Secrets = [] });
    private static readonly SignatureScheme ApiKey = SignatureScheme.For(new VerificationConfiguration { Scheme = "api_key", Secrets = [] });

    [Fact]
    public void The_user_and_password_pass_in_either_of_a_rotation()
    {
        Assert.Equal(1, Verified(Basic, ("Authorization", $"basic {Base64("kai:pass:word")}"), "kai:other", "kai:pass:word"));
        Assert.Equal(0, Verified(Basic, ("Authorization", Basic.Sign([], "kai:pass:word", "", default)["Authorization"]), "kai:pass:word"));
    }

    [Theory]
    [InlineData("missing_header", "Authorization", " ")]
    [InlineData("missing_header", "X-Api-Key", "kai:password")]
    [InlineData("malformed_header", "Authorization", "Bearer kai:password")]
    [InlineData("malformed_header", "Authorization", "Basic kai:password")]
    [InlineData("wrong_signature", "Authorization", "Basic a2FpOnBhc3N3b3I=")]
    public void Anything_else_than_the_user_and_password_is_refused(string code, string header, string value) =>
        Assert.Equal(code, Refused(Basic, (header, value), "kai:password"));

    [Fact]
    public void A_secret_without_a_user_is_none()
    {
        Assert.Equal("no_secret", Refused(Basic, ("Authorization", $"Basic {Base64(":")}"), ":", "password", ""));
        Assert.NotNull(Basic.FaultOf("password"));
    }

    [Theory]
    [InlineData("Authorization", "Bearer key-1")]
    [InlineData("Authorization", "bearer  key-1 ")]
    [InlineData("X-Api-Key", "key-1")]
    public void A_key_passes_as_a_bearer_or_in_its_own_header(string header, string value) =>
        Assert.Equal(0, Verified(ApiKey, (header, value), "key-1\n", "key-2"));

    [Theory]
    [InlineData("missing_header", "X-Key", "key-1")]
    [InlineData("malformed_header", "Authorization", "Basic a2V5LTE=")]
    [InlineData("wrong_signature", "X-Api-Key", "key-")]
    [InlineData("wrong_signature", "X-Api-Key", "key-11")]
    [InlineData("wrong_signature", "Authorization", "Bearer KEY-1")]
    [InlineData("malformed_header", "Authorization", "Bearer ")]
    public void Anything_else_than_the_key_is_refused(string code, string header, string value) =>
        Assert.Equal(code, Refused(ApiKey, (header, value), "key-1"));

    [Fact]
    public void A_key_may_have_a_header_of_its_own_and_no_other_then()
    {
        var scheme = SignatureScheme.For(new VerificationConfiguration { Scheme = "api_key", Secrets = [], Header = "X-Goog-Channel-Token" });

        Assert.Equal(0, Verified(scheme, ("x-goog-channel-token", "key-1"), "key-1"));
        Assert.Equal("missing_header", Refused(scheme, ("X-Api-Key", "key-1"), "key-1"));
        Assert.Equal("X-Goog-Channel-Token", scheme.Credential);
    }

    [Fact]
    public void Every_scheme_that_can_be_configured_is_there() => Assert.All(SourceWords.Schemes, name => Assert.Equal(
        name, SignatureScheme.For(new VerificationConfiguration { Scheme = name, Secrets = [], Header = "X-Signature", Url = "https://hooks.test/a" }).Name));

    private static int Verified(SignatureScheme scheme, (string Name, string Value) header, params string[] secrets) =>
        Assert.IsType<VerificationResult.Verified>(Verify(scheme, header, secrets)).SecretIndex;

    private static string Refused(SignatureScheme scheme, (string Name, string Value) header, params string[] secrets) =>
        Assert.IsType<VerificationResult.Refused>(Verify(scheme, header, secrets)).Code;

    private static VerificationResult Verify(SignatureScheme scheme, (string Name, string Value) header, string[] secrets) => scheme.Verify(
        new SignedRequest("{}"u8.ToArray(), name => name.Equals(header.Name, StringComparison.OrdinalIgnoreCase) ? [header.Value] : []),
        secrets, DateTimeOffset.UnixEpoch);

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
