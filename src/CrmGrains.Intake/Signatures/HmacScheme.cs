using System.Security.Cryptography;
using System.Text;
using CrmGrains.Core.Configuration;

namespace CrmGrains.Intake.Signatures;

/// <summary>
/// A plain HMAC over the body in a header, as GitHub, Shopify, Typeform and many others do it. Nothing but the body is signed: a copy
/// of a delivery is as good as the delivery, and the delivery id and the idempotency key keep it harmless.
/// </summary>
internal sealed class HmacScheme : SignatureScheme
{
    public const string SchemeName = "hmac";

    private readonly string _header;
    private readonly string _prefix;
    private readonly bool _isHex;

    public HmacScheme(VerificationConfiguration configuration)
    {
        if (string.IsNullOrWhiteSpace(configuration.Header))
            throw new ArgumentException("An hmac verification names its header.", nameof(configuration));
        _header = configuration.Header;
        _prefix = configuration.Prefix;
        _isHex = configuration.Encoding switch
        {
            "hex" => true,
            "base64" => false,
            _ => throw new ArgumentException(
                $"There is no encoding '{configuration.Encoding}': use hex or base64.", nameof(configuration)),
        };
        Hash = configuration.Hash switch
        {
            "sha256" => HashAlgorithmName.SHA256,
            "sha512" => HashAlgorithmName.SHA512,
            "sha1" => HashAlgorithmName.SHA1,
            _ => throw new ArgumentException(
                $"There is no hash '{configuration.Hash}': use sha256, sha512 or sha1.", nameof(configuration)),
        };
    }

    public override string Name => SchemeName;

    private protected override HashAlgorithmName Hash { get; }

    private protected override SignatureClaim? Read(SignedRequest request, out VerificationResult.Refused? refused)
    {
        if (request.One(_header, out refused) is not { } value)
            return null;
        if (value.StartsWith(_prefix, StringComparison.Ordinal) && Decode(value.AsSpan(_prefix.Length)) is { } signature)
            return new(BeforeBody: "", [signature], DeliveryId: null, SignedAt: null);
        refused = VerificationResult.Malformed(_header, $"is not '{_prefix}' and a signature in {(_isHex ? "hex" : "base64")}");
        return null;
    }

    private byte[]? Decode(ReadOnlySpan<char> text) => _isHex ? SignatureText.FromHex(text) : SignatureText.FromBase64(text);

    private protected override IReadOnlyDictionary<string, string> Headers(
        ReadOnlySpan<byte> body, byte[] key, string deliveryId, long unixSeconds)
    {
        var code = Code(key, beforeBody: "", body);
        return new Dictionary<string, string>
        {
            [_header] = _prefix + (_isHex ? Convert.ToHexStringLower(code) : Convert.ToBase64String(code)),
        };
    }

    private protected override byte[] Key(string secret) => Encoding.UTF8.GetBytes(secret);
}
