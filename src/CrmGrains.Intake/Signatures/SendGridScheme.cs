using System.Security.Cryptography;
using System.Text;

namespace CrmGrains.Intake.Signatures;

/// <summary>
/// SendGrid: ECDSA on P-256 with SHA-256 over the timestamp and the body, as DER in Base64. The secret is the public key that SendGrid shows. Mail
/// is tried again for 72 hours, perhaps with its first timestamp, and a refused one is dropped for good; so the tolerance is wide.
/// </summary>
internal sealed class SendGridScheme(TimeSpan? tolerance) : SignatureScheme
{
    public const string SchemeName = "sendgrid";

    private const string SignatureHeader = "X-Twilio-Email-Event-Webhook-Signature";
    private const string TimestampHeader = "X-Twilio-Email-Event-Webhook-Timestamp";

    private static readonly TimeSpan RetriesAndMore = TimeSpan.FromHours(96);

    public override string Name => SchemeName;

    private protected override TimeSpan Tolerance { get; } = tolerance ?? RetriesAndMore;

    private protected override SignatureClaim? Read(SignedRequest request, out VerificationResult.Refused? refused)
    {
        if (request.One(SignatureHeader, out refused) is not { } value || request.One(TimestampHeader, out refused) is not { } timestamp)
            return null;
        if (SignatureText.FromBase64(value) is not { } signature)
            refused = VerificationResult.Malformed(SignatureHeader, "is not a signature in base64");
        else if (SignatureText.FromUnixSeconds(timestamp) is not { } signedAt)
            refused = VerificationResult.Malformed(TimestampHeader, "is not in whole seconds since 1970");
        else
            return new(timestamp, [signature], DeliveryId: null, signedAt);
        return null;
    }

    private protected override bool Matches(SignatureKey key, SignatureClaim claim, SignedRequest request)
    {
        using var ecdsa = ECDsa.Create();
        try
        {
            ecdsa.ImportSubjectPublicKeyInfo(key.Bytes, out _);
            return ecdsa.VerifyHash(Hash(claim.BeforeBody, request.Body.Span), claim.Signatures[0], DSASignatureFormat.Rfc3279DerSequence);
        }
        catch (CryptographicException)
        {
            // No key, or no DER.
            return false;
        }
    }

    private protected override IReadOnlyDictionary<string, string> Headers(
        ReadOnlySpan<byte> body, SignatureKey key, string deliveryId, DateTimeOffset instant)
    {
        using var ecdsa = ECDsa.Create();
        ecdsa.ImportPkcs8PrivateKey(key.Bytes, out _);
        var timestamp = $"{instant.ToUnixTimeSeconds()}";
        return new Dictionary<string, string>
        {
            [SignatureHeader] = Convert.ToBase64String(ecdsa.SignHash(Hash(timestamp, body), DSASignatureFormat.Rfc3279DerSequence)),
            [TimestampHeader] = timestamp,
        };
    }

    private protected override SignatureKey? Key(string secret) =>
        IsOnP256(secret, static (ecdsa, der) => ecdsa.ImportSubjectPublicKeyInfo(der, out _)) is { } key ? new SignatureKey(key, IsAsymmetric: true) : null;

    private protected override SignatureKey? SigningKey(string secret) =>
        IsOnP256(secret, static (ecdsa, der) => ecdsa.ImportPkcs8PrivateKey(der, out _)) is { } key ? new SignatureKey(key, IsAsymmetric: true) : null;

    private static byte[]? IsOnP256(string secret, Action<ECDsa, byte[]> import)
    {
        if (KeyText.Bytes(secret) is not { } der)
            return null;
        using var ecdsa = ECDsa.Create();
        try
        {
            import(ecdsa, der);
            return ecdsa.KeySize == 256 ? der : null;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private static byte[] Hash(string timestamp, ReadOnlySpan<byte> body)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.ASCII.GetBytes(timestamp));
        hash.AppendData(body);
        return hash.GetHashAndReset();
    }
}
