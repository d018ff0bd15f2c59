using System.Text.Json;
using CrmGrains.Connectors.Channels.Outgoing;
using CrmGrains.Core.Commands;
using CrmGrains.Core.Configuration;

namespace CrmGrains.Connectors.Channels.Webhooks;

/// <summary>
/// Signed calls as Standard Webhooks 1.0 describes them. At least once: a repeat has the id of the first call, by which the receiver knows
/// it, so it is repeated until it is answered.
/// </summary>
internal sealed class WebhookDelivery(
    ChannelConfiguration.Webhook channel, Func<string, Uri> address, Func<string, string> secret, OutgoingConnections connections,
    ChannelsOptions options, TimeProvider time) : IDelivery, IDisposable
{
    private const int MaxPayloadChars = 256 * 1024;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    private readonly ChannelHttp _http = new(connections, options, time);

    public string Object => CrmObject.Webhook;

    public int AtOnce => 16;

    public async Task<WriteOutcome> DeliverAsync(Write write, ICallLog calls, CancellationToken cancellationToken)
    {
        var call = (CrmCommand.CallWebhook)write.Command;
        if (BodyOf(call) is not { } body)
            return new Verdict.Refused("invalid_payload", $"The payload is no JSON of at most {MaxPayloadChars} characters.").For(write.EffectKey);
        if (Ready() is not ({ } url, { } signature))
            return SecretMissing.For(write.EffectKey);
        var id = WebhookSignature.IdOf(write.EffectKey);
        var headers = signature.Headers(id, time.GetUtcNow(), body);
        var verdict = await _http.PostAsync(
            url, url.AbsolutePath, body, headers, [write.EffectKey], answer => Judge(answer, id),
            detail => new Verdict.Later("network_timeout", detail) { IsUncertain = true }, calls, cancellationToken);
        return verdict.For(write.EffectKey);
    }

    /// <remarks>
    /// There is no call that a receiver of webhooks answers without acting on it. So the next command tries again, and no sooner than the
    /// next probe would be.
    /// </remarks>
    public async Task<string?> ProbeAsync(ICallLog calls, CancellationToken cancellationToken)
    {
        if (Ready() is not ({ } url, not null))
            return SecretMissing.Error;
        try
        {
            await using var connection = await connections.ConnectAsync(url.IdnHost, url.Port, isPrivateOnly: false, cancellationToken);
            return null;
        }
        catch (AddressRefusedException)
        {
            return "address_refused";
        }
        catch (Exception unreachable) when (unreachable is IOException or TimeoutException or System.Net.Sockets.SocketException)
        {
            return "connection_failed";
        }
    }

    public void Dispose() => _http.Dispose();

    /// <summary>What an answer means.</summary>
    /// <param name="id">What the receiver knows the call by.</param>
    public static Verdict Judge(HttpAnswer answer, string id)
    {
        var said = RedactedText.Of($"HTTP {answer.Status} {answer.Body}");
        return answer.Status switch
        {
            >= 200 and < 300 => new Verdict.Done(id, "delivered", answer.Body),
            >= 300 and < 400 => new Verdict.Closed("redirected", $"HTTP {answer.Status}: redirects aren't followed. Configure the address that it leads to."),
            429 => new Verdict.Later("rate_limited", said) { RetryAfter = answer.RetryAfter ?? Pause },
            408 or >= 500 => new Verdict.Later("server_error", said) { RetryAfter = answer.RetryAfter, IsUncertain = true },
            401 => new Verdict.Closed("signature_refused", said),
            403 => new Verdict.Closed("permission_denied", said),
            404 or 410 => new Verdict.Closed("webhook_gone", said),
            _ => new Verdict.Refused("payload_refused", said),
        };
    }

    private static Verdict.Closed SecretMissing { get; } =
        new("secret_missing", "The webhook's address or secret has no value, or the secret isn't `whsec_` and 24 to 64 bytes in Base64.");

    private static byte[]? BodyOf(CrmCommand.CallWebhook call)
    {
        try
        {
            if (call.Payload.Length > MaxPayloadChars)
                return null;
            using var payload = JsonDocument.Parse(call.Payload);
            return JsonSerializer.SerializeToUtf8Bytes(new WebhookBody(call.Type, payload.RootElement), ChannelJson.Default.WebhookBody);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private (Uri? Url, WebhookSignature? Signature) Ready()
    {
        try
        {
            return (address(channel.Url), WebhookSignature.TryCreate(secret(channel.Secret)));
        }
        catch (Exception)
        {
            // Why it can't be read says Closed for all of them: it names no value.
            return (null, null);
        }
    }
}

/// <summary>What is sent.</summary>
internal sealed record WebhookBody(string Type, JsonElement Data);
