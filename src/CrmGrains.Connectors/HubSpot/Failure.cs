namespace CrmGrains.Connectors.HubSpot;

/// <summary>The four classes of error, by what is done about them.</summary>
internal enum FailureClass
{
    /// <summary>It may work later.</summary>
    Retryable,

    /// <summary>A person must look at the record.</summary>
    ManualReview,

    /// <summary>A person must look at the account.</summary>
    AlertOperator,

    /// <summary>The answer makes no sense.</summary>
    Unknown,
}

/// <summary>Why a call, or one row of it, didn't succeed.</summary>
/// <param name="Class">What is done about it.</param>
/// <param name="Error">Its name, as outcomes carry it.</param>
/// <param name="Detail">What HubSpot said, redacted and cut.</param>
internal sealed record Failure(FailureClass Class, string Error, string? Detail)
{
    /// <summary>How long HubSpot asked to wait, or is known to need.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Whether what was asked for may have been done all the same.</summary>
    public bool MayBeDone { get; init; }

    /// <summary>Whether a whole call can have failed for one of its rows, so that the others may succeed without it.</summary>
    public bool IsAboutARow { get; init; }

    /// <summary>A property that doesn't exist: every row that has it fails like this one.</summary>
    public string? MissingProperty { get; init; }

    /// <summary>Whether another record has the value that must be unique.</summary>
    public bool IsConflict { get; init; }

    /// <summary>The id of that record, where HubSpot tells it.</summary>
    public string? ExistingId { get; init; }

    /// <summary>Which of the account's limits is used up.</summary>
    public Quota? Exhausted { get; init; }

    /// <summary>Whether the call wasn't made, because its limit lets nothing through for now.</summary>
    public bool IsHeldBack { get; init; }

    /// <summary>Whether a record isn't there, or no longer under this id: it was deleted, or merged into another.</summary>
    public bool IsGone => Error == WriteOutcome.ManualReview.ObjectNotFound;

    /// <summary>The failure as the outcome of a write. What was uncertain before stays so until it succeeded or was refused.</summary>
    public WriteOutcome For(Write write) => Class switch
    {
        FailureClass.Retryable => new WriteOutcome.Retryable(Error, Detail, RetryAfter, MayBeDone || write.IsUncertain)
        {
            EffectKey = write.EffectKey,
            IsAccountClosed = IsHeldBack || Exhausted == Quota.Account,
        },
        FailureClass.ManualReview => new WriteOutcome.ManualReview(Error, Detail) { EffectKey = write.EffectKey },
        FailureClass.AlertOperator => new WriteOutcome.AlertOperator(Error, Detail) { EffectKey = write.EffectKey },
        _ => new WriteOutcome.Unknown(Detail, MayBeDone || write.IsUncertain) { EffectKey = write.EffectKey },
    };

    /// <summary>What a call's record says of it.</summary>
    public string Outcome => Class switch
    {
        FailureClass.Retryable => "retryable",
        FailureClass.ManualReview => "manual_review",
        FailureClass.AlertOperator => "alert_operator",
        _ => "unknown",
    };
}

/// <summary>The limits of an account that are counted apart.</summary>
internal enum Quota
{
    /// <summary>All calls but searches, in ten seconds.</summary>
    General,

    /// <summary>Searches, in a second.</summary>
    Search,

    /// <summary>All of them: the day's limit, or the account isn't there for now.</summary>
    Account,
}
