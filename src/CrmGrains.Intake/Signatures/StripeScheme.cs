using System.Text;

namespace CrmGrains.Intake.Signatures;

/// <summary>
/// Stripe: HMAC-SHA256 over <c>{t}.{body}</c>, in <c>Stripe-Signature: t=...,v1=hex,v1=hex</c>. The whole text of the secret is the key,
/// with its <c>whsec_</c>. Stripe's own libraries accept any timestamp of the future; here it is bounded as the past is.
/// </summary>
internal sealed class StripeScheme(TimeSpan tolerance) : SignatureScheme
{
    public const string SchemeName = "stripe";

    private const string HeaderName = "Stripe-Signature";

    public override string Name => SchemeName;

    private protected override TimeSpan Tolerance => tolerance;

    private protected override SignatureClaim? Read(SignedRequest request, out VerificationResult.Refused? refused)
    {
        if (request.One(HeaderName, out refused) is not { } header)
            return null;

        var timestamps = new List<string>();
        var signatures = new List<byte[]>();
        foreach (var part in header.Split(',', StringSplitOptions.TrimEntries))
        {
            if (part.StartsWith("t=", StringComparison.Ordinal))
                timestamps.Add(part[2..]);
            else if (part.StartsWith("v1=", StringComparison.Ordinal) && SignatureText.FromHex(part.AsSpan(3)) is { } signature)
                signatures.Add(signature);
        }

        if (timestamps.Count != 1 || SignatureText.FromUnixSeconds(timestamps[0]) is not { } signedAt)
            refused = VerificationResult.Malformed(HeaderName, "has not one timestamp 't=' in whole seconds since 1970");
        else if (signatures.Count is 0 or > SignatureText.MaxSignatures)
            refused = VerificationResult.Malformed(HeaderName, $"has not 1 to {SignatureText.MaxSignatures} signatures 'v1=<hex>'");
        else
            return new($"{timestamps[0]}.", signatures, DeliveryId: null, signedAt);
        return null;
    }

    private protected override IReadOnlyDictionary<string, string> Headers(
        ReadOnlySpan<byte> body, byte[] key, string deliveryId, long unixSeconds) => new Dictionary<string, string>
        {
            [HeaderName] = $"t={unixSeconds},v1={Convert.ToHexStringLower(Code(key, $"{unixSeconds}.", body))}",
        };

    private protected override byte[] Key(string secret) => Encoding.UTF8.GetBytes(secret);
}
