namespace CrmGrains.Sandbox.HubSpot.Answers;

/// <summary>What a batch call brings.</summary>
internal sealed record BatchInput<T>
{
    public required IReadOnlyList<T> Inputs { get; init; }
}

internal static class BatchInput
{
    public const int MaxRecords = 100;
    public const int MaxAssociations = 2_000;
    public const int MaxAssociationReads = 1_000;

    /// <summary>Refuses a batch that is empty or too large.</summary>
    public static HubSpotError? Check<T>(IReadOnlyList<T> inputs, int limit) => inputs.Count switch
    {
        0 => HubSpotError.Validation("Invalid input: at least one input is required."),
        var count when count > limit => HubSpotError.Validation($"Batch size of {count} exceeds the limit of {limit} inputs."),
        _ when inputs.Any(input => input is null) => HubSpotError.Validation("Invalid input: an input is null."),
        _ => null,
    };
}

/// <summary>What a batch call answers. Results are in no particular order.</summary>
internal sealed record BatchAnswer<T>
{
    public string Status { get; init; } = "COMPLETE";
    public required IReadOnlyList<T> Results { get; init; }
    public int? NumErrors { get; init; }
    public IReadOnlyList<ErrorBody>? Errors { get; init; }
    public required DateTimeOffset RequestedAt { get; init; }
    public required DateTimeOffset StartedAt { get; init; }
    public required DateTimeOffset CompletedAt { get; init; }
}

internal static class BatchAnswer
{
    /// <summary>Answers with the given status, or with a 207 where there are errors.</summary>
    public static IResult Of<T>(
        IReadOnlyList<T> results, IReadOnlyList<ErrorBody> errors, DateTimeOffset now, int status = StatusCodes.Status200OK) =>
        TypedResults.Json(
            new BatchAnswer<T>
            {
                Results = Shuffled(results),
                NumErrors = errors.Count == 0 ? null : errors.Count,
                Errors = errors.Count == 0 ? null : errors,
                RequestedAt = now,
                StartedAt = now,
                CompletedAt = now,
            },
            statusCode: errors.Count == 0 ? status : StatusCodes.Status207MultiStatus);

    // HubSpot promises no order, so none that a caller could come to rely on is given: the last comes first, then
    // every second from the front. The same input always gives the same order.
    private static List<T> Shuffled<T>(IReadOnlyList<T> results) =>
        results.Count < 2
            ? [.. results]
            : [results[^1], .. results.SkipLast(1).Where((_, i) => i % 2 == 0), .. results.SkipLast(1).Where((_, i) => i % 2 == 1)];
}
