using System.Net.Http.Headers;
using System.Text.Json;
using CrmGrains.Host.Gateway;
using CrmGrains.Host.Serving;

namespace CrmGrains.Host.Commands;

/// <summary>A running host, as the command line calls it.</summary>
internal sealed class HostClient : IDisposable
{
    private readonly HttpClient _http;

    private HostClient(HttpClient http) => _http = http;

    /// <summary>The host that the options name; else the environment; else the demo in the data folder; else the default address.</summary>
    public static HostClient Create(string? url, string? apiKey, string data)
    {
        var demo = DemoEnvironment.Read(data);
        var address = url ?? Setting("CRMGRAINS_URL") ?? demo.GetValueOrDefault("CRMGRAINS_URL") ?? ServeOptions.DefaultUrl;
        var key = apiKey ?? Setting("CRMGRAINS_API_KEY") ?? demo.GetValueOrDefault("CRMGRAINS_API_KEY");
        var http = new HttpClient { BaseAddress = new Uri(address), Timeout = TimeSpan.FromSeconds(100) };
        if (key is not null)
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return new HostClient(http);
    }

    public Uri Address => _http.BaseAddress ?? new Uri(ServeOptions.DefaultUrl);

    public void Dispose() => _http.Dispose();

    /// <summary>What the host answers.</summary>
    /// <exception cref="HostException">It can't be reached, or refuses; the message says why.</exception>
    public async Task<JsonElement> GetAsync(string path, CancellationToken cancellationToken) =>
        await SendAsync(new HttpRequestMessage(HttpMethod.Get, path), cancellationToken);

    /// <summary>What the host answers.</summary>
    /// <exception cref="HostException">It can't be reached, or refuses; the message says why.</exception>
    public async Task<JsonElement> PostAsync(
        string path, byte[]? body, IReadOnlyDictionary<string, string>? headers, CancellationToken cancellationToken) =>
        await SendAsync(Post(path, body, headers), cancellationToken);

    /// <summary>Sends a delivery.</summary>
    /// <returns>The event's id, and whether it was a repeat; some senders are told in headers.</returns>
    /// <exception cref="HostException">The host can't be reached, or refuses; or it was a handshake, which is no event.</exception>
    public async Task<(Guid EventId, bool IsDuplicate)> DeliverAsync(
        string path, byte[] body, IReadOnlyDictionary<string, string> headers, CancellationToken cancellationToken)
    {
        using var response = await AnswerAsync(Post(path, body, headers), cancellationToken);
        if (response.Headers.TryGetValues(HookAnswer.EventHeader, out var events) && Guid.TryParse(events.Single(), out var named))
            return (named, response.Headers.TryGetValues(HookAnswer.DuplicateHeader, out var repeats) && repeats.Single() == "true");
        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        var answer = text.StartsWith('{') ? JsonElement.Parse(text) : default;
        return answer.ValueKind == JsonValueKind.Object && answer.TryGetProperty("event_id", out var eventId)
            ? (eventId.GetGuid(), answer.GetProperty("duplicate").GetBoolean())
            : throw new HostException($"It was taken for a handshake and made no event. The host answered: {text}");
    }

    private static HttpRequestMessage Post(string path, byte[]? body, IReadOnlyDictionary<string, string>? headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(body ?? []) };
        foreach (var (name, value) in headers ?? new Dictionary<string, string>())
        {
            if (!request.Headers.TryAddWithoutValidation(name, value))
                request.Content.Headers.TryAddWithoutValidation(name, value);
        }

        if (request.Content.Headers.ContentType is null)
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return request;
    }

    private async Task<JsonElement> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using var response = await AnswerAsync(request, cancellationToken);
        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        return text.Length == 0 ? default : JsonElement.Parse(text);
    }

    // A success; the caller disposes of it.
    private async Task<HttpResponseMessage> AnswerAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using (request)
        {
            HttpResponseMessage response;
            try
            {
                response = await _http.SendAsync(request, cancellationToken);
            }
            catch (HttpRequestException exception)
            {
                throw new HostException($"No host answers at {Address}: {exception.Message} Start it with `crmgrains serve`, or name it with --url.");
            }

            if (response.IsSuccessStatusCode)
                return response;
            using (response)
            {
                var text = await response.Content.ReadAsStringAsync(cancellationToken);
                throw new HostException(Problem((int)response.StatusCode, text), (int)response.StatusCode);
            }
        }
    }

    private static string Problem(int status, string text)
    {
        try
        {
            var problem = JsonElement.Parse(text);
            return $"{problem.GetProperty("title").GetString()} ({status}). {(problem.TryGetProperty("detail", out var detail) ? detail.GetString() : "")}".TrimEnd();
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return $"The host answered {status}.";
        }
    }

    private static string? Setting(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}

/// <summary>The host couldn't be asked; the message says why and what to do.</summary>
internal sealed class HostException(string message, int? status = null) : Exception(message)
{
    /// <summary>What it answered; null where it didn't.</summary>
    public int? Status => status;
}

/// <summary>What <c>deploy/demo.sh</c> writes for clients: <c>NAME=value</c>, one a line.</summary>
internal static class DemoEnvironment
{
    public static IReadOnlyDictionary<string, string> Read(string data)
    {
        var path = Path.Combine(data, "demo.env");
        try
        {
            return File.ReadLines(path)
                .Select(line => line.Split('=', 2))
                .Where(pair => pair.Length == 2)
                .ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return new Dictionary<string, string>();
        }
    }
}
