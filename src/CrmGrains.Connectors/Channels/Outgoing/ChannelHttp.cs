using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using CrmGrains.Core.Faults;

namespace CrmGrains.Connectors.Channels.Outgoing;

/// <summary>What a receiver answered.</summary>
/// <param name="Status">The status code.</param>
/// <param name="Body">The beginning of the body.</param>
/// <param name="RetryAfter">How long it asked to wait.</param>
internal sealed record HttpAnswer(int Status, string Body, TimeSpan? RetryAfter);

/// <summary>
/// The one place that calls the receivers of channels: over guarded connections, past no proxy, following no redirect, reading no more than
/// the beginning of what is answered. Throws on cancellation only.
/// </summary>
internal sealed class ChannelHttp : IDisposable
{
    private const int MaxAnswerBytes = 16 * 1024;

    private readonly HttpClient _client;
    private readonly ChannelsOptions _options;
    private readonly TimeProvider _time;

    public ChannelHttp(OutgoingConnections connections, ChannelsOptions options, TimeProvider time)
    {
        (_options, _time) = (options, time);
        _client = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (context, cancellationToken) =>
                await connections.ConnectAsync(context.DnsEndPoint.Host, context.DnsEndPoint.Port, isPrivateOnly: false, cancellationToken),
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
            AllowAutoRedirect = false,  // what a receiver points at is another address, and nobody configured it
            UseProxy = false,           // a proxy would be connected to instead of what is looked at
            UseCookies = false,
            MaxConnectionsPerServer = 16,
            MaxResponseHeadersLength = 32,  // KiB
            MaxResponseDrainSize = MaxAnswerBytes,
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,  // each call has its own
        };
        _client.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("CrmGrains", "0.1"));
    }

    /// <summary>Posts JSON.</summary>
    /// <param name="shownPath">What calls are noted under, for an address may be a secret.</param>
    /// <param name="judge">What an answer means.</param>
    /// <param name="unanswered">What it means that no answer came although the body was sent, at least in part.</param>
    public async Task<Verdict> PostAsync(
        Uri url, string shownPath, byte[] body, IReadOnlyDictionary<string, string> headers, IReadOnlyList<string> effectKeys,
        Func<HttpAnswer, Verdict> judge, Func<string, Verdict> unanswered, ICallLog calls, CancellationToken cancellationToken)
    {
        var (beganAt, start) = (_time.GetUtcNow(), _time.GetTimestamp());
        HttpAnswer? answer = null;
        Verdict? verdict = null;
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(body) };
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            foreach (var (name, value) in headers)
                request.Headers.TryAddWithoutValidation(name, value);
            answer = await ExchangeAsync(request, cancellationToken);
            verdict = judge(answer);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            verdict = unanswered($"No answer within {_options.AnswerTimeout.TotalSeconds:0.#} s.");
        }
        catch (HttpRequestException broken)
        {
            verdict = OfBroken(broken, unanswered);
        }
        finally
        {
            calls.Add(new CrmCall
            {
                Method = "POST",
                Path = shownPath,
                Status = answer?.Status,
                Response = RedactedText.Of(answer?.Body),
                Outcome = verdict?.Name ?? "unknown",
                BeganAt = beganAt,
                Took = _time.GetElapsedTime(start),
                EffectKeys = effectKeys,
            });
        }

        return verdict;
    }

    public void Dispose() => _client.Dispose();

    private async Task<HttpAnswer> ExchangeAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(_options.AnswerTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        CrashPoint.Pass(CrashPoint.CrmBeforeCall);
        using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
        CrashPoint.Pass(CrashPoint.CrmAfterCall);
        return new HttpAnswer((int)response.StatusCode, await BeginningAsync(response, either.Token), RetryAfter(response.Headers));
    }

    // The status has told what matters: a body that breaks off changes nothing.
    private static async Task<string> BeginningAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(MaxAnswerBytes);
        try
        {
            await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
            var read = await stream.ReadAtLeastAsync(buffer.AsMemory(0, MaxAnswerBytes), MaxAnswerBytes, throwOnEndOfStream: false, cancellationToken);
            return Encoding.UTF8.GetString(buffer, 0, read);
        }
        catch (Exception cut) when (cut is IOException or HttpRequestException or OperationCanceledException)
        {
            return "";
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private TimeSpan? RetryAfter(HttpResponseHeaders headers) => headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } when date - _time.GetUtcNow() is var wait => wait > TimeSpan.Zero ? wait : TimeSpan.Zero,
        _ => null,
    };

    private static Verdict OfBroken(HttpRequestException broken, Func<string, Verdict> unanswered) => broken switch
    {
        _ when Cause<AddressRefusedException>(broken) is { } refused => new Verdict.Closed("address_refused", refused.Message),
        _ when Cause<TimeoutException>(broken) is { } late => new Verdict.Later("connection_failed", late.Message),

        // Nothing was sent: there was nobody to send it to.
        { HttpRequestError: HttpRequestError.SecureConnectionError } => new Verdict.Closed("tls_failed", "The receiver's certificate isn't trusted, or it speaks no TLS that we do."),
        { HttpRequestError: HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError } => new Verdict.Later("connection_failed", Said(broken)),
        { InnerException: SocketException { SocketErrorCode: SocketError.ConnectionRefused or SocketError.HostNotFound } } =>
            new Verdict.Later("connection_failed", Said(broken)),
        _ => unanswered(string.Create(CultureInfo.InvariantCulture, $"The connection broke: {broken.HttpRequestError}.")),
    };

    // Messages of the framework name the host, which for some channels is part of a secret.
    private static string Said(HttpRequestException broken) =>
        Cause<SocketException>(broken) is { } socket ? $"No connection: {socket.SocketErrorCode}." : "No connection.";

    private static T? Cause<T>(Exception exception) where T : Exception
    {
        for (Exception? cause = exception; cause is not null; cause = cause.InnerException)
        {
            if (cause is T found)
                return found;
        }

        return null;
    }
}
