using CrmGrains.Intake.Signatures;

namespace CrmGrains.Intake.Sources.Handshakes;

/// <summary>GitHub, when a hook is made: <c>X-GitHub-Event: ping</c>, which says what the hook is subscribed to.</summary>
internal sealed class GitHubPing : Handshake
{
    private protected override bool MayBe(SignedRequest request) => request.Header("X-GitHub-Event") is ["ping"];

    private protected override HandshakeAnswer Answered(SignedRequest request, string secret) => Json(("answer", "pong"));
}
