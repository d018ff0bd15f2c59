namespace CrmGrains.Core.Configuration;

/// <summary>The signature schemes, and what of a <c>verification</c> each reads beside <c>scheme</c> and <c>secrets</c>.</summary>
public static class SchemeWords
{
    private static readonly string[] Nothing = [];
    private static readonly string[] Timed = ["tolerance"];

    /// <summary>Every scheme with the keys that it reads, in the order of the documentation.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>> All { get; } = new OrderedDictionary<string, IReadOnlyList<string>>
    {
        ["standard_webhooks"] = ["tolerance", "signing_secret"],
        ["stripe"] = Timed,
        ["hmac"] = ["header", "hash", "encoding", "prefix", "text", "timestamp_header", "timestamp_unit", "tolerance", "url"],
        ["api_key"] = ["header"],
        ["basic"] = Nothing,
        ["hubspot_v3"] = ["tolerance", "url"],
        ["hubspot_v2"] = ["url"],
        ["hubspot_v1"] = Nothing,
        ["typeform"] = Nothing,
        ["tally"] = Nothing,
        ["webflow"] = Timed,
        ["calendly"] = Timed,
        ["sheets"] = Timed,
        ["airtable"] = Nothing,
        ["ed25519"] = ["header", "signing_secret"],
        ["shopify"] = Nothing,
        ["github"] = Nothing,
        ["slack"] = Timed,
        ["zoom"] = Timed,
        ["fireflies"] = Nothing,
        ["twilio"] = ["url"],
        ["callrail"] = Nothing,
        ["sendgrid"] = ["tolerance", "signing_secret"],
    };

    /// <summary>Every key that some scheme reads.</summary>
    public static IReadOnlyList<string> Keys { get; } = [.. All.Values.SelectMany(keys => keys).Distinct(StringComparer.Ordinal)];

    /// <summary>Whether a scheme signs the address that the sender calls, so that the public one must be known.</summary>
    public static bool SignsUrl(string scheme) => scheme is "hubspot_v2" or "hubspot_v3" or "twilio";

    /// <summary>Whether a scheme verifies with a public key.</summary>
    public static bool HasPublicKeys(string scheme) => scheme is "ed25519" or "sendgrid";
}
