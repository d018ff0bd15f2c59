using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace CrmGrains.IntegrationTests.EndToEnd;

/// <summary>What the host answered.</summary>
internal sealed record Reply(HttpStatusCode Status, HttpResponseHeaders Headers, string? ContentType, string Text)
{
    public JsonElement Json => JsonElement.Parse(Text);

    /// <summary>The <c>code</c> of a problem document.</summary>
    public string? Code => ContentType == "application/problem+json" && Json.TryGetProperty("code", out var code) ? code.GetString() : null;

    public static async Task<Reply> OfAsync(HttpResponseMessage response) => new(
        response.StatusCode, response.Headers, response.Content.Headers.ContentType?.MediaType, await response.Content.ReadAsStringAsync());
}

/// <summary>The host's API, with a key or without.</summary>
internal sealed class Api(string url, string? key)
{
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(30) };

    public Task<Reply> GetAsync(string path) => SendAsync(HttpMethod.Get, path);

    public Task<Reply> PostAsync(string path) => SendAsync(HttpMethod.Post, path);

    public Task<Reply> PostAsync(string path, string json) =>
        SendAsync(HttpMethod.Post, path, new StringContent(json, Encoding.UTF8, "application/json"));

    public async Task<Reply> SendAsync(HttpMethod method, string path, HttpContent? content = null)
    {
        using var request = new HttpRequestMessage(method, url + path) { Content = content };
        if (key is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        using var response = await Http.SendAsync(request);
        return await Reply.OfAsync(response);
    }

    /// <summary>The trace of an event.</summary>
    public async Task<JsonElement> TraceAsync(Guid eventId)
    {
        var reply = await GetAsync($"/v1/events/{eventId}");
        Assert.True(reply.Status == HttpStatusCode.OK, $"Event {eventId}: {reply.Text}");
        return reply.Json;
    }

    /// <summary>The traces of many events, in their order.</summary>
    public async Task<IReadOnlyList<JsonElement>> TracesAsync(IReadOnlyList<Guid> events)
    {
        var traces = new JsonElement[events.Count];
        await Parallel.ForAsync(0, events.Count, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (index, _) =>
            traces[index] = await TraceAsync(events[index]));
        return traces;
    }
}
