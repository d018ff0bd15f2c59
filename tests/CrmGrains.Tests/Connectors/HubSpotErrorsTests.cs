using System.Text.Json;
using CrmGrains.Connectors;
using CrmGrains.Connectors.HubSpot;
using CrmGrains.Core.Commands;
using CrmGrains.Core.Grains;

namespace CrmGrains.Tests.Connectors;

public sealed class HubSpotErrorsTests
{
    private static readonly Write Any = new(
        "event/1/contact/x",
        new CrmCommand.UpsertContact(GrainId.Of("demo", GrainKind.Customer, "ada"), [], new Dictionary<string, Core.Fields.FieldValue>()),
        null, new Dictionary<RecordRef, string>(), IsUncertain: false, Attempt: 1);

    [Theory]
    [InlineData(429, """{"category":"RATE_LIMITS","policyName":"TEN_SECONDLY_ROLLING"}""", "Retryable rate_limited 10")]
    [InlineData(429, """{"errorType":"RATE_LIMIT","policyName":"SECONDLY"}""", "Retryable rate_limited 1")]
    [InlineData(429, """{"message":"You have reached your daily limit."}""", "Retryable quota_exhausted 3600")]
    [InlineData(429, null, "Retryable rate_limited 10")]
    [InlineData(423, """{"message":"locked"}""", "Retryable record_locked 2")]
    [InlineData(477, """{"message":"moving"}""", "Retryable account_migrating 300")]
    [InlineData(408, null, "Retryable network_timeout uncertain")]
    [InlineData(500, """{"category":"INTERNAL_ERROR","message":"x"}""", "Retryable server_error uncertain")]
    [InlineData(502, null, "Retryable server_error uncertain")]
    [InlineData(503, null, "Retryable server_error uncertain")]
    [InlineData(504, null, "Retryable server_error uncertain")]
    [InlineData(521, null, "Retryable server_error uncertain")]
    [InlineData(523, null, "Retryable server_error uncertain")]
    [InlineData(524, null, "Retryable server_error uncertain")]
    [InlineData(401, """{"category":"EXPIRED_AUTHENTICATION","message":"x"}""", "AlertOperator expired_token")]
    [InlineData(401, null, "AlertOperator expired_token")]
    [InlineData(403, """{"category":"MISSING_SCOPES","message":"x"}""", "AlertOperator missing_scope")]
    [InlineData(403, """{"category":"FORBIDDEN","message":"x"}""", "AlertOperator permission_denied")]
    [InlineData(404, null, "AlertOperator api_version_deprecated")]
    [InlineData(404, """{"category":"OBJECT_NOT_FOUND","message":"There is nothing here"}""", "AlertOperator api_version_deprecated")]
    [InlineData(404, """{"category":"OBJECT_NOT_FOUND","message":"Could not get some CONTACT objects"}""",
        "ManualReview object_not_found row")]
    [InlineData(410, """{"message":"gone"}""", "AlertOperator api_version_deprecated")]
    [InlineData(409, """{"category":"CONFLICT","message":"Contact already exists. Existing ID: 37765128953"}""",
        "ManualReview ambiguous_duplicate_match 37765128953 row")]
    [InlineData(400, """{"category":"VALIDATION_ERROR","errors":[{"code":"PROPERTY_DOESNT_EXIST","context":{"propertyName":["x"]}}]}""",
        "ManualReview invalid_property x row")]
    [InlineData(400, """{"category":"VALIDATION_ERROR","errors":[{"code":"INVALID_OPTION","context":{"propertyName":["budget"]}}]}""",
        "ManualReview invalid_enum row")]
    [InlineData(400, """{"category":"VALIDATION_ERROR","errors":[{"code":"REQUIRED_FIELD"}]}""", "ManualReview missing_required_field row")]
    [InlineData(400, """{"category":"VALIDATION_ERROR","context":{"properties":["dealname"]}}""",
        "ManualReview missing_required_field row")]
    [InlineData(400, """{"category":"VALIDATION_ERROR","errors":[{"code":"INVALID_EMAIL"}]}""", "ManualReview invalid_value row")]
    [InlineData(400,
        """{"category":"VALIDATION_ERROR","errors":[{"code":"INVALID_OPTION","context":{"propertyName":["hubspot_owner_id"]}}]}""",
        "ManualReview inactive_owner row")]
    [InlineData(400, """{"category":"VALIDATION_ERROR","errors":[{"code":"INVALID_ASSOCIATION_TYPE"}]}""",
        "ManualReview association_type_error row")]
    [InlineData(400, """{"category":"VALIDATION_ERROR","message":"company 5 already has that value"}""",
        "ManualReview ambiguous_duplicate_match row")]
    [InlineData(400, """{"category":"VALIDATION_ERROR","message":"Invalid input JSON"}""", "ManualReview invalid_request row")]
    [InlineData(400, """{"message":"Invalid input JSON"}""", "ManualReview invalid_request row")]
    [InlineData(400, null, "Unknown unknown_response uncertain")]
    [InlineData(403, null, "Unknown unknown_response uncertain")]
    [InlineData(302, null, "Unknown unknown_response uncertain")]
    [InlineData(418, """{"message":"teapot"}""", "Unknown unknown_response uncertain")]
    public void Every_answer_has_its_class(int status, string? body, string expected) =>
        Assert.Equal(expected, Told(HubSpotErrors.OfCall(status, body is null ? null : Parse(body), retryAfter: null)));

    [Theory]
    [InlineData(
        """
        {"category":"VALIDATION_ERROR",
         "message":"Property values were not valid: [{\"isValid\":false,\"error\":\"PROPERTY_DOESNT_EXIST\",\"name\":\"missing\"}]"}
        """,
        "ManualReview invalid_property missing")]
    [InlineData("""{"category":"VALIDATION_ERROR","message":"not valid: [{\"error\": \"INVALID_OWNER\",\"name\":\"hubspot_owner_id\"}]"}""",
        "ManualReview inactive_owner")]
    [InlineData("""{"category":"OBJECT_NOT_FOUND","message":"resource not found"}""", "ManualReview object_not_found")]
    [InlineData("""{"category":"VALIDATION_ERROR","message":"x","context":{"INVALID_OBJECT_IDS":["COMPANY=1"]}}""",
        "ManualReview object_not_found")]
    [InlineData("""{"category":"SOMETHING_NEW","message":"x"}""", "Unknown unknown_response")]
    [InlineData("{}", "Unknown unknown_response")]
    public void Every_row_has_its_class(string body, string expected) => Assert.Equal(expected, Told(HubSpotErrors.OfRow(Parse(body))));

    [Fact]
    public void What_was_asked_to_wait_goes_before_what_is_usual_but_a_lock_takes_two_seconds_at_least()
    {
        Assert.Equal(TimeSpan.FromSeconds(7), HubSpotErrors.OfCall(429, null, TimeSpan.FromSeconds(7)).RetryAfter);
        Assert.Equal(TimeSpan.FromHours(20), HubSpotErrors.OfCall(477, null, TimeSpan.FromHours(20)).RetryAfter);
        Assert.Equal(TimeSpan.FromSeconds(2), HubSpotErrors.OfCall(423, null, TimeSpan.FromSeconds(1)).RetryAfter);
    }

    [Fact]
    public void Details_hide_addresses_and_are_cut()
    {
        var failure = HubSpotErrors.OfRow(
            new ErrorBody { Category = "VALIDATION_ERROR", Message = $"ada@nordwind.test is invalid\0{new string('x', 5_000)}" });

        Assert.StartsWith("[email] is invalid", failure.Detail, StringComparison.Ordinal);
        Assert.Equal(1024, failure.Detail?.Length);
    }

    [Fact]
    public void What_was_uncertain_stays_so_until_it_is_settled()
    {
        var limited = HubSpotErrors.OfCall(429, null, null);

        Assert.False(Assert.IsType<WriteOutcome.Retryable>(limited.For(Any)).IsUncertain);
        Assert.True(Assert.IsType<WriteOutcome.Retryable>(limited.For(Any with { IsUncertain = true })).IsUncertain);
    }

    private static ErrorBody Parse(string body) => JsonSerializer.Deserialize(body, HubSpotJson.Default.ErrorBody) ?? new ErrorBody();

    private static string Told(Failure failure) => string.Join(' ', new[]
    {
        failure.Class.ToString(), failure.Error, failure.RetryAfter?.TotalSeconds.ToString(), failure.ExistingId, failure.MissingProperty,
        failure.IsAboutARow ? "row" : null, failure.MayBeDone ? "uncertain" : null,
    }.OfType<string>());
}
