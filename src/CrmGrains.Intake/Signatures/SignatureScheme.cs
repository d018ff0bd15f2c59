using System.Security.Cryptography;
using CrmGrains.Core.Configuration;

namespace CrmGrains.Intake.Signatures;

/// <summary>
/// How deliveries prove where they are from. A scheme says what its headers claim and how they are written; the checks are the
/// same for all. Immutable; one serves any number of requests at once.
/// </summary>
public abstract class SignatureScheme
{
    private protected SignatureScheme() { }

    /// <summary>How old or how early a signed timestamp may be, where neither the vendor nor the configuration says otherwise.</summary>
    public static readonly TimeSpan UsualTolerance = TimeSpan.FromMinutes(5);

    /// <summary>The scheme that a configuration asks for.</summary>
    /// <exception cref="ArgumentException">There is no such scheme, or the configuration lacks what it needs.</exception>
    public static SignatureScheme For(VerificationConfiguration configuration) => configuration.Scheme switch
    {
        HmacScheme.SchemeName => new HmacScheme(Timed(HmacForm.Of(configuration), configuration), configuration.Url),
        StandardWebhooksScheme.SchemeName => new StandardWebhooksScheme(configuration.Tolerance ?? UsualTolerance),
        TwilioScheme.SchemeName => new TwilioScheme(configuration.Url),
        Ed25519Scheme.SchemeName => new Ed25519Scheme(configuration.Header),
        SendGridScheme.SchemeName => new SendGridScheme(configuration.Tolerance),
        BasicScheme.SchemeName => new BasicScheme(),
        ApiKeyScheme.SchemeName => new ApiKeyScheme(configuration.Header),
        var name when HmacPresets.All.TryGetValue(name, out var form) => new HmacScheme(Timed(form, configuration), configuration.Url),
        var name => throw new ArgumentException(
            $"There is no signature scheme '{name}': use {string.Join(", ", SchemeWords.All.Keys)}.", nameof(configuration)),
    };

    private static HmacForm Timed(HmacForm form, VerificationConfiguration configuration) =>
        configuration.Tolerance is { } tolerance ? form with { Tolerance = tolerance } : form;

    /// <summary>The name in the configuration.</summary>
    public abstract string Name { get; }

    /// <summary>The header that carries the secret itself, not a signature made with it: nobody may keep it. Null where there is none.</summary>
    public virtual string? Credential => null;

    private protected virtual TimeSpan Tolerance => TimeSpan.Zero;

    private protected virtual bool MayBeEarly => false;

    /// <summary>Checks a delivery. Never throws, whatever its headers and body are.</summary>
    /// <param name="request">The delivery, its body as the exact bytes that came.</param>
    /// <param name="secrets">Those that are valid now. None, or none of use: everything is refused.</param>
    /// <param name="now">UTC; what a signed timestamp is measured from.</param>
    public VerificationResult Verify(SignedRequest request, IReadOnlyList<string> secrets, DateTimeOffset now)
    {
        var keys = new SignatureKey?[secrets.Count];
        for (var place = 0; place < keys.Length; place++)
            keys[place] = KeyOf(secrets[place]);
        if (Array.TrueForAll(keys, key => key is null))
            return new VerificationResult.Refused("no_secret", "No usable secret is configured for this source: set one.");
        if (Read(request, out var refused) is not { } claim)
            return refused ?? new VerificationResult.Refused("malformed_header", "The signature cannot be read.");
        if (claim.SignedAt is { } signedAt && TimeFault(now - signedAt) is { } tooFar)
            return tooFar;

        return SignerOf(claim, request, keys) is { } index
            ? new VerificationResult.Verified(Name, index, claim.DeliveryId, claim.SignedAt)
            : new VerificationResult.Refused(
                "wrong_signature", "No valid secret gives this signature: compare the secret, and send the signed bytes unchanged.");
    }

    /// <summary>The headers that a sender who knows the secret would add.</summary>
    /// <param name="body">The exact bytes that will be sent.</param>
    /// <param name="secret">One that <see cref="SigningFaultOf"/> finds no fault with.</param>
    /// <param name="deliveryId">Unique for the delivery, the same for each attempt; only some schemes send it.</param>
    /// <param name="timestamp">UTC; in whole seconds or milliseconds, as the scheme says. Only some schemes send it.</param>
    /// <exception cref="ArgumentException">The secret cannot be used.</exception>
    public IReadOnlyDictionary<string, string> Sign(ReadOnlySpan<byte> body, string secret, string deliveryId, DateTimeOffset timestamp) =>
        SigningKeyOf(secret) is { } key
            ? Headers(body, key, deliveryId, timestamp)
            : throw new ArgumentException(SigningFaultOf(secret), nameof(secret));

    /// <summary>What is wrong with a secret, in words that don't repeat it; null where it can be used.</summary>
    public string? FaultOf(string? secret) => Fault(secret, KeyOf(secret));

    /// <summary>The same for a secret to sign with: a private key, where deliveries are verified with a public one.</summary>
    public string? SigningFaultOf(string? secret) => Fault(secret, SigningKeyOf(secret));

    private string? Fault(string? secret, SignatureKey? key) =>
        string.IsNullOrWhiteSpace(secret) ? "The secret is empty."
        : key is null ? $"The secret is not one of {Name}: check that it was copied whole."
        : null;

    /// <summary>What the headers claim, or nothing and why.</summary>
    private protected abstract SignatureClaim? Read(SignedRequest request, out VerificationResult.Refused? refused);

    /// <summary>Whether a key made one of the signatures; in a time that doesn't tell how nearly.</summary>
    private protected abstract bool Matches(SignatureKey key, SignatureClaim claim, SignedRequest request);

    private protected abstract IReadOnlyDictionary<string, string> Headers(
        ReadOnlySpan<byte> body, SignatureKey key, string deliveryId, DateTimeOffset instant);

    /// <summary>The key that a secret stands for; null where it stands for none.</summary>
    private protected abstract SignatureKey? Key(string secret);

    /// <summary>The key to sign with that a secret stands for; null where it stands for none.</summary>
    private protected virtual SignatureKey? SigningKey(string secret) => Key(secret);

    /// <summary>Compares with each of them, also after a match. Those of another length just never match.</summary>
    private protected static bool IsAnyOf(IReadOnlyList<byte[]> signatures, ReadOnlySpan<byte> expected)
    {
        var matches = false;
        foreach (var signature in signatures)
            matches |= CryptographicOperations.FixedTimeEquals(expected, signature);
        return matches;
    }

    private SignatureKey? KeyOf(string? secret) => string.IsNullOrWhiteSpace(secret) ? null : Key(secret);

    private SignatureKey? SigningKeyOf(string? secret) => string.IsNullOrWhiteSpace(secret) ? null : SigningKey(secret);

    // Every key is tried, also after a match: how long it takes says nothing about which one it was.
    private int? SignerOf(SignatureClaim claim, SignedRequest request, SignatureKey?[] keys)
    {
        int? signer = null;
        for (var index = 0; index < keys.Length; index++)
        {
            if (keys[index] is { } key && Matches(key, claim, request))
                signer ??= index;
        }
        return signer;
    }

    private VerificationResult.Refused? TimeFault(TimeSpan age) =>
        age > Tolerance
            ? new("stale_timestamp", $"It was signed {age.TotalSeconds:0} s ago; at most {Tolerance.TotalSeconds:0} s are accepted.")
        : age < -Tolerance && !MayBeEarly
            ? new("early_timestamp", $"It was signed {-age.TotalSeconds:0} s from now; at most {Tolerance.TotalSeconds:0} s are accepted.")
        : null;
}

/// <summary>What a request's headers claim.</summary>
/// <param name="BeforeBody">The text that is signed before the body; exactly as it came.</param>
/// <param name="Signatures">Decoded; any one that matches is enough.</param>
/// <param name="DeliveryId">Signed with the body, where the scheme has one.</param>
/// <param name="SignedAt">UTC; signed with the body, where the scheme has one.</param>
internal sealed record SignatureClaim(string BeforeBody, IReadOnlyList<byte[]> Signatures, string? DeliveryId, DateTimeOffset? SignedAt)
{
    /// <summary>The text that is signed after the body.</summary>
    public string AfterBody { get; init; } = "";
}

/// <summary>What a secret stands for.</summary>
/// <param name="Bytes">The key.</param>
/// <param name="IsAsymmetric">
/// Whether it is half of a pair. Kept apart from shared secrets: an HMAC made with a public key would pass as its owner's signature.
/// </param>
internal readonly record struct SignatureKey(byte[] Bytes, bool IsAsymmetric = false);
