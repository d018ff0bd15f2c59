namespace CrmGrains.Core.Commands;

/// <summary>How a command ended, told to the grain that asked for it.</summary>
public sealed record CommandResult
{
    /// <summary>The command, by its effect key: event, step, object and operation.</summary>
    public required string EffectKey { get; init; }

    /// <summary>One of <see cref="CrmObject"/>.</summary>
    public required string Object { get; init; }

    /// <summary>How it ended; one of <see cref="CommandOutcome"/>.</summary>
    public required string Outcome { get; init; }

    /// <summary>What was done in the CRM: <c>created</c>, <c>updated</c>, <c>moved</c>, <c>reopened</c>, <c>linked</c>, <c>found</c>; null where nothing was.</summary>
    public string? Action { get; init; }

    /// <summary>The CRM's id of the record.</summary>
    public string? CrmId { get; init; }

    /// <summary>How the wanted owner was found: <c>active</c>, <c>inactive</c> or <c>missing</c>; null where none was wanted.</summary>
    public string? OwnerStatus { get; init; }

    /// <summary>Which class of error ended it, for example <c>invalid_enum</c>.</summary>
    public string? Error { get; init; }

    /// <summary>What the CRM said, redacted; for people.</summary>
    public string? Detail { get; init; }

    /// <summary>Calls made for it, counted from 1.</summary>
    public int Attempts { get; init; }
}

/// <summary>Errors that mean more to a person than that something was refused.</summary>
public static class CommandError
{
    /// <summary>
    /// A message that may have arrived and can't be looked for: it isn't sent again unless a person says so. Opening it again is what says
    /// so.
    /// </summary>
    public const string MayHaveBeenSent = "may_have_been_sent";

    /// <summary>The workspace's configuration has no such account or channel.</summary>
    public const string NotConfigured = "not_configured";
}

/// <summary>The ends that a command can come to.</summary>
public static class CommandOutcome
{
    /// <summary>The CRM holds what was wanted.</summary>
    public const string Succeeded = "succeeded";

    /// <summary>A person must look at it: the CRM refuses it as it is.</summary>
    public const string ManualReview = "manual_review";

    /// <summary>All attempts failed; it lies in the dead letters <c>crm_api_failed_jobs</c>.</summary>
    public const string DeadLettered = "dead_lettered";
}
