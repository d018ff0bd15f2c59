using System.Net;
using System.Text;
using System.Text.Json;
using CrmGrains.IntegrationTests.Engine;

namespace CrmGrains.IntegrationTests.Gateway;

/// <summary>Each sender is answered as it wants to be.</summary>
public sealed class SenderMannersTests(VendorFixture vendors) : IClassFixture<VendorFixture>
{
    private static readonly byte[] Unreadable = [0xFF, 0x00, (byte)'{'];

    [Theory]
    [InlineData("slack", 200)]
    [InlineData("zoom", 200)]
    [InlineData("hubspot_v3", 202)]
    [InlineData("github", 202)]
    [InlineData("typeform", 202)]
    [InlineData("basic", 202)]
    [InlineData("api_key", 202)]
    public async Task An_event_is_answered_with_its_id(string scheme, int status)
    {
        var body = Encoding.UTF8.GetBytes($$"""[{"id":"{{scheme}}_1","type":"url_verification_or_not"}]""");
        using var response = await vendors.SendAsync(scheme, body, "application/json", ("X-GitHub-Event", "push"));

        Assert.Equal(status, (int)response.StatusCode);
        var eventId = JsonElement.Parse(await response.Content.ReadAsStringAsync()).GetProperty("event_id").GetGuid();
        Assert.Equal(body, await BodyAsync(eventId));
    }

    [Fact]
    public async Task A_form_of_Twilio_is_kept_byte_for_byte_and_answered_with_TwiML_that_asks_for_nothing()
    {
        var body = "CallStatus=completed&CallSid=CA1&From=%2B15550100&Odd=%FF%00"u8.ToArray();
        using var response = await vendors.SendAsync("twilio", body, "application/x-www-form-urlencoded");
        using var again = await vendors.SendAsync("twilio", body, "application/x-www-form-urlencoded");

        Assert.Equal((HttpStatusCode.OK, "text/xml"), (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
        Assert.EndsWith("<Response/>", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(body, await BodyAsync(EventOf(response)));
        Assert.Equal((EventOf(response), "true"), (EventOf(again), again.Headers.GetValues("X-CrmGrains-Duplicate").Single()));
    }

    [Fact]
    public async Task A_notification_of_Airtable_is_answered_with_nothing()
    {
        var body = """{"base":{"id":"app1"},"webhook":{"id":"ach1"},"timestamp":"2026-09-21T14:12:41Z"}"""u8.ToArray();
        using var response = await vendors.SendAsync("airtable", body);

        Assert.Equal((HttpStatusCode.NoContent, ""), (response.StatusCode, await response.Content.ReadAsStringAsync()));
        Assert.Equal(body, await BodyAsync(EventOf(response)));
    }

    [Fact]
    public async Task Mail_that_cannot_be_read_is_stored_all_the_same()
    {
        using var response = await vendors.SendAsync("sendgrid", Unreadable, "multipart/form-data");
        using var empty = await vendors.SendAsync("sendgrid", []);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (response.StatusCode, empty.StatusCode));
        var eventId = JsonElement.Parse(await response.Content.ReadAsStringAsync()).GetProperty("event_id").GetGuid();
        Assert.Equal(Unreadable, await BodyAsync(eventId));
    }

    [Fact]
    public async Task Mail_is_never_refused_for_good()
    {
        var stored = await vendors.StoredAsync();
        using var unsigned = await vendors.SendAsync("sendgrid", Unreadable, new Dictionary<string, string>());
        using var forged = await vendors.SendAsync("sendgrid", Unreadable, vendors.Sign("sendgrid", []));
        using var tooLarge = await vendors.SendAsync("sendgrid", new byte[1024 * 1024 + 1]);

        foreach (var (response, code) in new[] { (unsigned, "missing_header"), (forged, "wrong_signature"), (tooLarge, "too_large") })
        {
            Assert.Equal((HttpStatusCode.ServiceUnavailable, true), (response.StatusCode, response.Headers.RetryAfter is not null));
            Assert.Contains($"\"code\":\"{code}\"", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        Assert.Equal(stored, await vendors.StoredAsync());
    }

    [Fact]
    public async Task Others_are_told_that_their_body_cannot_be_read()
    {
        using var json = await vendors.SendAsync("github", Unreadable);
        using var form = await vendors.SendAsync("twilio", [], "application/x-www-form-urlencoded");

        Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.BadRequest), (json.StatusCode, form.StatusCode));
    }

    [Theory]
    [InlineData("basic", "Authorization")]
    [InlineData("api_key", "X-Api-Key")]
    public async Task Credentials_are_never_kept(string scheme, string header)
    {
        var body = Encoding.UTF8.GetBytes($$"""{"id":"kept_{{scheme}}"}""");
        using var response = await vendors.SendAsync(scheme, body, "application/json", ("X-Kept", "yes"));

        var eventId = JsonElement.Parse(await response.Content.ReadAsStringAsync()).GetProperty("event_id").GetGuid();
        var headers = await vendors.Installation.Database.ValueAsync<string>("SELECT headers FROM raw_event WHERE event_id = $1", eventId);
        Assert.Contains("x-kept", headers, StringComparison.Ordinal);
        Assert.DoesNotContain(header, headers, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_look_at_a_hooks_address_finds_it_and_one_at_another_does_not()
    {
        var api = vendors.Installation.Api;
        foreach (var (method, status) in new[] { (HttpMethod.Get, 200), (HttpMethod.Head, 200), (HttpMethod.Options, 204) })
        {
            Assert.Equal(status, (int)(await api.SendAsync(method, $"/v1/hooks/demo/{VendorFixture.NameOf("hubspot_v3")}")).Status);
            Assert.Equal(HttpStatusCode.NotFound, (await api.SendAsync(method, "/v1/hooks/demo/nothing")).Status);
        }
    }

    private static Guid EventOf(HttpResponseMessage response) => Guid.Parse(response.Headers.GetValues("X-CrmGrains-Event-Id").Single());

    private Task<byte[]> BodyAsync(Guid eventId) =>
        vendors.Installation.Database.ValueAsync<byte[]>("SELECT body FROM raw_event WHERE event_id = $1", eventId);
}
