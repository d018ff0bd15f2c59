using System.Net;
using System.Text.Json;

namespace CrmGrains.IntegrationTests.Gateway;

/// <summary>What vendors send to see whether a hook is alive: answered once it is verified, counted, and no event.</summary>
public sealed class HandshakeTests(VendorFixture vendors) : IClassFixture<VendorFixture>
{
    [Fact]
    public async Task Slack_gets_its_challenge_back()
    {
        var answer = await IsAnsweredAsync("slack", """{"type":"url_verification","challenge":"c-1"}"""u8.ToArray());

        Assert.Equal("c-1", answer.GetProperty("challenge").GetString());
    }

    [Fact]
    public async Task Zoom_gets_its_token_back_plain_and_encrypted()
    {
        var answer = await IsAnsweredAsync("zoom", """{"event":"endpoint.url_validation","payload":{"plainToken":"plain_demo_1"}}"""u8.ToArray());

        Assert.Equal("plain_demo_1", answer.GetProperty("plainToken").GetString());
        Assert.Equal("842daa50d3a299f8000d93304597b0a7c8bd492d14f06b147527e9cf1955fbd3", answer.GetProperty("encryptedToken").GetString());
    }

    [Fact]
    public Task GitHubs_ping_is_answered() => IsAnsweredAsync("github", """{"zen":"Speak like a human."}"""u8.ToArray(), ("X-GitHub-Event", "ping"));

    [Fact]
    public Task HubSpots_list_of_no_events_is_answered() => IsAnsweredAsync("hubspot_v3", "[]"u8.ToArray());

    [Theory]
    [InlineData("slack", """{"type":"url_verification","challenge":"c-1"}""")]
    [InlineData("zoom", """{"event":"endpoint.url_validation","payload":{"plainToken":"plain_demo_1"}}""")]
    public async Task Nobody_else_is_answered(string scheme, string body)
    {
        var bytes = System.Text.Encoding.UTF8.GetBytes(body);
        using var unsigned = await vendors.SendAsync(scheme, bytes, new Dictionary<string, string>());
        using var forged = await vendors.SendAsync(scheme, bytes, vendors.Sign(scheme, [.. bytes, (byte)' ']));

        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized), (unsigned.StatusCode, forged.StatusCode));
        Assert.DoesNotContain("c-1", await unsigned.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain("encryptedToken", await forged.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private async Task<JsonElement> IsAnsweredAsync(string scheme, byte[] body, params (string Name, string Value)[] headers)
    {
        var (stored, answered) = (await vendors.StoredAsync(), await vendors.AnsweredAsync(scheme, 200, "handshake"));

        using var response = await vendors.SendAsync(scheme, body, "application/json", headers);

        Assert.Equal((HttpStatusCode.OK, "application/json"), (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
        Assert.Equal((stored, answered + 1), (await vendors.StoredAsync(), await vendors.AnsweredAsync(scheme, 200, "handshake")));
        return JsonElement.Parse(await response.Content.ReadAsStringAsync());
    }
}
