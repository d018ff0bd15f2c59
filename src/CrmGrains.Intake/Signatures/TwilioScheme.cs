using System.Security.Cryptography;
using System.Text;

namespace CrmGrains.Intake.Signatures;

/// <summary>
/// Twilio: HMAC-SHA1 over the address and, of a form, every name and value in the order of the names, nothing between them; in Base64. Of another
/// body its SHA-256 is in the query as <c>bodySHA256</c>, and the address alone is signed.
/// </summary>
internal sealed class TwilioScheme : SignatureScheme
{
    public const string SchemeName = "twilio";

    private const string HeaderName = "X-Twilio-Signature";
    private const string BodyHash = "bodySHA256=";

    // Twilio's callbacks have some 30; each is sorted and hashed.
    private const int MaxPairs = 1000;

    private readonly string[] _addresses;

    /// <param name="url">The public address that Twilio calls.</param>
    /// <exception cref="ArgumentException">It is missing or none.</exception>
    public TwilioScheme(string? url)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var address))
            throw new ArgumentException("The scheme twilio signs the address: configure its public one as `url`.", nameof(url));

        // Twilio signs it with the port in it or without, whichever way it was entered.
        var path = url.AsSpan(address.Scheme.Length + 3).IndexOf('/') is >= 0 and var at ? url[(address.Scheme.Length + 3 + at)..] : "";
        string[] addresses = [url, $"{address.Scheme}://{address.Host}{path}", $"{address.Scheme}://{address.Host}:{address.Port}{path}"];
        _addresses = [.. addresses.Distinct(StringComparer.Ordinal)];
    }

    public override string Name => SchemeName;

    private protected override SignatureClaim? Read(SignedRequest request, out VerificationResult.Refused? refused)
    {
        if (request.One(HeaderName, out refused) is not { } value)
            return null;
        if (SignatureText.FromBase64(value) is not { } signature)
            refused = VerificationResult.Malformed(HeaderName, "is not a signature in base64");
        else if (HashInQuery(request.Query) is null && Pairs(request.Body.Span) is null)
            refused = new("malformed_body", $"The body is a form of more than {MaxPairs} values: nobody can have signed that.");
        else
            return new("", [signature], DeliveryId: null, SignedAt: null);
        return null;
    }

    private protected override bool Matches(SignatureKey key, SignatureClaim claim, SignedRequest request)
    {
        var body = request.Body.Span;
        var hash = HashInQuery(request.Query);
        var isBodyRight = hash is null || CryptographicOperations.FixedTimeEquals(SHA256.HashData(body), hash);
        var pairs = hash is null ? Pairs(body) ?? [] : [];
        var matches = false;
        foreach (var address in _addresses)
            matches |= IsAnyOf(claim.Signatures, Code(key, address + request.Query, pairs));
        return matches && isBodyRight;
    }

    private protected override IReadOnlyDictionary<string, string> Headers(
        ReadOnlySpan<byte> body, SignatureKey key, string deliveryId, DateTimeOffset instant) => new Dictionary<string, string>
        {
            [HeaderName] = Convert.ToBase64String(Code(key, _addresses[0], Pairs(body) ?? [])),
        };

    private protected override SignatureKey? Key(string secret) => new SignatureKey(Encoding.UTF8.GetBytes(secret));

    private static byte[] Code(SignatureKey key, string address, IReadOnlyList<Pair> pairs)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA1, key.Bytes);
        hmac.AppendData(Encoding.UTF8.GetBytes(address));
        foreach (var pair in pairs)
        {
            hmac.AppendData(pair.Name);
            hmac.AppendData(pair.Value);
        }

        return hmac.GetHashAndReset();
    }

    private static byte[]? HashInQuery(string query)
    {
        foreach (var part in query.TrimStart('?').Split('&'))
        {
            if (part.StartsWith(BodyHash, StringComparison.Ordinal))
                return SignatureText.FromHex(part.AsSpan(BodyHash.Length)) ?? [];
        }

        return null;
    }

    // As bytes: two bodies that differ in what is no UTF-8 are two texts. Null where there are too many.
    private static List<Pair>? Pairs(ReadOnlySpan<byte> body)
    {
        var pairs = new List<Pair>();
        foreach (var range in body.Split((byte)'&'))
        {
            var part = body[range];
            if (part.IsEmpty)
                continue;
            if (pairs.Count == MaxPairs)
                return null;
            var equals = part.IndexOf((byte)'=');
            pairs.Add(new Pair(Decoded(equals < 0 ? part : part[..equals]), equals < 0 ? [] : Decoded(part[(equals + 1)..])));
        }

        // Values of a repeated name are sorted, each once.
        pairs.Sort(static (one, other) => one.Name.AsSpan().SequenceCompareTo(other.Name) is var order and not 0
            ? order
            : one.Value.AsSpan().SequenceCompareTo(other.Value));
        for (var at = pairs.Count - 1; at > 0; at--)
        {
            if (pairs[at].Name.AsSpan().SequenceEqual(pairs[at - 1].Name) && pairs[at].Value.AsSpan().SequenceEqual(pairs[at - 1].Value))
                pairs.RemoveAt(at);
        }

        return pairs;
    }

    private static byte[] Decoded(ReadOnlySpan<byte> text) => System.Net.WebUtility.UrlDecodeToBytes(text.ToArray(), 0, text.Length);

    private readonly record struct Pair(byte[] Name, byte[] Value);
}
