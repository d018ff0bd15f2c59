using System.Text.Json.Serialization;

namespace CrmGrains.Sandbox.Faults;

/// <summary>Which calls go wrong, how, and how often.</summary>
internal sealed record FaultRule
{
    /// <summary>
    /// Matched against path and query. With <c>^</c> in front a regular expression; with a <c>*</c> in it a glob of the whole
    /// text; else a part of it. A method and a blank in front (<c>POST /crm/</c>) restrict it to that method.
    /// </summary>
    public required string Path { get; init; }

    public string? Method { get; init; }

    /// <summary>See <see cref="FaultKind"/>. Where absent: <c>status</c> with a status, <c>delay</c> with a delay alone.</summary>
    public string? Kind { get; init; }

    public int? Status { get; init; }

    /// <summary>How many calls it strikes. Where absent: one, or any number where there is a probability.</summary>
    public int? Count { get; init; }

    /// <summary>From 0 to 1; drawn from a generator of its own that starts with <see cref="Seed"/>.</summary>
    public double? Probability { get; init; }

    public int? Seed { get; init; }

    /// <summary>Seconds, sent as <c>Retry-After</c>.</summary>
    [JsonPropertyName("retry_after")]
    public int? RetryAfter { get; init; }

    /// <summary>Milliseconds to wait first, whatever the kind.</summary>
    [JsonPropertyName("delay_ms")]
    public int? DelayMs { get; init; }

    /// <summary>Of a 429: <c>TEN_SECONDLY_ROLLING</c> (the default), <c>SECONDLY</c> or <c>DAILY</c>.</summary>
    public string? Policy { get; init; }

    /// <summary>Which error category is told, where another than the status's own is wanted.</summary>
    public string? Category { get; init; }

    /// <summary>Which error message is told, where another than the status's own is wanted.</summary>
    public string? Message { get; init; }
}

/// <summary>The ways in which a call can go wrong.</summary>
internal static class FaultKind
{
    /// <summary>Answers an error, nothing is carried out.</summary>
    public const string Status = "status";

    /// <summary>Is carried out, only later.</summary>
    public const string Delay = "delay";

    /// <summary>Never answers: held until the caller goes away, two minutes at most. Nothing is carried out.</summary>
    public const string Timeout = "timeout";

    /// <summary>Answers 200 with a page of HTML, nothing is carried out.</summary>
    public const string Garbage = "garbage";

    /// <summary>Is carried out, then the connection is cut without an answer.</summary>
    public const string DropAfterSuccess = "drop_after_success";

    /// <summary>Carries out every second row of a batch write and refuses the others, the first among them, in a 207.</summary>
    public const string Partial = "partial";

    public static readonly string[] All = [Status, Delay, Timeout, Garbage, DropAfterSuccess, Partial];
}
