using System.Buffers;
using System.Text.Json;
using CrmGrains.Intake.Payloads;
using CrmGrains.Intake.Signatures;

namespace CrmGrains.Intake.Sources.Handshakes;

/// <summary>
/// What a vendor sends to see whether a hook is alive and whose it is: answered at once, and no event. Asked only after the delivery was
/// verified, so nobody else learns anything by it.
/// </summary>
public abstract class Handshake
{
    // A handshake is a few hundred bytes; what is longer is an event, and isn't read for one.
    private const int MaxBytes = 8 * 1024;

    private protected Handshake() { }

    /// <summary>The handshake of a signature scheme's vendor; null where it has none that needs an answer of its own.</summary>
    public static Handshake? For(string scheme) => scheme switch
    {
        "slack" => new SlackChallenge(),
        "zoom" => new ZoomUrlValidation(),
        "github" => new GitHubPing(),
        "hubspot_v1" or "hubspot_v2" or "hubspot_v3" => new HubSpotCheck(),
        _ => null,
    };

    /// <summary>The answer; null where the delivery is an ordinary one.</summary>
    /// <param name="request">A verified delivery.</param>
    /// <param name="secret">The secret that it was signed with.</param>
    public HandshakeAnswer? Answer(SignedRequest request, string secret) =>
        request.Body.Length <= MaxBytes && MayBe(request) ? Answered(request, secret) : null;

    /// <summary>Whether it is worth reading: cheap, for every event is asked.</summary>
    private protected abstract bool MayBe(SignedRequest request);

    private protected abstract HandshakeAnswer? Answered(SignedRequest request, string secret);

    /// <summary>The body's object; null where it is none.</summary>
    private protected static JsonDocument? Object(SignedRequest request)
    {
        if (!StrictJson.TryParse(request.Body, out var document, out _))
            return null;
        if (document.RootElement.ValueKind == JsonValueKind.Object)
            return document;
        document.Dispose();
        return null;
    }

    private protected static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    private protected static HandshakeAnswer Json(params ReadOnlySpan<(string Name, string Value)> fields)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(buffer);
        writer.WriteStartObject();
        foreach (var (name, value) in fields)
            writer.WriteString(name, value);
        writer.WriteEndObject();
        writer.Flush();
        return new HandshakeAnswer("application/json", buffer.WrittenMemory);
    }
}

/// <summary>What a handshake is answered, with status 200.</summary>
public sealed record HandshakeAnswer(string ContentType, ReadOnlyMemory<byte> Body);
