using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using CrmGrains.Core.Configuration;
using CrmGrains.Intake.Signatures;

namespace CrmGrains.IntegrationTests.EndToEnd;

/// <summary>A delivery, before it is signed.</summary>
internal sealed record Post(string Source, string DeliveryId, byte[] Body);

/// <summary>What a sender was told: only this makes it stop trying.</summary>
internal sealed record Receipt(Post Post, Guid EventId, bool IsDuplicate);

/// <summary>The sources of the demo's workspace: signs as each of them signs.</summary>
/// <param name="url">Asked for at each attempt: a host that was started again has another port.</param>
/// <param name="atOnce">How many of many are on their way at the same time.</param>
internal sealed class Sender(Func<string> url, int atOnce = 32)
{
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(30) };
    private static readonly TimeSpan BeforeRetry = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private static readonly Dictionary<string, (SignatureScheme Scheme, string Secret)> Sources = new()
    {
        ["diagnostic"] = (SignatureScheme.For(new VerificationConfiguration { Scheme = "standard_webhooks", Secrets = [] }), Secret.Diagnostic),
        ["stripe"] = (SignatureScheme.For(new VerificationConfiguration { Scheme = "stripe", Secrets = [] }), Secret.Stripe),
        ["generic"] = (SignatureScheme.For(new VerificationConfiguration { Scheme = "hmac", Secrets = [], Header = "X-Signature" }), Secret.Generic),
        ["automation"] = (SignatureScheme.For(new VerificationConfiguration { Scheme = "api_key", Secrets = [] }), Secret.Automation),
    };

    /// <summary>The headers that the source would add.</summary>
    public static IReadOnlyDictionary<string, string> Sign(Post post, string? secret = null, TimeSpan age = default) =>
        Sources[post.Source].Scheme.Sign(
            post.Body, secret ?? Sources[post.Source].Secret, post.DeliveryId, TimeProvider.System.GetUtcNow() - age);

    /// <summary>One attempt, signed.</summary>
    public Task<Reply> TryAsync(Post post, string? secret = null) => TryAsync(post, Sign(post, secret));

    /// <summary>One attempt with these headers.</summary>
    public async Task<Reply> TryAsync(Post post, IReadOnlyDictionary<string, string> headers, string workspace = "demo")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{url()}/v1/hooks/{workspace}/{post.Source}")
        {
            Content = new ByteArrayContent(post.Body),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        foreach (var (name, value) in headers)
            request.Headers.Add(name, value);
        using var response = await Http.SendAsync(request);
        return await Reply.OfAsync(response);
    }

    /// <summary>Tries until it is accepted, as every good source does.</summary>
    public async Task<Receipt> SendAsync(Post post)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            try
            {
                var reply = await TryAsync(post);
                if (reply.Status == HttpStatusCode.Accepted)
                    return new Receipt(post, reply.Json.GetProperty("event_id").GetGuid(), reply.Json.GetProperty("duplicate").GetBoolean());
                Assert.True(reply.Status == HttpStatusCode.ServiceUnavailable, $"{post.DeliveryId} was answered {reply.Status}: {reply.Text}");
            }
            catch (HttpRequestException)
            {
                // Nobody knows whether it arrived: once more.
            }

            Assert.False(patience.IsCancellationRequested, $"{post.DeliveryId} wasn't accepted within {Patience}.");
            await Task.Delay(BeforeRetry, TimeProvider.System);
        }
    }

    /// <summary>Many at once; the receipts come in the order of the posts.</summary>
    /// <param name="accepted">Told how many were accepted so far.</param>
    public async Task<IReadOnlyList<Receipt>> SendAsync(IReadOnlyList<Post> posts, Action<int>? accepted = null)
    {
        var (receipts, count) = (new Receipt[posts.Count], 0);
        await Parallel.ForAsync(0, posts.Count, new ParallelOptions { MaxDegreeOfParallelism = atOnce }, async (index, _) =>
        {
            receipts[index] = await SendAsync(posts[index]);
            accepted?.Invoke(Interlocked.Increment(ref count));
        });
        return receipts;
    }
}
