using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CrmGrains.Sandbox.Calls;
using CrmGrains.Sandbox.Inspection;

namespace CrmGrains.Sandbox.Channels;

/// <summary>A stand-in Slack (<c>/services</c>), a receiver of Standard Webhooks (<c>/webhooks</c>), and what either got.</summary>
internal static class ChannelEndpoints
{
    private const int MostNoticesAtOnce = 5;
    private static readonly TimeSpan NoticeEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);

    public static bool IsChannel(HttpContext context) =>
        context.Request.Path.StartsWithSegments("/services", StringComparison.OrdinalIgnoreCase)
        || context.Request.Path.StartsWithSegments("/webhooks", StringComparison.OrdinalIgnoreCase);

    public static void MapChannels(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/services/{**hook}", PostNotice);
        routes.MapPost("/webhooks/{receiver}", TakeWebhook);
        routes.MapGet("/sandbox/mails", (ChannelBox box) => TypedResults.Ok(Listing.Of(box.Mails)));
        routes.MapGet("/sandbox/notices", (ChannelBox box) => TypedResults.Ok(Listing.Of(box.Notices)));
        routes.MapGet("/sandbox/webhooks", (ChannelBox box) => TypedResults.Ok(Listing.Of(box.Webhooks)));
    }

    // Slack answers in plain words. Hooks are named after what they answer; every other one works.
    private static async Task<IResult> PostNotice(
        string hook, HttpContext context, ChannelBox box, EffectLog effects, NoticeLimit limit, TimeProvider time)
    {
        static IResult Says(int status, string text) => TypedResults.Text(text, statusCode: status);

        if (hook.EndsWith("no_service", StringComparison.Ordinal)) return Says(404, "no_service");
        if (hook.EndsWith("archived", StringComparison.Ordinal)) return Says(410, "channel_is_archived");
        if (hook.EndsWith("prohibited", StringComparison.Ordinal)) return Says(403, "action_prohibited");
        if (await ReadAsync(context) is not { } body || Parse(body) is not { ValueKind: JsonValueKind.Object } message) return Says(400, "invalid_payload");
        if (!message.TryGetProperty("text", out var text) || text.ValueKind != JsonValueKind.String || text.GetString() is not { Length: > 0 } said)
            return Says(400, "no_text");
        if (!limit.Take(hook, MostNoticesAtOnce, NoticeEvery))
        {
            context.Response.Headers.RetryAfter = "1";
            return Says(429, "rate_limited");
        }

        var now = time.GetUtcNow();
        box.Add(number => new PostedNotice(number, now, hook, said));
        effects.Delivered("notice", hook, said, now);
        return Says(200, "ok");
    }

    private static async Task<IResult> TakeWebhook(
        string receiver, HttpContext context, ChannelBox box, EffectLog effects, SandboxOptions options, TimeProvider time)
    {
        if (receiver == "gone") return TypedResults.Text("gone", statusCode: 410);
        if (receiver == "moved") return TypedResults.Redirect("/webhooks/partner");
        var now = time.GetUtcNow();
        var headers = context.Request.Headers;
        if (await ReadAsync(context) is not { } body || !IsSigned(headers, body, options.WebhookSecret, now))
            return TypedResults.Text("The signature doesn't fit.", statusCode: 401);
        if (Parse(body) is not { ValueKind: JsonValueKind.Object } call) return TypedResults.Text("That is no JSON object.", statusCode: 400);

        var id = headers["webhook-id"].ToString();
        var type = call.TryGetProperty("type", out var named) ? named.GetString() : null;
        if (box.Add(receiver, id, number => new TakenWebhook(number, now, receiver, id, type, call, 0))) effects.Delivered("webhook", id, type ?? "", now);
        return TypedResults.NoContent();
    }

    private static bool IsSigned(IHeaderDictionary headers, byte[] body, string secret, DateTimeOffset now)
    {
        var (id, timestamp) = (headers["webhook-id"].ToString(), headers["webhook-timestamp"].ToString());
        if (id.Length == 0 || !long.TryParse(timestamp, out var seconds) || Math.Abs(now.ToUnixTimeSeconds() - seconds) > Tolerance.TotalSeconds)
            return false;
        var key = new byte[secret.Length];
        if (!secret.StartsWith("whsec_", StringComparison.Ordinal) || !Convert.TryFromBase64String(secret["whsec_".Length..], key, out var length))
            return false;
        var expected = HMACSHA256.HashData(key.AsSpan(0, length), [.. Encoding.UTF8.GetBytes($"{id}.{timestamp}."), .. body]);
        var wanted = Encoding.ASCII.GetBytes($"v1,{Convert.ToBase64String(expected)}");
        return headers["webhook-signature"].ToString().Split(' ')
            .Any(given => CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given), wanted));
    }

    private static async Task<byte[]?> ReadAsync(HttpContext context)
    {
        using var copy = new MemoryStream();
        await context.Request.Body.CopyToAsync(copy, context.RequestAborted);
        return copy.ToArray();
    }

    private static JsonElement? Parse(byte[] body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>A burst of notices for each hook, then one a second.</summary>
internal sealed class NoticeLimit(TimeProvider time)
{
    private const int MaxHooks = 1_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, DateTimeOffset> _freeAt = [];

    public bool Take(string hook, int burst, TimeSpan interval)
    {
        lock (_gate)
        {
            var now = time.GetUtcNow();
            if (_freeAt.Count == MaxHooks) _freeAt.Clear();
            var freeAt = _freeAt.TryGetValue(hook, out var known) && known > now ? known : now;
            if (freeAt - now > interval * (burst - 1)) return false;
            _freeAt[hook] = freeAt + interval;
            return true;
        }
    }

    public void Reset()
    {
        lock (_gate) _freeAt.Clear();
    }
}
