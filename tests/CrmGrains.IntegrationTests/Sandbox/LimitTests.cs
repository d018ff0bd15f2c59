using System.Net;
using CrmGrains.Sandbox;

namespace CrmGrains.IntegrationTests.Sandbox;

public sealed class LimitTests : SandboxTest
{
    protected override SandboxOptions Options =>
        new() { Urls = "http://127.0.0.1:0", Log = false, BurstLimit = 3, DailyLimit = 5, Tokens = "pat-test, pat-other" };

    [Fact]
    public async Task Answers_tell_what_is_left_and_those_of_search_do_not()
    {
        var owners = await Get("/crm/v3/owners");
        var search = await Search("contacts", "email", "HAS_PROPERTY");

        Assert.Equal("3", owners.Header("X-HubSpot-RateLimit-Max"));
        Assert.Equal("2", owners.Header("X-HubSpot-RateLimit-Remaining"));
        Assert.Equal("10000", owners.Header("X-HubSpot-RateLimit-Interval-Milliseconds"));
        Assert.Equal("5", owners.Header("X-HubSpot-RateLimit-Daily"));
        Assert.Equal("4", owners.Header("X-HubSpot-RateLimit-Daily-Remaining"));
        Assert.Equal(HttpStatusCode.OK, search.Status);
        Assert.DoesNotContain(search.Headers, header => header.Key.StartsWith("X-HubSpot", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Calls_beyond_the_burst_are_a_429_until_ten_seconds_after_the_first()
    {
        await Get("/crm/v3/owners");
        Clock.Advance(TimeSpan.FromSeconds(5));
        await Get("/crm/v3/owners");
        await Get("/crm/v3/owners");

        var refused = await Get("/crm/v3/owners");
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.Status);
        Assert.Equal("RATE_LIMITS", refused.Category);
        Assert.Equal("RATE_LIMIT", refused.Body.GetProperty("errorType").GetString());
        Assert.Equal("TEN_SECONDLY_ROLLING", refused.Body.GetProperty("policyName").GetString());
        Assert.Equal("0", refused.Header("X-HubSpot-RateLimit-Remaining"));

        Clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(HttpStatusCode.OK, (await Get("/crm/v3/owners")).Status);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await Get("/crm/v3/owners")).Status);
    }

    [Fact]
    public async Task Calls_beyond_the_day_are_a_429_until_midnight()
    {
        for (var call = 0; call < 5; call++)
        {
            Assert.Equal(HttpStatusCode.OK, (await Get("/crm/v3/owners")).Status);
            Clock.Advance(TimeSpan.FromSeconds(10));
        }

        Assert.Equal("DAILY", (await Get("/crm/v3/owners")).Body.GetProperty("policyName").GetString());
        Clock.Advance(TimeSpan.FromHours(12));
        Assert.Equal(HttpStatusCode.OK, (await Get("/crm/v3/owners")).Status);
    }

    [Fact]
    public async Task A_sixth_search_in_a_second_is_a_429_of_its_own_policy()
    {
        for (var search = 0; search < 5; search++) Assert.Equal(HttpStatusCode.OK, (await Search("deals", "amount", "HAS_PROPERTY")).Status);

        var refused = await Search("contacts", "email", "HAS_PROPERTY");
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.Status);
        Assert.Equal("SECONDLY", refused.Body.GetProperty("policyName").GetString());
        Assert.Equal("You have reached your secondly limit.", refused.Message);

        Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(HttpStatusCode.OK, (await Search("contacts", "email", "HAS_PROPERTY")).Status);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("Bearer ")]
    [InlineData("Basic cGF0LXRlc3Q=")]
    [InlineData("Bearer pat-wrong")]
    public async Task A_call_without_a_token_that_is_known_is_a_401(string? authorization)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{Url}/crm/v3/owners");
        if (authorization is not null) request.Headers.TryAddWithoutValidation("Authorization", authorization);

        using var response = await http.SendAsync(request);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Contains("INVALID_AUTHENTICATION", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }
}
