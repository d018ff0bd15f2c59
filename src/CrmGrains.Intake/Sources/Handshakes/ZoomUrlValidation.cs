using System.Security.Cryptography;
using System.Text;
using CrmGrains.Intake.Signatures;

namespace CrmGrains.Intake.Sources.Handshakes;

/// <summary>
/// Zoom, when the address is entered and every few days: <c>endpoint.url_validation</c> with a token, which is to be sent back plain and under
/// HMAC-SHA256 with the secret.
/// </summary>
internal sealed class ZoomUrlValidation : Handshake
{
    private const int MaxTokenLength = 128;

    private protected override bool MayBe(SignedRequest request) => request.Body.Span.IndexOf("endpoint.url_validation"u8) >= 0;

    private protected override HandshakeAnswer? Answered(SignedRequest request, string secret)
    {
        using var document = Object(request);
        if (document is null || Text(document.RootElement, "event") != "endpoint.url_validation"
            || !document.RootElement.TryGetProperty("payload", out var payload) || Text(payload, "plainToken") is not { } token || !IsToken(token))
        {
            return null;
        }

        var code = HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(token));
        return Json(("plainToken", token), ("encryptedToken", Convert.ToHexStringLower(code)));
    }

    // The same secret signs deliveries, as `v0:time:body`: a token that looked like one would be given its signature.
    private static bool IsToken(string token) =>
        token.Length is > 0 and <= MaxTokenLength && token.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '+' or '/' or '=');
}
