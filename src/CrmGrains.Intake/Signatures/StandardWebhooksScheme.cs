using System.Security.Cryptography;
using System.Text;

namespace CrmGrains.Intake.Signatures;

/// <summary>
/// Standard Webhooks 1.0 and Svix: <c>{id}.{timestamp}.{body}</c> under HMAC-SHA256, in Base64 after <c>v1,</c>, or under Ed25519 after
/// <c>v1a,</c>, where the secret is a public key <c>whpk_</c>; several, separated by spaces, during a rotation. Signatures of other
/// versions are passed over.
/// </summary>
internal sealed class StandardWebhooksScheme(TimeSpan tolerance) : SignatureScheme
{
    public const string SchemeName = "standard_webhooks";

    private const string SecretPrefix = "whsec_";
    private const string PublicKeyPrefix = "whpk_";
    private const string PrivateKeyPrefix = "whsk_";
    private const string SignaturePrefix = "v1,";
    private const string PublicSignaturePrefix = "v1a,";
    private const int CodeBytes = 32;
    private const int MaxIdLength = 256;

    public override string Name => SchemeName;

    private protected override TimeSpan Tolerance => tolerance;

    private protected override SignatureClaim? Read(SignedRequest request, out VerificationResult.Refused? refused)
    {
        // One family or the other, never an id of one with a signature of the other.
        var family = request.Header("webhook-signature").Count == 0 && request.Header("svix-signature").Count > 0 ? "svix" : "webhook";

        if (request.One($"{family}-id", out refused) is not { } id
            || request.One($"{family}-timestamp", out refused) is not { } timestamp
            || request.One($"{family}-signature", out refused) is not { } list)
        {
            return null;
        }

        if (id.Length > MaxIdLength || !id.All(letter => letter is > ' ' and <= '~'))
            refused = VerificationResult.Malformed($"{family}-id", $"is not up to {MaxIdLength} visible ASCII characters");
        else if (SignatureText.FromUnixSeconds(timestamp) is not { } signedAt)
            refused = VerificationResult.Malformed($"{family}-timestamp", "is not in whole seconds since 1970");
        else if (Signatures(list) is not { Count: > 0 and <= SignatureText.MaxSignatures } signatures)
            refused = VerificationResult.Malformed($"{family}-signature", $"has not 1 to {SignatureText.MaxSignatures} 'v1,<base64>' or 'v1a,<base64>'");
        else
            return new($"{id}.{timestamp}.", signatures, id, signedAt);
        return null;
    }

    // What a version's signatures are is told by their length from here on.
    private static List<byte[]> Signatures(string list)
    {
        var signatures = new List<byte[]>();
        foreach (var entry in list.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var (prefix, length) = entry.StartsWith(PublicSignaturePrefix, StringComparison.Ordinal)
                ? (PublicSignaturePrefix, Ed25519.SignatureBytes)
                : (SignaturePrefix, CodeBytes);
            if (entry.StartsWith(prefix, StringComparison.Ordinal)
                && SignatureText.FromBase64(entry.AsSpan(prefix.Length)) is { } signature && signature.Length == length)
            {
                signatures.Add(signature);
            }
        }

        return signatures;
    }

    private protected override bool Matches(SignatureKey key, SignatureClaim claim, SignedRequest request)
    {
        if (!key.IsAsymmetric)
            return IsAnyOf(claim.Signatures, Code(key.Bytes, claim.BeforeBody, request.Body.Span));
        byte[]? text = null;
        foreach (var signature in claim.Signatures)
        {
            if (signature.Length == Ed25519.SignatureBytes
                && Ed25519.IsSigned(key.Bytes, signature, text ??= [.. Encoding.UTF8.GetBytes(claim.BeforeBody), .. request.Body.Span]))
            {
                return true;
            }
        }

        return false;
    }

    private protected override IReadOnlyDictionary<string, string> Headers(
        ReadOnlySpan<byte> body, SignatureKey key, string deliveryId, DateTimeOffset instant)
    {
        var timestamp = $"{instant.ToUnixTimeSeconds()}";
        var before = $"{deliveryId}.{timestamp}.";
        return new Dictionary<string, string>
        {
            ["webhook-id"] = deliveryId,
            ["webhook-timestamp"] = timestamp,
            ["webhook-signature"] = key.IsAsymmetric
                ? PublicSignaturePrefix + Convert.ToBase64String(Ed25519.Sign(key.Bytes, [.. Encoding.UTF8.GetBytes(before), .. body]))
                : SignaturePrefix + Convert.ToBase64String(Code(key.Bytes, before, body)),
        };
    }

    private protected override SignatureKey? Key(string secret)
    {
        if (secret.StartsWith(PublicKeyPrefix, StringComparison.Ordinal))
            return KeyText.Ed25519Public(secret[PublicKeyPrefix.Length..]) is { } publicKey ? new SignatureKey(publicKey, IsAsymmetric: true) : null;
        var text = secret.StartsWith(SecretPrefix, StringComparison.Ordinal) ? secret.AsSpan(SecretPrefix.Length) : secret;
        return SignatureText.FromBase64(text) is { Length: >= 24 and <= 64 } key ? new SignatureKey(key) : null;
    }

    private protected override SignatureKey? SigningKey(string secret) =>
        secret.StartsWith(PrivateKeyPrefix, StringComparison.Ordinal)
            ? KeyText.Ed25519Private(secret[PrivateKeyPrefix.Length..]) is { } key ? new SignatureKey(key, IsAsymmetric: true) : null
        : secret.StartsWith(PublicKeyPrefix, StringComparison.Ordinal) ? null
        : Key(secret);

    private static byte[] Code(byte[] key, string before, ReadOnlySpan<byte> body)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        hmac.AppendData(Encoding.UTF8.GetBytes(before));
        hmac.AppendData(body);
        return hmac.GetHashAndReset();
    }
}
