using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Text.Json;
using CrmGrains.Checker;
using CrmGrains.Faults.Cluster;

namespace CrmGrains.Faults.Traffic;

/// <summary>Posts deliveries as the systems of a business do: again and again until one is accepted, and keeps book of every attempt.</summary>
/// <param name="gateway">Where to.</param>
internal sealed class Vendor(string gateway) : IDisposable
{
    /// <summary>What a 503 without a wait, or no answer at all, is taken for.</summary>
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(100);

    /// <summary>Vendors wait longer; a run has no hours.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(2);

    private readonly HttpClient _http = new(new SocketsHttpHandler { MaxConnectionsPerServer = 64 }) { Timeout = TimeSpan.FromSeconds(15) };
    private readonly ConcurrentQueue<SentDelivery> _sent = [];
    private readonly long _startedAt = TimeProvider.System.GetTimestamp();
    private int _without;

    /// <summary>Every attempt so far.</summary>
    public IReadOnlyList<SentDelivery> Sent => [.. _sent];

    /// <summary>Answers 503 that didn't say when to come again.</summary>
    public int RefusedWithoutWait => _without;

    /// <summary>Posts a delivery until it is accepted.</summary>
    public async Task<SentDelivery> DeliverAsync(Delivery delivery, CancellationToken cancellationToken)
    {
        var wait = FirstWait;
        while (true)
        {
            var sent = await TryAsync(delivery, cancellationToken);
            if (sent.Status is >= 200 and < 300)
                return sent;
            await Task.Delay(wait, TimeProvider.System, cancellationToken);
            wait = wait * 2 < LongestWait ? wait * 2 : LongestWait;
        }
    }

    /// <summary>One attempt.</summary>
    public async Task<SentDelivery> TryAsync(Delivery delivery, CancellationToken cancellationToken)
    {
        var sent = new SentDelivery
        {
            Workspace = Workspace.Name, Source = delivery.Source, DeliveryId = delivery.DeliveryId, Fact = delivery.Fact, SentAt = Now(),
        };
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, $"{gateway}/v1/hooks/{Workspace.Name}/{delivery.Source}")
            {
                Content = new ByteArrayContent(delivery.Body),
            };
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            foreach (var (name, value) in SigningSources.Sign(delivery))
                request.Headers.Add(name, value);
            using var response = await _http.SendAsync(request, cancellationToken);
            var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            sent = sent with { AnsweredAt = Now(), Status = (int)response.StatusCode };
            if (response.IsSuccessStatusCode)
                sent = sent with { EventId = JsonElement.Parse(body).GetProperty("event_id").GetGuid() };
            else if (sent.Status == 503 && response.Headers.RetryAfter is null)
                Interlocked.Increment(ref _without);
        }
        catch (HttpRequestException)
        {
            // No answer: nobody knows what became of it.
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // No answer in time.
        }
        finally
        {
            _sent.Enqueue(sent);
        }

        return sent;
    }

    public void Dispose() => _http.Dispose();

    private TimeSpan Now() => TimeProvider.System.GetElapsedTime(_startedAt);
}
