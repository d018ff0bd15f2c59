using System.Net;
using System.Net.Http.Headers;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace CrmGrains.Intake.Pull;

/// <summary>
/// Airtable's list of a webhook's payloads: at most 50 a page, in the order of transactions, kept for seven days; five calls a second for each
/// base, and after a 429 none for 30 seconds. Throws on cancellation only.
/// </summary>
internal sealed class AirtableApi : IDisposable
{
    private const int PageSize = 50;
    private const int MaxAnswerBytes = 64 * 1024 * 1024;

    private static readonly TimeSpan AfterTooMany = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(15);

    private readonly HttpClient _client = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false, // the token goes nowhere else
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.All,
        PooledConnectionLifetime = TimeSpan.FromMinutes(2),
    })
    {
        Timeout = Timeout.InfiniteTimeSpan, // each call has its own
        MaxResponseContentBufferSize = MaxAnswerBytes,
    };

    /// <summary>A page from a cursor on.</summary>
    public async Task<PullAnswer> ListAsync(Uri url, string token, DuePull pull, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var timer = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timer.CancelAfter(timeout);
        try
        {
            // Both ids are letters and digits, as they were read.
            var address = new Uri(
                $"{url.ToString().TrimEnd('/')}/v0/bases/{pull.Base}/webhooks/{pull.Webhook}/payloads?cursor={pull.Cursor}&limit={PageSize}");
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            using var response = await _client.SendAsync(request, timer.Token);
            return response.IsSuccessStatusCode
                ? Read(await response.Content.ReadAsByteArrayAsync(timer.Token), pull)
                : Refused(response);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return new PullAnswer.Later(exception is OperationCanceledException ? "It didn't answer in time." : "It can't be reached.");
        }
    }

    public void Dispose() => _client.Dispose();

    private static PullAnswer Refused(HttpResponseMessage response)
    {
        var status = (int)response.StatusCode;
        return response.StatusCode switch
        {
            HttpStatusCode.TooManyRequests => new PullAnswer.Later("It had too many calls (429).", AfterOf(response)),
            HttpStatusCode.Unauthorized => new PullAnswer.Later("The token isn't valid (401): replace it.", LongestWait),
            HttpStatusCode.Forbidden => new PullAnswer.Later("The token may not read this webhook (403): give it the scope webhook:manage and the base.", LongestWait),
            HttpStatusCode.NotFound => new PullAnswer.Gone("There is no such webhook (404): make it anew; its first call begins again."),
            _ => new PullAnswer.Later($"It answered {status}."),
        };
    }

    private static TimeSpan AfterOf(HttpResponseMessage response)
    {
        var asked = response.Headers.RetryAfter?.Delta ?? AfterTooMany;
        return asked < AfterTooMany ? AfterTooMany : asked > LongestWait ? LongestWait : asked;
    }

    // A payload is taken as it is: one that intake can't read goes to review by itself, and holds nothing up.
    private static PullAnswer Read(byte[] body, DuePull pull)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            var root = document.RootElement;
            if (root.ValueKind == JsonValueKind.Object
                && root.TryGetProperty("payloads", out var list) && list.ValueKind == JsonValueKind.Array
                && root.TryGetProperty("cursor", out var next) && next.ValueKind == JsonValueKind.Number && next.TryGetInt64(out var cursor)
                && cursor >= pull.Cursor && cursor - list.GetArrayLength() >= pull.Cursor)
            {
                var hasMore = root.TryGetProperty("mightHaveMore", out var more) && more.ValueKind == JsonValueKind.True;
                // A page that moves nothing on would be asked for for ever.
                return new PullAnswer.Page(
                    cursor, hasMore && cursor > pull.Cursor, [.. list.EnumerateArray().Select(payload => JsonMarshal.GetRawUtf8Value(payload).ToArray())]);
            }
        }
        catch (JsonException)
        {
            // Neither is it a page.
        }

        return new PullAnswer.Later("Its answer is no page of payloads after our cursor.");
    }
}
