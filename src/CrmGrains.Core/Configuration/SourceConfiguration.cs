using CrmGrains.Core.Decisions;

namespace CrmGrains.Core.Configuration;

/// <summary>One source of events.</summary>
public sealed record SourceConfiguration
{
    /// <summary>The name in the hook's address.</summary>
    public required string Name { get; init; }

    /// <summary>How its payloads read: the name of a format, for example <c>diagnostic_form</c>, <c>stripe</c> or <c>json</c>.</summary>
    public required string Format { get; init; }

    /// <summary>The kind of system, for the contract's <c>source_system</c>.</summary>
    public required string System { get; init; }

    /// <summary>Decides between values that were said at the same instant; the higher one is trusted more.</summary>
    public int Rank { get; init; }

    /// <summary>Whether its deliveries are accepted and wait, until it goes on.</summary>
    public bool IsPaused { get; init; }

    /// <summary>How often it is expected to send; null: as it usually does.</summary>
    public ExpectedRhythm? Expect { get; init; }

    /// <summary>How a delivery proves where it is from.</summary>
    public required VerificationConfiguration Verification { get; init; }

    /// <summary>How its payloads are fetched; for <c>airtable</c>.</summary>
    public PullConfiguration? Pull { get; init; }

    /// <summary>Where a delivery's id is; null: where the signature scheme or the format has it.</summary>
    public DeliveryIdConfiguration? DeliveryId { get; init; }

    /// <summary>What of it is worth keeping, and for what. Asked in order; the first that holds decides. None: the event is acted on.</summary>
    public IReadOnlyList<KeepRule> Keep { get; init; } = [];

    /// <summary>The event type, where the payload doesn't say it.</summary>
    public string? EventType { get; init; }

    /// <summary>The payload's own names of event types, for the contract's; for <c>json</c>.</summary>
    public IReadOnlyDictionary<string, string> EventTypes { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// Names the logical event, for example <c>lead:diagnostics:{source_record_id}:{email}</c>. May use <c>source</c>,
    /// <c>source_system</c>, <c>source_record_id</c>, <c>event_type</c> and <c>email</c>.
    /// </summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>Which payload path becomes which contract field, for example <c>contact.email: person.mail</c>; for <c>json</c>.</summary>
    public IReadOnlyDictionary<string, string> Map { get; init; } = new Dictionary<string, string>();
}

/// <summary>How a source's payloads are fetched, where its deliveries only say that there are some.</summary>
/// <param name="Url">The API's address.</param>
/// <param name="Token">A reference to the token, <c>env:NAME</c> or <c>file:/path</c>.</param>
public sealed record PullConfiguration(string Url, string Token);

/// <summary>How a delivery proves where it is from.</summary>
public sealed record VerificationConfiguration
{
    /// <summary>One of <see cref="SchemeWords.All"/>.</summary>
    public required string Scheme { get; init; }

    /// <summary>
    /// References to the secrets that are valid now, <c>env:NAME</c> or <c>file:/path</c>; several during a rotation. Public keys, where
    /// the scheme has them.
    /// </summary>
    public required IReadOnlyList<string> Secrets { get; init; }

    /// <summary>A reference to the private key that samples are signed with, where the secrets are public keys. No host reads it.</summary>
    public string? SigningSecret { get; init; }

    /// <summary>How old or how early a signed timestamp may be, where the scheme signs one; null: as is usual for the scheme.</summary>
    public TimeSpan? Tolerance { get; init; }

    /// <summary>The public address that the sender calls, without a query; for schemes that sign it.</summary>
    public string? Url { get; init; }

    /// <summary>The header with the signature or the key; for <c>hmac</c>, <c>ed25519</c> and <c>api_key</c>.</summary>
    public string? Header { get; init; }

    /// <summary><c>sha256</c>, <c>sha512</c> or <c>sha1</c>; for <c>hmac</c>.</summary>
    public string Hash { get; init; } = "sha256";

    /// <summary><c>hex</c> or <c>base64</c>; for <c>hmac</c>.</summary>
    public string Encoding { get; init; } = "hex";

    /// <summary>What stands before the signature in its header, for example <c>sha256=</c>; for <c>hmac</c>.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>What is signed, for example <c>{timestamp}.{body}</c>; null: the body. For <c>hmac</c>.</summary>
    public string? Text { get; init; }

    /// <summary>The header with the signed timestamp; null: none is signed. For <c>hmac</c>.</summary>
    public string? TimestampHeader { get; init; }

    /// <summary><c>seconds</c> or <c>milliseconds</c> since 1970; for <c>hmac</c>.</summary>
    public string TimestampUnit { get; init; } = "seconds";
}

/// <summary>Where a delivery's id is.</summary>
/// <param name="Header">A header's name; or null.</param>
/// <param name="Paths">Paths in the JSON body, whose values make the id together; or empty.</param>
public sealed record DeliveryIdConfiguration(string? Header, IReadOnlyList<string> Paths);
