using System.Security.Cryptography;
using CrmGrains.Core.Configuration;

namespace CrmGrains.Intake.Signatures;

/// <summary>How one sender signs with a shared secret: all that tells it from the others.</summary>
internal sealed record HmacForm
{
    /// <summary>The scheme's name in the configuration.</summary>
    public required string Name { get; init; }

    /// <summary>The header with the signature.</summary>
    public required string Header { get; init; }

    /// <summary>What stands before the signature in its header.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>Whether the signature may come without its prefix.</summary>
    public bool MayLackPrefix { get; init; }

    public SignatureEncoding Encoding { get; init; } = SignatureEncoding.Hex;

    public HashAlgorithmName Hash { get; init; } = HashAlgorithmName.SHA256;

    /// <summary>False: no HMAC but the plain hash of the secret and the text after it.</summary>
    public bool IsKeyed { get; init; } = true;

    /// <summary>Whether the key is what the secret is the Base64 of.</summary>
    public bool IsSecretBase64 { get; init; }

    public SignedText Text { get; init; } = SignedText.Body;

    /// <summary>Where the timestamp is; null where none is signed.</summary>
    public TimestampPlace? Timestamp { get; init; }

    /// <summary>How old, and how early, a timestamp may be.</summary>
    public TimeSpan Tolerance { get; init; } = SignatureScheme.UsualTolerance;

    /// <summary>Whether a timestamp of the future passes, however far off.</summary>
    public bool MayBeEarly { get; init; }

    /// <summary>The form that is configured by hand, for the scheme <c>hmac</c>.</summary>
    /// <exception cref="ArgumentException">The configuration has a fault.</exception>
    public static HmacForm Of(VerificationConfiguration configuration)
    {
        if (string.IsNullOrWhiteSpace(configuration.Header))
            throw new ArgumentException("An hmac verification names its header.", nameof(configuration));
        var text = new SignedText(configuration.Text ?? "{body}");
        if (text.HasTimestamp != configuration.TimestampHeader is not null)
            throw new ArgumentException("An hmac verification has a timestamp header and a {timestamp} in its text, or neither.", nameof(configuration));
        return new HmacForm
        {
            Name = HmacScheme.SchemeName,
            Header = configuration.Header,
            Prefix = configuration.Prefix,
            Text = text,
            Timestamp = configuration.TimestampHeader is { } header
                ? new TimestampPlace(header, configuration.TimestampUnit == "milliseconds")
                : null,
            Encoding = configuration.Encoding switch
            {
                "hex" => SignatureEncoding.Hex,
                "base64" => SignatureEncoding.Base64,
                _ => throw new ArgumentException(
                    $"There is no encoding '{configuration.Encoding}': use hex or base64.", nameof(configuration)),
            },
            Hash = configuration.Hash switch
            {
                "sha256" => HashAlgorithmName.SHA256,
                "sha512" => HashAlgorithmName.SHA512,
                "sha1" => HashAlgorithmName.SHA1,
                _ => throw new ArgumentException(
                    $"There is no hash '{configuration.Hash}': use sha256, sha512 or sha1.", nameof(configuration)),
            },
        };
    }
}

/// <summary>Where a signed timestamp is.</summary>
/// <param name="Header">Its own header; null: in the signature's, which is a list <c>t=...,v1=...</c> then.</param>
/// <param name="IsInMilliseconds">Since 1970; else in seconds.</param>
internal sealed record TimestampPlace(string? Header, bool IsInMilliseconds = false)
{
    public static TimestampPlace InList { get; } = new(Header: null);

    public DateTimeOffset? Read(string text) =>
        IsInMilliseconds ? SignatureText.FromUnixMilliseconds(text) : SignatureText.FromUnixSeconds(text);

    public string Write(DateTimeOffset instant) =>
        $"{(IsInMilliseconds ? instant.ToUnixTimeMilliseconds() : instant.ToUnixTimeSeconds())}";

    public string Unit => IsInMilliseconds ? "milliseconds" : "seconds";
}

/// <summary>How a signature is written down.</summary>
internal enum SignatureEncoding
{
    Hex,
    Base64,

    /// <summary>Either: the length tells.</summary>
    HexOrBase64,
}
