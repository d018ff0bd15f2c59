using System.Globalization;
using CrmGrains.Core.Actions;

namespace CrmGrains.Host.Reviews;

/// <summary>Why answers aren't taken, in words for whoever gave them.</summary>
internal static class ReviewRefusals
{
    public static ReviewProblem Missing(Guid id) => new("not_found", "No such review", $"There is no review {id}.") { Status = StatusCodes.Status404NotFound };

    public static ReviewProblem Bad(string detail) => new("bad_request", "Bad answer", detail) { Status = StatusCodes.Status400BadRequest };

    public static ReviewProblem NoVersion() => new(
        "version_missing", "Version missing", "Say which version of the item you saw: `version` in the body, or If-Match.")
    {
        Status = StatusCodes.Status428PreconditionRequired,
    };

    public static ReviewProblem NotPossible(string verb, string reason) => new(
        "not_possible", "Not possible", $"An item about {reason} can't be answered with {verb}. `GET /v1/reviews/{{id}}` names its answers.")
    {
        Status = StatusCodes.Status409Conflict,
    };

    public static ReviewProblem NotNow(string code, string detail) =>
        new(code, "Not taken", detail) { Status = StatusCodes.Status409Conflict };

    public static ReviewProblem BadEdits(IReadOnlyList<EditFault> faults) => new(
        "bad_edits", "Changes not taken", string.Join(' ', faults.Select(fault => fault.Path.Length == 0 ? fault.Detail : $"{fault.Path}: {fault.Detail}")))
    {
        Status = StatusCodes.Status422UnprocessableEntity, Faults = faults,
    };

    public static ReviewProblem Expired(ReviewRow row) => new(
        "expired", "Too late", string.Create(CultureInfo.InvariantCulture, $"Nobody answered until {row.ExpiresAt:yyyy-MM-dd HH:mm:ss}Z, so it lapsed."))
    {
        Status = StatusCodes.Status409Conflict, Version = row.Version,
    };

    /// <summary>Somebody was faster: who, with what, when.</summary>
    public static ReviewProblem Overtaken(ReviewRow row, IReadOnlyList<ReviewStep> since)
    {
        var told = since.Count == 0 ? "" : $" Since you looked: {string.Join("; ", since.Select(Told))}.";
        var (code, title, detail) = row.Status switch
        {
            "answered" => ("answered", "Answered already", Invariant($"It was {row.Answer} by {Who(row.AnsweredBy)} at {row.ClosedAt:yyyy-MM-dd HH:mm:ss}Z.")),
            "withdrawn" => ("withdrawn", "No question any more", Invariant($"It was taken back at {row.ClosedAt:yyyy-MM-dd HH:mm:ss}Z: {row.Resolution}.")),
            _ => ("stale_version", "Changed meanwhile", $"Version {row.Version} is there by now. Look again, then answer that."),
        };
        return new ReviewProblem(code, title, detail + (row.Status is "answered" ? "" : told))
        {
            Status = StatusCodes.Status409Conflict, Version = row.Version, Since = since,
        };
    }

    private static string Told(ReviewStep step) => Invariant($"{Who(step.By)} {step.Step} it at {step.At:yyyy-MM-dd HH:mm:ss}Z");

    private static string Who(string? by) => string.IsNullOrEmpty(by) ? "the system" : by;

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
