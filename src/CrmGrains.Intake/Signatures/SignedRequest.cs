namespace CrmGrains.Intake.Signatures;

/// <summary>A delivery as it is verified.</summary>
/// <param name="Body">The exact bytes that came.</param>
/// <param name="Header">
/// All values of a header, one for each time that it came, by its name in whatever case; empty where it didn't come.
/// </param>
public readonly record struct SignedRequest(ReadOnlyMemory<byte> Body, Func<string, IReadOnlyList<string?>> Header)
{
    // Far above what any sender needs: an id and its text, a timestamp, or some signatures of an overlong rotation.
    private const int MaxHeaderLength = 4096;

    /// <summary>The HTTP method; some schemes sign it.</summary>
    public string Method { get; init; } = "POST";

    /// <summary>
    /// The query as it came, with its <c>?</c>; or empty. What stands before it in the address is configured where a scheme signs it:
    /// what a request says about its own host is the sender's to choose.
    /// </summary>
    public string Query { get; init; } = "";

    /// <summary>The one value of a header; nothing, and why, where it is missing, came twice or is overlong.</summary>
    internal string? One(string name, out VerificationResult.Refused? refused)
    {
        var values = Header(name);
        var value = values.Count > 0 ? values[0]?.Trim() : null;
        refused = string.IsNullOrEmpty(value) ? VerificationResult.Missing(name)
            : values.Count > 1 ? VerificationResult.Malformed(name, "came more than once")
            : value.Length > MaxHeaderLength ? VerificationResult.Malformed(name, "is too long")
            : null;
        return refused is null ? value : null;
    }
}

/// <summary>What came of checking a delivery's signature. A closed set.</summary>
public abstract record VerificationResult
{
    private VerificationResult() { }

    /// <summary>Whoever sent it knows a valid secret.</summary>
    /// <param name="Scheme">The scheme's name.</param>
    /// <param name="SecretIndex">Which of the valid secrets it was, counted from 0; the first, where several are the same.</param>
    /// <param name="DeliveryId">The delivery's id, where the scheme signs one; the same for each attempt.</param>
    /// <param name="SignedAt">UTC; when this attempt was signed, where the scheme says so.</param>
    public sealed record Verified(string Scheme, int SecretIndex, string? DeliveryId, DateTimeOffset? SignedAt) : VerificationResult;

    /// <summary>Nothing is known about who sent it.</summary>
    /// <param name="Code">
    /// <c>missing_header</c>, <c>malformed_header</c>, <c>stale_timestamp</c>, <c>early_timestamp</c>, <c>wrong_signature</c> or
    /// <c>no_secret</c>.
    /// </param>
    /// <param name="Message">What is wrong and what to do; never a secret, never a signature that would have been right.</param>
    public sealed record Refused(string Code, string Message) : VerificationResult;

    internal static Refused Missing(string header) =>
        new("missing_header", $"The header {header} is missing: sign the request.");

    internal static Refused Malformed(string header, string what) =>
        new("malformed_header", $"The header {header} {what}.");
}
