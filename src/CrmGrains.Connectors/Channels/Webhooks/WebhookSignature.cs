using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace CrmGrains.Connectors.Channels.Webhooks;

/// <summary>Signs calls by Standard Webhooks 1.0, with HMAC-SHA256.</summary>
internal sealed class WebhookSignature
{
    private const string SecretPrefix = "whsec_";

    private readonly byte[] _key;

    private WebhookSignature(byte[] key) => _key = key;

    /// <returns>Null where the secret isn't <c>whsec_</c> and 24 to 64 bytes in Base64.</returns>
    public static WebhookSignature? TryCreate(string secret)
    {
        var text = secret.Trim();
        if (!text.StartsWith(SecretPrefix, StringComparison.Ordinal))
            return null;
        var key = new byte[text.Length];
        return Convert.TryFromBase64String(text[SecretPrefix.Length..], key, out var length) && length is >= 24 and <= 64
            ? new WebhookSignature(key[..length])
            : null;
    }

    /// <summary>The same for every attempt at an effect.</summary>
    public static string IdOf(string effectKey) =>
        $"msg_{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(effectKey)).AsSpan(0, 16))}";

    /// <summary>The headers of a call; the timestamp is the attempt's, against replays by others.</summary>
    public IReadOnlyDictionary<string, string> Headers(string id, DateTimeOffset at, byte[] body)
    {
        var timestamp = at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        byte[] signed = [.. Encoding.UTF8.GetBytes($"{id}.{timestamp}."), .. body];
        return new Dictionary<string, string>
        {
            ["webhook-id"] = id,
            ["webhook-timestamp"] = timestamp,
            ["webhook-signature"] = $"v1,{Convert.ToBase64String(HMACSHA256.HashData(_key, signed))}",
        };
    }
}
