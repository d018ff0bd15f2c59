using CrmGrains.Intake.Signatures;

namespace CrmGrains.Intake.Sources.Handshakes;

/// <summary>Slack, when the address is entered: <c>url_verification</c> with a challenge that is to be sent back.</summary>
internal sealed class SlackChallenge : Handshake
{
    private protected override bool MayBe(SignedRequest request) => request.Body.Span.IndexOf("url_verification"u8) >= 0;

    private protected override HandshakeAnswer? Answered(SignedRequest request, string secret)
    {
        using var document = Object(request);
        return document is not null && Text(document.RootElement, "type") == "url_verification"
            && Text(document.RootElement, "challenge") is { } challenge
                ? Json(("challenge", challenge))
                : null;
    }
}
