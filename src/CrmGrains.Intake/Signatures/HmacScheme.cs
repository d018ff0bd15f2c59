using System.Security.Cryptography;
using System.Text;

namespace CrmGrains.Intake.Signatures;

/// <summary>
/// A code over a text with the body in it, made with a shared secret: most vendors, each with its <see cref="HmacForm"/>. Where no
/// timestamp is signed, a copy of a delivery is as good as the delivery, and the delivery id and the idempotency key keep it harmless.
/// </summary>
internal sealed class HmacScheme : SignatureScheme
{
    public const string SchemeName = "hmac";

    private readonly HmacForm _form;
    private readonly string _url;
    private readonly int _hexLength;

    /// <param name="form">How it is signed.</param>
    /// <param name="url">The public address that the sender calls; needed where it is signed.</param>
    /// <exception cref="ArgumentException">The address is signed and missing.</exception>
    public HmacScheme(HmacForm form, string? url)
    {
        if (form.Text.HasUrl && url is null)
            throw new ArgumentException($"The scheme {form.Name} signs the address: configure its public one as `url`.", nameof(url));
        (_form, _url) = (form, url ?? "");
        _hexLength = Hashed([], "", "", []).Length * 2;
    }

    public override string Name => _form.Name;

    private protected override TimeSpan Tolerance => _form.Tolerance;

    private protected override bool MayBeEarly => _form.MayBeEarly;

    private protected override SignatureClaim? Read(SignedRequest request, out VerificationResult.Refused? refused)
    {
        if (request.One(_form.Header, out refused) is not { } value)
            return null;
        if (_form.Timestamp is { Header: null } place)
            return ReadList(value, place, request, out refused);
        if (Decode(value) is not { } signature)
        {
            refused = VerificationResult.Malformed(_form.Header, $"is not '{_form.Prefix}' and a signature in {EncodingName}");
            return null;
        }

        if (_form.Timestamp is not { Header: { } header } apart)
            return Claim("", request, [signature], signedAt: null);
        if (request.One(header, out refused) is not { } timestamp)
            return null;
        if (apart.Read(timestamp) is { } signedAt)
            return Claim(timestamp, request, [signature], signedAt);
        refused = VerificationResult.Malformed(header, $"is not in whole {apart.Unit} since 1970");
        return null;
    }

    // t=...,v1=...,v1=...: several signatures during a rotation; those of other versions are passed over.
    private SignatureClaim? ReadList(string list, TimestampPlace place, SignedRequest request, out VerificationResult.Refused? refused)
    {
        refused = null;
        var timestamps = new List<string>();
        var signatures = new List<byte[]>();
        foreach (var part in list.Split(',', StringSplitOptions.TrimEntries))
        {
            if (part.StartsWith("t=", StringComparison.Ordinal))
                timestamps.Add(part[2..]);
            else if (part.StartsWith("v1=", StringComparison.Ordinal) && Decode(part[3..]) is { } signature)
                signatures.Add(signature);
        }

        if (timestamps.Count != 1 || place.Read(timestamps[0]) is not { } signedAt)
            refused = VerificationResult.Malformed(_form.Header, $"has not one timestamp 't=' in whole {place.Unit} since 1970");
        else if (signatures.Count is 0 or > SignatureText.MaxSignatures)
            refused = VerificationResult.Malformed(_form.Header, $"has not 1 to {SignatureText.MaxSignatures} signatures 'v1=<{EncodingName}>'");
        else
            return Claim(timestamps[0], request, signatures, signedAt);
        return null;
    }

    private SignatureClaim Claim(string timestamp, SignedRequest request, IReadOnlyList<byte[]> signatures, DateTimeOffset? signedAt)
    {
        var (before, after) = _form.Text.Fill(timestamp, request.Method, _url + request.Query);
        return new SignatureClaim(before, signatures, DeliveryId: null, signedAt) { AfterBody = after };
    }

    private protected override bool Matches(SignatureKey key, SignatureClaim claim, SignedRequest request) =>
        IsAnyOf(claim.Signatures, Hashed(key.Bytes, claim.BeforeBody, claim.AfterBody, request.Body.Span));

    private protected override IReadOnlyDictionary<string, string> Headers(
        ReadOnlySpan<byte> body, SignatureKey key, string deliveryId, DateTimeOffset instant)
    {
        var timestamp = _form.Timestamp?.Write(instant) ?? "";
        var (before, after) = _form.Text.Fill(timestamp, "POST", _url);
        var code = Hashed(key.Bytes, before, after, body);
        var text = _form.Encoding == SignatureEncoding.Base64 ? Convert.ToBase64String(code) : Convert.ToHexStringLower(code);
        return _form.Timestamp switch
        {
            null => new Dictionary<string, string> { [_form.Header] = _form.Prefix + text },
            { Header: null } => new Dictionary<string, string> { [_form.Header] = $"t={timestamp},v1={text}" },
            { Header: { } header } => new Dictionary<string, string> { [_form.Header] = _form.Prefix + text, [header] = timestamp },
        };
    }

    private protected override SignatureKey? Key(string secret) =>
        !_form.IsSecretBase64 ? new SignatureKey(Encoding.UTF8.GetBytes(secret))
        : SignatureText.FromBase64(secret) is { } key ? new SignatureKey(key)
        : null;

    private byte[] Hashed(byte[] key, string before, string after, ReadOnlySpan<byte> body)
    {
        using var hash = _form.IsKeyed ? IncrementalHash.CreateHMAC(_form.Hash, key) : IncrementalHash.CreateHash(_form.Hash);
        if (!_form.IsKeyed)
            hash.AppendData(key);
        if (before.Length > 0)
            hash.AppendData(Encoding.UTF8.GetBytes(before));
        hash.AppendData(body);
        if (after.Length > 0)
            hash.AppendData(Encoding.UTF8.GetBytes(after));
        return hash.GetHashAndReset();
    }

    private byte[]? Decode(string value)
    {
        var hasPrefix = value.StartsWith(_form.Prefix, StringComparison.Ordinal);
        if (!hasPrefix && !_form.MayLackPrefix)
            return null;
        var text = hasPrefix ? value.AsSpan(_form.Prefix.Length) : value;
        var isHex = _form.Encoding == SignatureEncoding.Hex || (_form.Encoding == SignatureEncoding.HexOrBase64 && text.Length == _hexLength);
        return isHex ? SignatureText.FromHex(text) : SignatureText.FromBase64(text);
    }

    private string EncodingName => _form.Encoding switch
    {
        SignatureEncoding.Hex => "hex",
        SignatureEncoding.Base64 => "base64",
        _ => "hex or base64",
    };
}
