using CrmGrains.Intake.Signatures;

namespace CrmGrains.Intake.Sources.Handshakes;

/// <summary>HubSpot, when it looks whether an address answers: a list of no events. Otherwise a list has at least one.</summary>
internal sealed class HubSpotCheck : Handshake
{
    private const int MaxBytes = 16;

    private protected override bool MayBe(SignedRequest request) => request.Body.Length <= MaxBytes;

    private protected override HandshakeAnswer? Answered(SignedRequest request, string secret)
    {
        var body = request.Body.Span.Trim(" \t\r\n"u8);
        return body is [(byte)'[', .. var within, (byte)']'] && !within.ContainsAnyExcept(" \t\r\n"u8) ? Json(("answer", "no events")) : null;
    }
}
