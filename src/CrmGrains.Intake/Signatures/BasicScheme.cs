using System.Security.Cryptography;
using System.Text;

namespace CrmGrains.Intake.Signatures;

/// <summary>
/// <c>Authorization: Basic</c> (RFC 7617), for vendors that sign nothing, as Pipedrive and Postmark. The secret is <c>user:password</c>. Whoever
/// reads a delivery on its way can send others, so these hooks are for HTTPS only.
/// </summary>
internal sealed class BasicScheme : SignatureScheme
{
    public const string SchemeName = "basic";

    private const string HeaderName = "Authorization";
    private const string Prefix = "Basic ";

    public override string Name => SchemeName;

    public override string Credential => HeaderName;

    private protected override SignatureClaim? Read(SignedRequest request, out VerificationResult.Refused? refused)
    {
        if (request.One(HeaderName, out refused) is not { } value)
            return null;
        if (value.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) && SignatureText.FromBase64(value.AsSpan(Prefix.Length).Trim()) is { } credentials)
            return new("", [credentials], DeliveryId: null, SignedAt: null);
        refused = VerificationResult.Malformed(HeaderName, "is not 'Basic' and user:password in base64");
        return null;
    }

    // Hashes of them, so that the length isn't told either.
    private protected override bool Matches(SignatureKey key, SignatureClaim claim, SignedRequest request) =>
        CryptographicOperations.FixedTimeEquals(SHA256.HashData(key.Bytes), SHA256.HashData(claim.Signatures[0]));

    private protected override IReadOnlyDictionary<string, string> Headers(
        ReadOnlySpan<byte> body, SignatureKey key, string deliveryId, DateTimeOffset instant) => new Dictionary<string, string>
        {
            [HeaderName] = Prefix + Convert.ToBase64String(key.Bytes),
        };

    private protected override SignatureKey? Key(string secret) =>
        secret.IndexOf(':', StringComparison.Ordinal) > 0 ? new SignatureKey(Encoding.UTF8.GetBytes(secret)) : null;
}
