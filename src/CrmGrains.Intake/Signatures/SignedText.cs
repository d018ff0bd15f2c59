namespace CrmGrains.Intake.Signatures;

/// <summary>
/// What a sender signs, as a text with <c>{body}</c> in it and perhaps <c>{timestamp}</c>, <c>{method}</c> and <c>{url}</c>; for example
/// <c>v0:{timestamp}:{body}</c>. The body itself is never copied into it.
/// </summary>
internal sealed class SignedText
{
    private const string BodyPart = "{body}";

    private readonly string _before;
    private readonly string _after;

    /// <exception cref="ArgumentException">It has not one <c>{body}</c>: nothing would protect the body, or nobody knows which.</exception>
    public SignedText(string text)
    {
        var parts = text.Split(BodyPart);
        if (parts.Length != 2)
            throw new ArgumentException($"The signed text '{text}' has not one {BodyPart}.", nameof(text));
        (_before, _after) = (parts[0], parts[1]);
        HasTimestamp = text.Contains("{timestamp}", StringComparison.Ordinal);
        HasUrl = text.Contains("{url}", StringComparison.Ordinal);
    }

    /// <summary>The body and nothing else.</summary>
    public static SignedText Body { get; } = new(BodyPart);

    /// <summary>Whether a timestamp is signed with the body.</summary>
    public bool HasTimestamp { get; }

    /// <summary>Whether the address of the hook is signed with the body.</summary>
    public bool HasUrl { get; }

    /// <summary>The text before the body and the text after it.</summary>
    public (string Before, string After) Fill(string timestamp, string method, string url) =>
        (Fill(_before, timestamp, method, url), Fill(_after, timestamp, method, url));

    // The address last: its query is the sender's own, and what looks like a placeholder in it is none.
    private static string Fill(string part, string timestamp, string method, string url) => part.Length == 0 ? part : part
        .Replace("{timestamp}", timestamp, StringComparison.Ordinal)
        .Replace("{method}", method, StringComparison.Ordinal)
        .Replace("{url}", url, StringComparison.Ordinal);
}
