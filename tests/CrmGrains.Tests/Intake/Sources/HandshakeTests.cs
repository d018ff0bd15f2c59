using System.Text;
using System.Text.Json;
using CrmGrains.Intake.Signatures;
using CrmGrains.Intake.Sources.Handshakes;
using CrmGrains.Tests.Intake.Payloads;
using FsCheck;
using FsCheck.Fluent;

namespace CrmGrains.Tests.Intake.Sources;

public sealed class HandshakeTests
{
    private const string Slack = """{"token":"x","challenge":"3eZ\"b","type":"url_verification"}""";
    private const string Zoom = """{"event":"endpoint.url_validation","event_ts":1,"payload":{"plainToken":"plain_demo_1"}}""";

    [Fact]
    public void Slack_gets_its_challenge_back() => Assert.Equal("3eZ\"b", Answer("slack", Slack)?.GetProperty("challenge").GetString());

    [Fact]
    public void Zoom_gets_its_token_back_plain_and_as_the_fact_sheet_has_it()
    {
        var answer = Answer("zoom", Zoom) ?? default;

        Assert.Equal("plain_demo_1", answer.GetProperty("plainToken").GetString());
        Assert.Equal(
            "842daa50d3a299f8000d93304597b0a7c8bd492d14f06b147527e9cf1955fbd3", answer.GetProperty("encryptedToken").GetString());
    }

    [Theory]
    [InlineData("v0:1790000000:{}")]
    [InlineData("{}")]
    [InlineData("")]
    public void A_token_that_could_be_what_a_delivery_signs_is_given_no_code(string token) =>
        Assert.Null(Answer("zoom", $$$"""{"event":"endpoint.url_validation","payload":{"plainToken":{{{JsonSerializer.Serialize(token)}}}}}"""));

    [Fact]
    public void GitHubs_ping_and_HubSpots_empty_list_are_answered()
    {
        Assert.NotNull(Answer("github", """{"zen":"Keep it logically awesome."}""", ("X-GitHub-Event", "ping")));
        Assert.NotNull(Answer("hubspot_v1", " [ ]\n"));
        Assert.NotNull(Answer("hubspot_v3", "[]"));
    }

    [Theory]
    [InlineData("slack", """{"type":"event_callback","challenge":"x","text":"url_verification"}""")]
    [InlineData("slack", """{"type":"url_verification"}""")]
    [InlineData("slack", """["url_verification"]""")]
    [InlineData("zoom", """{"event":"meeting.ended","payload":{"topic":"endpoint.url_validation","plainToken":"x"}}""")]
    [InlineData("zoom", """{"event":"endpoint.url_validation","payload":"plainToken"}""")]
    [InlineData("github", """{"zen":"ping"}""")]
    [InlineData("hubspot_v3", """[{"eventId":1}]""")]
    [InlineData("hubspot_v3", "")]
    public void Whatever_else_is_a_delivery(string scheme, string body) => Assert.Null(Answer(scheme, body));

    [Fact]
    public void Vendors_without_handshakes_have_none()
    {
        Assert.Null(Handshake.For("stripe"));
        Assert.Null(Handshake.For("airtable"));
    }

    [Fact]
    public void Nothing_that_is_sent_makes_an_answer_fail() => Prop.ForAll(Mutated.Of(Slack, Zoom, "[]").ToArbitrary(), body =>
    {
        foreach (var scheme in (string[])["slack", "zoom", "github", "hubspot_v3"])
            Handshake.For(scheme)?.Answer(new SignedRequest(body, _ => []), "secret");
    }).QuickCheckThrowOnFailure();

    private static JsonElement? Answer(string scheme, string body, params (string Name, string Value)[] headers)
    {
        var request = new SignedRequest(
            Encoding.UTF8.GetBytes(body), name => [.. headers.Where(header => header.Name == name).Select(header => header.Value)]);
        return Handshake.For(scheme)?.Answer(request, "zoom_demo_1") is { ContentType: "application/json" } answer
            ? JsonElement.Parse(answer.Body.Span)
            : null;
    }
}
