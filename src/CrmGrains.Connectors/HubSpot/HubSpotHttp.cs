using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using CrmGrains.Connectors.Limits;
using CrmGrains.Core.Faults;

namespace CrmGrains.Connectors.HubSpot;

/// <summary>A call to make.</summary>
/// <param name="Method">HTTP method.</param>
/// <param name="Path">Path and query.</param>
/// <param name="Body">JSON; null where there is none.</param>
/// <param name="EffectKeys">The writes that it is made for.</param>
internal sealed record HubSpotCall(HttpMethod Method, string Path, byte[]? Body, IReadOnlyList<string> EffectKeys)
{
    /// <summary>Whether it changes anything, so that it may have been carried out although no answer came.</summary>
    public bool IsWrite { get; init; }

    /// <summary>Whether it counts as a search, which has a limit of its own.</summary>
    public bool IsSearch { get; init; }
}

/// <summary>What came of a call: rows, or why there are none.</summary>
internal readonly record struct Answer(AnswerBody Body, Failure? Failure)
{
    public static Answer Failed(Failure failure) => new(new AnswerBody(), failure);

    /// <summary>
    /// Results as rows of a kind; one that can't be read is left out, and so its write is one that the answer doesn't mention.
    /// </summary>
    public IEnumerable<T> Rows<T>(Func<JsonElement, T?> read) where T : class
    {
        foreach (var element in Body.Results ?? [])
        {
            T? row;
            try
            {
                row = read(element);
            }
            catch (JsonException)
            {
                row = null;
            }

            if (row is not null)
                yield return row;
        }
    }
}

/// <summary>
/// The one place that calls HubSpot: waits for its turn, keeps to a time-out, notes the call, sorts the answer. Throws on cancellation
/// only.
/// </summary>
internal sealed class HubSpotHttp : IDisposable
{
    private const int MaxNotedBytes = 16 * 1024;
    private const int MaxAnswerBytes = 32 * 1024 * 1024;

    private readonly HttpClient _client;
    private readonly Func<string> _token;
    private readonly Limiter _general;
    private readonly Limiter _search;
    private readonly TimeProvider _time;
    private readonly Func<double> _draw;
    private readonly HubSpotOptions _options;

    /// <param name="url">Where the API is.</param>
    /// <param name="token">Read for each call, so that a new token is used as soon as there is one.</param>
    /// <param name="general">The limit of all calls but searches.</param>
    /// <param name="search">The limit of searches.</param>
    /// <param name="draw">From 0 up to 1; spreads those who were told to wait.</param>
    public HubSpotHttp(
        string url, Func<string> token, Limiter general, Limiter search, HubSpotOptions options, TimeProvider time, Func<double> draw)
    {
        (_token, _general, _search, _options, _time, _draw) = (token, general, search, options, time, draw);
        var handler = new SocketsHttpHandler
        {
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
            ConnectTimeout = options.ConnectTimeout,
            AutomaticDecompression = DecompressionMethods.All,
            AllowAutoRedirect = false,  // the token goes nowhere else
            UseCookies = false,
            MaxConnectionsPerServer = 16,
        };
        _client = new HttpClient(handler)
        {
            BaseAddress = new Uri(url.TrimEnd('/') + "/"),
            Timeout = Timeout.InfiniteTimeSpan,  // each call has its own
            MaxResponseContentBufferSize = MaxAnswerBytes,
        };
        _client.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("CrmGrains", "0.1"));
        _client.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
    }

    /// <summary>Where the last call was refused for a reason that lies in the account; null where none was.</summary>
    public string? AlertedPath { get; private set; }

    /// <summary>Makes a call.</summary>
    public async Task<Answer> SendAsync(HubSpotCall call, ICallLog log, CancellationToken cancellationToken)
    {
        var limiter = call.IsSearch ? _search : _general;
        if (await limiter.WaitAsync(_options.LongestWait, cancellationToken) is { } closedFor)
            return Answer.Failed(HubSpotErrors.Closed(closedFor));

        var (beganAt, start) = (_time.GetUtcNow(), _time.GetTimestamp());
        Reply reply;
        try
        {
            reply = await ExchangeAsync(call, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            Note(new Reply(null, null, null, null, null), "unknown");
            throw;
        }

        var answer = Judge(call, reply);
        if (reply.Remaining is { } remaining)
            _general.Correct(remaining);
        if (answer.Failure is { } failure)
            answer = Answer.Failed(Heed(call, failure, limiter));

        Note(reply, answer.Failure?.Outcome ?? (HasRefusedRows(call, answer.Body) ? "partial" : "succeeded"));
        return answer;

        void Note(Reply got, string outcome) => log.Add(new CrmCall
        {
            Method = call.Method.Method,
            Path = call.Path,
            Request = call.Body is null ? null : Noted(call.Body),
            Status = got.Status,
            Response = got.Body is null ? null : Noted(got.Body),
            Outcome = outcome,
            BeganAt = beganAt,
            Took = _time.GetElapsedTime(start),
            QuotaLeft = got.Remaining,
            EffectKeys = call.EffectKeys,
        });
    }

    public void Dispose() => _client.Dispose();

    private sealed record Reply(int? Status, byte[]? Body, TimeSpan? RetryAfter, int? Remaining, Failure? Failure)
    {
        public static Reply None(Failure failure) => new(null, null, null, null, failure);
    }

    private async Task<Reply> ExchangeAsync(HubSpotCall call, CancellationToken cancellationToken)
    {
        var patience = call.Method == HttpMethod.Get ? _options.SingleTimeout : _options.BatchTimeout;
        using var timeout = new CancellationTokenSource(patience, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            using var request = new HttpRequestMessage(call.Method, call.Path.TrimStart('/'));
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _token().Trim());
            if (call.Body is not null)
            {
                // The framework repeats a request by itself only while nothing of its body was sent, so never one that was carried out.
                request.Content = new ByteArrayContent(call.Body);
                request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            }

            CrashPoint.Pass(CrashPoint.CrmBeforeCall);
            using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseContentRead, either.Token);
            CrashPoint.Pass(CrashPoint.CrmAfterCall);
            return new Reply(
                (int)response.StatusCode,
                await response.Content.ReadAsByteArrayAsync(either.Token),
                RetryAfter(response.Headers.RetryAfter),
                Number(response.Headers, "X-HubSpot-RateLimit-Remaining"),
                Failure: null);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Reply.None(HubSpotErrors.TimedOut(patience));
        }
        catch (HttpRequestException broken)
        {
            return Reply.None(HubSpotErrors.OfBroken(broken));
        }
        catch (Exception unready) when (unready is not OperationCanceledException)
        {
            // Nothing else than reading the token can fail here.
            return Reply.None(
                new Failure(FailureClass.AlertOperator, "expired_token", $"The token can't be read: {unready.GetType().Name}."));
        }
    }

    private static Answer Judge(HubSpotCall call, Reply reply)
    {
        if (reply.Failure is not null)
            return Answer.Failed(reply.Failure with { MayBeDone = reply.Failure.MayBeDone && call.IsWrite });
        var status = reply.Status ?? 0;
        if (status is < 200 or > 299)
        {
            var error = Read(reply.Body, HubSpotJson.Default.ErrorBody);
            var failure = HubSpotErrors.OfCall(status, error is { Message: null, Category: null } ? null : error, reply.RetryAfter);
            return Answer.Failed(failure with { MayBeDone = failure.MayBeDone && call.IsWrite });
        }

        if (status == (int)HttpStatusCode.NoContent)
            return new Answer(new AnswerBody { Results = [] }, null);
        return Read(reply.Body, HubSpotJson.Default.AnswerBody) is { Results: not null } body
            ? new Answer(body, null)
            : Answer.Failed(
                HubSpotErrors.Garbage($"HTTP {status} with a body that isn't what HubSpot answers.") with { MayBeDone = call.IsWrite });
    }

    private Failure Heed(HubSpotCall call, Failure failure, Limiter limiter)
    {
        if (failure.Class == FailureClass.AlertOperator)
            AlertedPath = call.Path;
        if (failure.RetryAfter is not { } asked)
            return failure;

        // A little longer than asked, and not all at the same instant.
        var pause = asked + (_draw() * Math.Min(asked.TotalSeconds, 10) * TimeSpan.FromMilliseconds(100));
        if (failure.Exhausted is Quota.Account)
        {
            _general.CloseFor(pause);
            _search.CloseFor(pause);
        }
        else if (failure.Exhausted is { } quota)
        {
            (quota == Quota.Search ? _search : limiter).CloseFor(pause);
        }

        return failure with { RetryAfter = pause };
    }

    private TimeSpan? RetryAfter(RetryConditionHeaderValue? header)
    {
        var wait = header?.Delta ?? (header?.Date is { } date ? date - _time.GetUtcNow() : null);
        return wait is { } asked ? TimeSpan.FromTicks(Math.Clamp(asked.Ticks, 0, TimeSpan.TicksPerDay)) : null;
    }

    // A read that doesn't find something has succeeded; only writes have rows that were refused.
    private static bool HasRefusedRows(HubSpotCall call, AnswerBody body) =>
        call.IsWrite && (body.NumErrors > 0 || body.Errors is { Count: > 0 });

    private static int? Number(HttpResponseHeaders headers, string name) =>
        headers.TryGetValues(name, out var values) && int.TryParse(values.First(), CultureInfo.InvariantCulture, out var number)
            ? number
            : null;

    private static T? Read<T>(byte[]? body, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type) where T : class
    {
        try
        {
            return body is null ? null : JsonSerializer.Deserialize(body, type);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    // Evidence: cut where it is long, and without the one character that PostgreSQL's text doesn't take.
    private static string Noted(byte[] body) =>
        Encoding.UTF8.GetString(body, 0, Math.Min(body.Length, MaxNotedBytes)).Replace("\0", "\uFFFD", StringComparison.Ordinal);
}
