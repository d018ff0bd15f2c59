namespace CrmGrains.Intake.Signatures;

/// <summary>
/// Standard Webhooks 1.0 and Svix: HMAC-SHA256 over <c>{id}.{timestamp}.{body}</c>, in Base64 after <c>v1,</c>; several, separated by
/// spaces, during a rotation. Signatures of other versions are passed over.
/// </summary>
internal sealed class StandardWebhooksScheme(TimeSpan tolerance) : SignatureScheme
{
    public const string SchemeName = "standard_webhooks";

    private const string SecretPrefix = "whsec_";
    private const string SignaturePrefix = "v1,";
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
            refused = VerificationResult.Malformed($"{family}-signature", $"has not 1 to {SignatureText.MaxSignatures} 'v1,<base64>'");
        else
            return new($"{id}.{timestamp}.", signatures, id, signedAt);
        return null;
    }

    private static List<byte[]> Signatures(string list) =>
    [
        .. list.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Where(entry => entry.StartsWith(SignaturePrefix, StringComparison.Ordinal))
            .Select(entry => SignatureText.FromBase64(entry.AsSpan(SignaturePrefix.Length)))
            .OfType<byte[]>(),
    ];

    private protected override IReadOnlyDictionary<string, string> Headers(
        ReadOnlySpan<byte> body, byte[] key, string deliveryId, long unixSeconds) => new Dictionary<string, string>
        {
            ["webhook-id"] = deliveryId,
            ["webhook-timestamp"] = $"{unixSeconds}",
            ["webhook-signature"] = SignaturePrefix + Convert.ToBase64String(Code(key, $"{deliveryId}.{unixSeconds}.", body)),
        };

    private protected override byte[]? Key(string secret)
    {
        var text = secret.StartsWith(SecretPrefix, StringComparison.Ordinal) ? secret.AsSpan(SecretPrefix.Length) : secret;
        return SignatureText.FromBase64(text) is { Length: >= 24 and <= 64 } key ? key : null;
    }
}
