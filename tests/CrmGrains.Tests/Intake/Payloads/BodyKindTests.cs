using CrmGrains.Intake.Payloads;

namespace CrmGrains.Tests.Intake.Payloads;

public sealed class BodyKindTests
{
    [Theory]
    [InlineData(BodyKind.Json, "[1]", null, null)]
    [InlineData(BodyKind.Json, "a=1", "application/json", "not_json")]
    [InlineData(BodyKind.Form, "a=1", null, null)]
    [InlineData(BodyKind.Form, "", "application/x-www-form-urlencoded", "empty_body")]
    [InlineData(BodyKind.Multipart, "--x--", "Multipart/form-data; boundary=x", null)]
    [InlineData(BodyKind.Multipart, "--x--", "multipart/form-data", "not_multipart")]
    [InlineData(BodyKind.Multipart, "--x--", "multipart/form-data; boundary=", "not_multipart")]
    [InlineData(BodyKind.Multipart, "--x--", "text/plain; boundary=x", "not_multipart")]
    [InlineData(BodyKind.Multipart, "--x--", null, "not_multipart")]
    [InlineData(BodyKind.Multipart, "", "multipart/form-data; boundary=x", "empty_body")]
    [InlineData(BodyKind.Any, "", null, null)]
    [InlineData(BodyKind.Any, "\0", null, null)]
    public void A_body_is_of_its_kind_or_the_fault_is_named(BodyKind kind, string body, string? contentType, string? fault) =>
        Assert.Equal(fault, kind.FaultOf(System.Text.Encoding.UTF8.GetBytes(body), contentType)?.Code);
}
