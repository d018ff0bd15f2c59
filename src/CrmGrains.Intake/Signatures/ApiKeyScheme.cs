using System.Security.Cryptography;
using System.Text;

namespace CrmGrains.Intake.Signatures;

/// <summary>
/// A key in a header, for callers that can add a header and no more, as Zapier, Make and n8n: <c>Authorization: Bearer</c>, <c>X-Api-Key</c>, or
/// the one header that is configured. Whoever reads a delivery on its way can send others, so these hooks are for HTTPS only.
/// </summary>
internal sealed class ApiKeyScheme(string? header) : SignatureScheme
{
    public const string SchemeName = "api_key";

    private const string BearerHeader = "Authorization";
    private const string Bearer = "Bearer ";
    private const string KeyHeader = "X-Api-Key";

    public override string Name => SchemeName;

    public override string Credential => header ?? KeyHeader;

    private protected override SignatureClaim? Read(SignedRequest request, out VerificationResult.Refused? refused)
    {
        var isBearer = header is null && request.Header(KeyHeader).Count == 0 && request.Header(BearerHeader).Count > 0;
        if (request.One(isBearer ? BearerHeader : Credential, out refused) is not { } value)
            return null;
        if (!isBearer)
            return new("", [Encoding.UTF8.GetBytes(value)], DeliveryId: null, SignedAt: null);
        if (value.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase))
            return new("", [Encoding.UTF8.GetBytes(value[Bearer.Length..].Trim())], DeliveryId: null, SignedAt: null);
        refused = VerificationResult.Malformed(BearerHeader, "is not 'Bearer' and a key");
        return null;
    }

    // Hashes of them, so that the length isn't told either.
    private protected override bool Matches(SignatureKey key, SignatureClaim claim, SignedRequest request) =>
        CryptographicOperations.FixedTimeEquals(SHA256.HashData(key.Bytes), SHA256.HashData(claim.Signatures[0]));

    private protected override IReadOnlyDictionary<string, string> Headers(
        ReadOnlySpan<byte> body, SignatureKey key, string deliveryId, DateTimeOffset instant) => new Dictionary<string, string>
        {
            [Credential] = Encoding.UTF8.GetString(key.Bytes),
        };

    private protected override SignatureKey? Key(string secret) => new SignatureKey(Encoding.UTF8.GetBytes(secret.Trim()));
}
