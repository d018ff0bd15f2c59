namespace CrmGrains.Connectors.Channels;

/// <summary>What a channel makes of an answer before it is known for which command.</summary>
internal abstract record Verdict
{
    private Verdict() { }

    /// <summary>The outcome of a command.</summary>
    public abstract WriteOutcome For(string effectKey);

    /// <summary>The class of the error; null where there is none.</summary>
    public abstract string? Error { get; }

    /// <summary>As calls are counted by.</summary>
    public abstract string Name { get; }

    /// <summary>It is done.</summary>
    public sealed record Done(string? Id, string Action, string? Response) : Verdict
    {
        public override string? Error => null;

        public override string Name => "succeeded";

        public override WriteOutcome For(string effectKey) => new WriteOutcome.Succeeded(Id, Action, null, Response) { EffectKey = effectKey };
    }

    /// <summary>It isn't done, and may be later.</summary>
    public sealed record Later(string Why, string? Detail) : Verdict
    {
        public TimeSpan? RetryAfter { get; init; }

        /// <summary>Whether it may be done all the same.</summary>
        public bool IsUncertain { get; init; }

        public bool IsAccountClosed { get; init; }

        public bool IsOfThisOneOnly { get; init; }

        public override string Error => Why;

        public override string Name => "retryable";

        public override WriteOutcome For(string effectKey) => new WriteOutcome.Retryable(Why, Detail, RetryAfter, IsUncertain)
        {
            EffectKey = effectKey, IsAccountClosed = IsAccountClosed, IsOfThisOneOnly = IsOfThisOneOnly,
        };
    }

    /// <summary>It is refused as it is.</summary>
    public sealed record Refused(string Why, string? Detail) : Verdict
    {
        public override string Error => Why;

        public override string Name => "manual_review";

        public override WriteOutcome For(string effectKey) => new WriteOutcome.ManualReview(Why, Detail) { EffectKey = effectKey };
    }

    /// <summary>The channel itself can't be used.</summary>
    public sealed record Closed(string Why, string? Detail) : Verdict
    {
        public override string Error => Why;

        public override string Name => "alert_operator";

        public override WriteOutcome For(string effectKey) => new WriteOutcome.AlertOperator(Why, Detail) { EffectKey = effectKey };
    }

    /// <summary>
    /// It may have arrived, nobody can look, and twice would be worse than late: a person is asked. Opening the command again sends it.
    /// </summary>
    public static Refused MayHaveBeenSent { get; } = new(
        WriteOutcome.ManualReview.MayHaveBeenSent,
        "It may have been sent: the connection or the process ended before an answer came. Ask the receiver; retry it only if it didn't arrive.");
}
