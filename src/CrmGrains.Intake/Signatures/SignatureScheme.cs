using System.Security.Cryptography;
using System.Text;
using CrmGrains.Core.Configuration;

namespace CrmGrains.Intake.Signatures;

/// <summary>
/// How deliveries prove where they are from. A scheme says what its headers claim and how they are written; the checks are the
/// same for all. Immutable; one serves any number of requests at once.
/// </summary>
public abstract class SignatureScheme
{
    private protected SignatureScheme() { }

    /// <summary>The scheme that a configuration asks for.</summary>
    /// <exception cref="ArgumentException">There is no such scheme, hash or encoding, or <c>hmac</c> has no header.</exception>
    public static SignatureScheme For(VerificationConfiguration configuration) => configuration.Scheme switch
    {
        StandardWebhooksScheme.SchemeName => new StandardWebhooksScheme(configuration.Tolerance),
        StripeScheme.SchemeName => new StripeScheme(configuration.Tolerance),
        HmacScheme.SchemeName => new HmacScheme(configuration),
        _ => throw new ArgumentException(
            $"There is no signature scheme '{configuration.Scheme}': use standard_webhooks, stripe or hmac.", nameof(configuration)),
    };

    /// <summary>The name in the configuration.</summary>
    public abstract string Name { get; }

    private protected virtual HashAlgorithmName Hash => HashAlgorithmName.SHA256;

    private protected virtual TimeSpan Tolerance => TimeSpan.Zero;

    /// <summary>Checks a delivery. Never throws, whatever its headers and body are.</summary>
    /// <param name="request">The delivery, its body as the exact bytes that came.</param>
    /// <param name="secrets">Those that are valid now. None, or none of use: everything is refused.</param>
    /// <param name="now">UTC; what a signed timestamp is measured from.</param>
    public VerificationResult Verify(SignedRequest request, IReadOnlyList<string> secrets, DateTimeOffset now)
    {
        var keys = secrets.Select(KeyOf).ToArray();
        if (keys.All(key => key is null))
            return new VerificationResult.Refused("no_secret", "No usable secret is configured for this source: set one.");
        if (Read(request, out var refused) is not { } claim)
            return refused ?? new VerificationResult.Refused("malformed_header", "The signature cannot be read.");
        if (claim.SignedAt is { } signedAt && TimeFault(now - signedAt) is { } tooFar)
            return tooFar;

        return SignerOf(claim, request.Body.Span, keys) is { } index
            ? new VerificationResult.Verified(Name, index, claim.DeliveryId, claim.SignedAt)
            : new VerificationResult.Refused(
                "wrong_signature", "No valid secret gives this signature: compare the secret, and send the signed bytes unchanged.");
    }

    /// <summary>The headers that a sender who knows the secret would add.</summary>
    /// <param name="body">The exact bytes that will be sent.</param>
    /// <param name="secret">One that <see cref="FaultOf"/> finds no fault with.</param>
    /// <param name="deliveryId">Unique for the delivery, the same for each attempt; only some schemes send it.</param>
    /// <param name="timestamp">UTC, whole seconds are used; only some schemes send it.</param>
    /// <exception cref="ArgumentException">The secret cannot be used.</exception>
    public IReadOnlyDictionary<string, string> Sign(ReadOnlySpan<byte> body, string secret, string deliveryId, DateTimeOffset timestamp) =>
        KeyOf(secret) is { } key
            ? Headers(body, key, deliveryId, timestamp.ToUnixTimeSeconds())
            : throw new ArgumentException(FaultOf(secret), nameof(secret));

    /// <summary>What is wrong with a secret, in words that don't repeat it; null where it can be used.</summary>
    public string? FaultOf(string? secret) =>
        string.IsNullOrWhiteSpace(secret) ? "The secret is empty."
        : KeyOf(secret) is null ? $"The secret is not one of {Name}: check that it was copied whole."
        : null;

    /// <summary>What the headers claim, or nothing and why.</summary>
    private protected abstract SignatureClaim? Read(SignedRequest request, out VerificationResult.Refused? refused);

    private protected abstract IReadOnlyDictionary<string, string> Headers(
        ReadOnlySpan<byte> body, byte[] key, string deliveryId, long unixSeconds);

    /// <summary>The key that a secret stands for; null where it stands for none.</summary>
    private protected abstract byte[]? Key(string secret);

    /// <summary>The code over what is signed before the body, and the body, which is never copied.</summary>
    private protected byte[] Code(byte[] key, string beforeBody, ReadOnlySpan<byte> body)
    {
        using var hmac = IncrementalHash.CreateHMAC(Hash, key);
        hmac.AppendData(Encoding.UTF8.GetBytes(beforeBody));
        hmac.AppendData(body);
        return hmac.GetHashAndReset();
    }

    private byte[]? KeyOf(string? secret) => string.IsNullOrWhiteSpace(secret) ? null : Key(secret);

    // Every key is tried against every signature, also after a match: how long it takes says nothing about which one it was.
    private int? SignerOf(SignatureClaim claim, ReadOnlySpan<byte> body, byte[]?[] keys)
    {
        int? signer = null;
        for (var index = 0; index < keys.Length; index++)
        {
            if (keys[index] is not { } key)
                continue;
            var expected = Code(key, claim.BeforeBody, body);
            var matches = false;
            foreach (var signature in claim.Signatures)
                matches |= CryptographicOperations.FixedTimeEquals(expected, signature);
            if (matches)
                signer ??= index;
        }
        return signer;
    }

    private VerificationResult.Refused? TimeFault(TimeSpan age) =>
        age > Tolerance
            ? new("stale_timestamp", $"It was signed {age.TotalSeconds:0} s ago; at most {Tolerance.TotalSeconds:0} s are accepted.")
        : age < -Tolerance
            ? new("early_timestamp", $"It was signed {-age.TotalSeconds:0} s from now; at most {Tolerance.TotalSeconds:0} s are accepted.")
        : null;
}

/// <summary>What a request's headers claim.</summary>
/// <param name="BeforeBody">The text that is signed before the body; exactly as it came.</param>
/// <param name="Signatures">Decoded; any one that matches is enough. Those of a wrong length just never match.</param>
/// <param name="DeliveryId">Signed with the body, where the scheme has one.</param>
/// <param name="SignedAt">UTC; signed with the body, where the scheme has one.</param>
internal sealed record SignatureClaim(string BeforeBody, IReadOnlyList<byte[]> Signatures, string? DeliveryId, DateTimeOffset? SignedAt);
