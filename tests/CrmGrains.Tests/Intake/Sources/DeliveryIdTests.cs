using System.Text;
using CrmGrains.Core.Configuration;
using CrmGrains.Intake.Signatures;
using CrmGrains.Intake.Sources;
using CrmGrains.Tests.Intake.Payloads;
using FsCheck;
using FsCheck.Fluent;

namespace CrmGrains.Tests.Intake.Sources;

public sealed class DeliveryIdTests
{
    [Fact]
    public void It_is_the_one_that_was_signed() => Assert.Equal("msg_1", Of(A.DiagnosticSource, "{}", signed: "msg_1"));

    [Fact]
    public void Stripe_has_it_in_the_body() =>
        Assert.Equal("evt_1", Of(A.StripeSource, """{"object":"event","data":{"id":"in_1"},"id":"evt_1","x":"""));

    [Fact]
    public void Without_any_there_is_none() => Assert.Null(Of(A.DiagnosticSource, """{"id":"x"}"""));

    [Theory]
    [InlineData("X-Id", "abc", "abc")]
    [InlineData("X-Id", " abc ", "abc")]
    [InlineData("X-Id", "", null)]
    [InlineData("X-Id", "a\tb", null)]
    [InlineData("X-Other", "abc", null)]
    public void It_is_in_the_configured_header_and_then_nowhere_else(string header, string value, string? expected) =>
        Assert.Equal(expected, Of(A.DiagnosticSource with { DeliveryId = new("X-Id", []) }, "{}", "msg_1", (header, value)));

    [Theory]
    [InlineData("""{"a":{"b":[{"c":"x"}]},"n":7}""", "x:7")]
    [InlineData("""{"n":7,"other":{"n":[1,{"a":2}]},"a":{"skip":[[]],"b":[{"c":"x"}]}}""", "x:7")]
    [InlineData("""{"a":{"b":[{"c":"x:y\\z"}]},"n":7}""", @"x\:y\\z:7")]
    [InlineData("""{"a":{"b":[{"c":"x"}]}}""", null)]
    [InlineData("""{"a":{"b":[{"c":""}]},"n":7}""", null)]
    [InlineData("""{"a":{"b":[{"c":null}]},"n":7}""", null)]
    [InlineData("""{"a":{"b":{"c":"x"}},"n":7}""", null)]
    [InlineData("""{"a":{"b":[{"c":"\u0000"}]},"n":7}""", null)]
    [InlineData("""{"a":{"b":[{"c":"\ud800"}]},"n":7}""", null)]
    [InlineData("", null)]
    [InlineData("{\"a\":", null)]
    [InlineData("[]", null)]
    [InlineData("7", null)]
    public void It_is_made_of_all_the_configured_paths_or_there_is_none(string body, string? expected) =>
        Assert.Equal(expected, Of(A.DiagnosticSource with { DeliveryId = new(null, ["a.b.0.c", "n"]) }, body));

    [Fact]
    public void An_endless_one_is_none() => Assert.Null(Of(A.StripeSource, $$"""{"id":"{{new string('x', 401)}}"}"""));

    [Fact]
    public void Garbage_never_throws() => Prop.ForAll(
        Mutated.Of("""{"a":{"b":[{"c":"x\u00e9"}]},"n":7,"id":"evt_1"}""").ToArbitrary(),
        body =>
        {
            Of(A.StripeSource, body);
            Of(A.DiagnosticSource with { DeliveryId = new(null, ["a.b.0.c", "n"]) }, body);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(3000));

    private static string? Of(SourceConfiguration source, string body, string? signed = null, (string Name, string Value)? header = null) =>
        Of(source, Encoding.UTF8.GetBytes(body), signed, header);

    private static string? Of(SourceConfiguration source, byte[] body, string? signed = null, (string Name, string Value)? header = null) =>
        DeliveryId.Of(
            source,
            new VerificationResult.Verified("test", 0, signed, null),
            new SignedRequest(body, name => header?.Name == name ? [header.Value.Value] : []));
}
