using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace CrmGrains.Connectors.HubSpot;

/// <summary>
/// What HubSpot's errors mean, in one place: those of whole calls, of single rows and of the network. Pure. Sources: HubSpot's error
/// handling page and object guides of version 2026-09, and, for what they leave open, public reports.
/// </summary>
internal static partial class HubSpotErrors
{
    private const int MaxDetail = 1024;

    private static readonly TimeSpan BurstWindow = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan SearchWindow = TimeSpan.FromSeconds(1);

    // The day ends at midnight in the account's time zone, which no answer tells: asking hourly finds it soon enough.
    private static readonly TimeSpan DailyPause = TimeSpan.FromHours(1);
    private static readonly TimeSpan LockPause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan MigrationPause = TimeSpan.FromMinutes(5);

    /// <summary>A call that was answered with something else than success.</summary>
    /// <param name="status">The status code.</param>
    /// <param name="body">The error; null where the body was HTML or anything else but an error in JSON.</param>
    /// <param name="retryAfter">What the answer asked to wait.</param>
    public static Failure OfCall(int status, ErrorBody? body, TimeSpan? retryAfter) => (status, body) switch
    {
        (429, _) => Exhausted(body, retryAfter),
        (401, _) => new(FailureClass.AlertOperator, "expired_token", Text(body)),
        (403, not null) => Forbidden(body),
        (404, not null) when IsAboutRecords(body) => OfRow(body) with { IsAboutARow = true },
        (404 or 410, _) => new(FailureClass.AlertOperator, "api_version_deprecated", Text(body) ?? $"HTTP {status}"),
        (408, _) => Later("network_timeout", body, retryAfter),
        (423, _) => Later("record_locked", body, Longest(retryAfter, LockPause)) with { MayBeDone = false },
        (477, _) => Later("account_migrating", body, retryAfter ?? MigrationPause) with { Exhausted = Quota.Account, MayBeDone = false },
        ( >= 500, _) => Later("server_error", body, retryAfter),
        (400 or 409, not null) => Refused(body) with { IsAboutARow = true },
        _ => Garbage($"HTTP {status} with a body that is no error of HubSpot's: {Text(body)}"),
    };

    /// <summary>One row of a call that was carried out for others.</summary>
    public static Failure OfRow(ErrorBody row)
    {
        var category = row.Category ?? "";
        if (category is "RATE_LIMITS" || row.ErrorType is "RATE_LIMIT")
            return Exhausted(row, retryAfter: null);
        if (category is "MISSING_SCOPES")
            return Forbidden(row);
        if (category is "OBJECT_NOT_FOUND")
            return new(FailureClass.ManualReview, WriteOutcome.ManualReview.ObjectNotFound, Text(row));
        if (category is "CONFLICT" || AlreadyHasValue().IsMatch(row.Message ?? ""))
            return new(FailureClass.ManualReview, "ambiguous_duplicate_match", Text(row))
            {
                IsConflict = true,
                ExistingId = ExistingIdPattern().Match(row.Message ?? "") is { Success: true } match ? match.Groups["id"].Value : null,
            };
        if (category is "VALIDATION_ERROR" || row.Errors is { Count: > 0 })
            return Invalid(row);
        return category is "INTERNAL_ERROR" or "SERVICE_UNAVAILABLE"
            ? Later("server_error", row, retryAfter: null)
            : Garbage(Text(row)) with { MayBeDone = false };
    }

    /// <summary>A call that no answer came to.</summary>
    public static Failure OfBroken(HttpRequestException broken) => broken.HttpRequestError switch
    {
        // Nothing was sent: there was nobody to send it to.
        HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError
            or HttpRequestError.ProxyTunnelError => Unreachable(broken),
        HttpRequestError.ConfigurationLimitExceeded => Garbage("The answer is larger than any that HubSpot gives."),
        HttpRequestError.InvalidResponse => Garbage("The answer is no HTTP."),
        _ when broken.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionRefused } => Unreachable(broken),
        _ => new(FailureClass.Retryable, "connection_lost", Clean(broken.Message)) { MayBeDone = true },
    };

    /// <summary>A call that wasn't answered in time.</summary>
    public static Failure TimedOut(TimeSpan after) =>
        new(FailureClass.Retryable, "network_timeout", $"No answer within {after.TotalSeconds:0} s.") { MayBeDone = true };

    /// <summary>An answer that makes no sense.</summary>
    public static Failure Garbage(string? detail) => new(FailureClass.Unknown, "unknown_response", Clean(detail)) { MayBeDone = true };

    /// <summary>A row that the answer neither names as done nor as refused.</summary>
    public static Failure Unmentioned { get; } = Garbage("The answer says nothing about this row.");

    /// <summary>A call that wasn't made because its limit is used up.</summary>
    public static Failure Closed(TimeSpan wait) =>
        new(FailureClass.Retryable, "rate_limited", "The account is closed for now.") { RetryAfter = wait, IsHeldBack = true };

    /// <summary>A record that more than one in the CRM may be.</summary>
    public static Failure Ambiguous(IEnumerable<string> ids) =>
        new(
            FailureClass.ManualReview, "ambiguous_duplicate_match",
            $"These records all match: {string.Join(", ", ids)}. Merge them or link one.");

    /// <summary>A record that a write changes or refers to and that the CRM doesn't have, or no longer.</summary>
    public static Failure Missing(string commandObject) =>
        new(
            FailureClass.ManualReview, WriteOutcome.ManualReview.ObjectNotFound,
            $"The {commandObject} isn't in the CRM: it was deleted, merged or never written.");

    /// <summary>A search that finds more than HubSpot shows, so that what matters may be among the rest.</summary>
    public static Failure TooManyFound { get; } =
        new(FailureClass.ManualReview, "ambiguous_duplicate_match", "The search finds more records than HubSpot shows.")
        {
            IsAboutARow = true,
        };

    // A 400 says that nothing was done, whether or not it says why in words that are known.
    private static Failure Refused(ErrorBody body) =>
        OfRow(body) is { Class: not FailureClass.Unknown } known ? known : new(FailureClass.ManualReview, "invalid_request", Text(body));

    private static Failure Exhausted(ErrorBody? body, TimeSpan? retryAfter)
    {
        var quota = (body?.PolicyName ?? "", body?.Message ?? "") switch
        {
            ("DAILY", _) => Quota.Account,
            ("SECONDLY", _) => Quota.Search,
            ("TEN_SECONDLY_ROLLING", _) => Quota.General,
            (_, var said) when said.Contains("daily", StringComparison.OrdinalIgnoreCase) => Quota.Account,
            (_, var said) when said.Contains("ten_secondly", StringComparison.OrdinalIgnoreCase) => Quota.General,
            (_, var said) when said.Contains("secondly", StringComparison.OrdinalIgnoreCase) => Quota.Search,
            _ => Quota.General,
        };
        var pause = quota switch { Quota.Account => DailyPause, Quota.Search => SearchWindow, _ => BurstWindow };
        return new(FailureClass.Retryable, quota == Quota.Account ? "quota_exhausted" : "rate_limited", Text(body))
        {
            RetryAfter = retryAfter ?? pause,
            Exhausted = quota,
        };
    }

    private static Failure Forbidden(ErrorBody body) =>
        new(FailureClass.AlertOperator, body.Category is "MISSING_SCOPES" ? "missing_scope" : "permission_denied", Text(body));

    private static Failure Invalid(ErrorBody body)
    {
        // The details are in the errors of a whole call, and only in the text of the message of a row.
        var message = body.Message ?? "";
        var codes = (body.Errors ?? []).Select(error => error.Code).OfType<string>()
            .Concat(CodePattern().Matches(message).Select(match => match.Groups["code"].Value)).ToList();
        var properties = (body.Errors ?? []).SelectMany(error => error.InContext("propertyName"))
            .Concat(NamePattern().Matches(message).Select(match => match.Groups["name"].Value)).ToList();
        var error = codes.Contains("INVALID_OWNER") || (codes.Contains("INVALID_OPTION") && properties.Contains("hubspot_owner_id"))
            ? "inactive_owner"
            : codes.Select(NameOf).OfType<string>().FirstOrDefault()
                ?? (body.Context?.ContainsKey("properties") == true ? "missing_required_field"
                    : body.Context?.ContainsKey("INVALID_OBJECT_IDS") == true ? WriteOutcome.ManualReview.ObjectNotFound
                    : AssociationPattern().IsMatch(message + body.SubCategory) ? "association_type_error"
                    : "invalid_request");
        return new(FailureClass.ManualReview, error, Text(body))
        {
            MissingProperty = error == "invalid_property" && codes.Count == 1 && properties is [var property, ..] ? property : null,
        };
    }

    private static string? NameOf(string code) => code switch
    {
        "PROPERTY_DOESNT_EXIST" or "READ_ONLY_VALUE" => "invalid_property",
        "INVALID_OPTION" => "invalid_enum",
        "REQUIRED_FIELD" => "missing_required_field",
        "INVALID_ASSOCIATION_TYPE" => "association_type_error",
        _ when code.StartsWith("INVALID_", StringComparison.Ordinal) || code.EndsWith("_TOO_LONG", StringComparison.Ordinal) =>
            "invalid_value",
        _ => null,
    };

    // A path that is gone says 404 too; only an error that names records is about records.
    private static bool IsAboutRecords(ErrorBody body) =>
        body.Category is "OBJECT_NOT_FOUND"
        && (body.InContext("ids").Any() || (body.Message ?? "").StartsWith("Could not get some", StringComparison.Ordinal));

    private static Failure Unreachable(HttpRequestException broken) =>
        new(FailureClass.Retryable, "connection_failed", Clean(broken.Message));

    private static Failure Later(string error, ErrorBody? body, TimeSpan? retryAfter) =>
        new(FailureClass.Retryable, error, Text(body)) { RetryAfter = retryAfter, MayBeDone = true };

    private static TimeSpan Longest(TimeSpan? asked, TimeSpan least) => asked > least ? asked.Value : least;

    private static string? Text(ErrorBody? body) => Clean(body?.Message);

    private static string? Clean(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
            return null;
        var clean = EmailPattern().Replace(text.Replace("\0", "", StringComparison.Ordinal), "[email]");
        return clean.Length <= MaxDetail ? clean : clean[..MaxDetail];
    }

    [GeneratedRegex(@"Existing ID:\s*(?<id>\d{1,20})", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex ExistingIdPattern();

    [GeneratedRegex("already has that value", RegexOptions.NonBacktracking)]
    private static partial Regex AlreadyHasValue();

    [GeneratedRegex(@"""error""\s*:\s*""(?<code>[A-Z_]+)""", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex CodePattern();

    [GeneratedRegex(@"""name""\s*:\s*""(?<name>[a-z0-9_]+)""", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex NamePattern();

    [GeneratedRegex("association type|ASSOCIATION_TYPE|associationType", RegexOptions.NonBacktracking)]
    private static partial Regex AssociationPattern();

    [GeneratedRegex(@"[^\s@""<>\[\]()',;:]+@[^\s@""<>\[\]()',;:]+", RegexOptions.NonBacktracking)]
    private static partial Regex EmailPattern();
}
