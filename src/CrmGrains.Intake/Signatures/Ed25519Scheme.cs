namespace CrmGrains.Intake.Signatures;

/// <summary>
/// HighLevel: Ed25519 over the body, in Base64. The secret is the vendor's public key. No time is signed but in the body, and a retry probably
/// carries that of the first attempt, so it isn't judged here: the delivery id keeps a copy harmless.
/// </summary>
internal sealed class Ed25519Scheme(string? header) : SignatureScheme
{
    public const string SchemeName = "ed25519";

    private readonly string _header = header ?? "X-GHL-Signature";

    public override string Name => SchemeName;

    private protected override SignatureClaim? Read(SignedRequest request, out VerificationResult.Refused? refused)
    {
        if (request.One(_header, out refused) is not { } value)
            return null;
        if (value == "N/A")  // what HighLevel sends in place of none
            refused = VerificationResult.Missing(_header);
        else if (SignatureText.FromBase64(value) is { } signature)
            return new("", [signature], DeliveryId: null, SignedAt: null);
        else
            refused = VerificationResult.Malformed(_header, "is not a signature in base64");
        return null;
    }

    private protected override bool Matches(SignatureKey key, SignatureClaim claim, SignedRequest request) =>
        Ed25519.IsSigned(key.Bytes, claim.Signatures[0], request.Body.Span);

    private protected override IReadOnlyDictionary<string, string> Headers(
        ReadOnlySpan<byte> body, SignatureKey key, string deliveryId, DateTimeOffset instant) => new Dictionary<string, string>
        {
            [_header] = Convert.ToBase64String(Ed25519.Sign(key.Bytes, body)),
        };

    private protected override SignatureKey? Key(string secret) =>
        KeyText.Ed25519Public(secret) is { } key ? new SignatureKey(key, IsAsymmetric: true) : null;

    private protected override SignatureKey? SigningKey(string secret) =>
        KeyText.Ed25519Private(secret) is { } key ? new SignatureKey(key, IsAsymmetric: true) : null;
}
