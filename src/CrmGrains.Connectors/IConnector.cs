using CrmGrains.Connectors.Outbox;
using CrmGrains.Core.Commands;

namespace CrmGrains.Connectors;

/// <summary>
/// One account of a CRM, or one channel of a workspace, as the outbox sees it: it carries out batches of commands of one kind and says of
/// each what became of it. It knows the other side and nothing of lanes, retries or the database.
/// </summary>
public interface IConnector
{
    /// <summary>The kinds of commands (<see cref="CrmCommand.Object"/>) that can be queued for it; others are never read.</summary>
    IReadOnlyList<string> Objects => OutboxObjects.OfCrms;

    /// <summary>The most commands of this kind (<see cref="CrmCommand.Object"/>) that one batch may hold.</summary>
    int BatchLimit(string commandObject);

    /// <summary>
    /// Carries out a batch of commands of one object, at most one a record, in as few calls as can be. Searches before it creates; looks
    /// for the effect of an uncertain write before it repeats it; a record that is gone under its known id is searched for, and made anew
    /// where it isn't found. Never throws for what the CRM answers or fails to answer.
    /// </summary>
    /// <returns>One outcome for each write, matched by effect key; in any order.</returns>
    Task<IReadOnlyList<WriteOutcome>> WriteAsync(IReadOnlyList<Write> batch, ICallLog calls, CancellationToken cancellationToken);

    /// <summary>A cheap call that tells whether the account can be used (again).</summary>
    /// <returns>Null where it can; otherwise the class of the error.</returns>
    Task<string?> ProbeAsync(ICallLog calls, CancellationToken cancellationToken);

    /// <summary>What the account's limits leave now, whether or not anything is called. From any thread; never throws.</summary>
    IReadOnlyList<QuotaLeft> Quotas => [];
}

/// <summary>Calls that could be made at once.</summary>
/// <param name="Limit">Which limit of the account's: <c>general</c> or <c>search</c>.</param>
/// <param name="Calls">By what is configured, corrected by what the CRM says.</param>
public readonly record struct QuotaLeft(string Limit, int Calls);

/// <summary>One command on its way out.</summary>
/// <param name="EffectKey">Its name; written into the CRM where there is a place for it.</param>
/// <param name="Command">What is wanted; several of one record were made into one already, the later word winning.</param>
/// <param name="CrmId">The CRM's id of the record that it changes, where it is known.</param>
/// <param name="Links">The CRM's ids of the records that it refers to; a record that isn't there is left out of the write.</param>
/// <param name="IsUncertain">Whether an earlier attempt may have been carried out although no answer came.</param>
/// <param name="Attempt">Counted from 1.</param>
public sealed record Write(
    string EffectKey,
    CrmCommand Command,
    string? CrmId,
    IReadOnlyDictionary<RecordRef, string> Links,
    bool IsUncertain,
    int Attempt);

/// <summary>What became of a write. A closed set; each CRM sorts its answers into it once.</summary>
public abstract record WriteOutcome
{
    private WriteOutcome() { }

    /// <summary>Whose outcome it is.</summary>
    public required string EffectKey { get; init; }

    /// <summary>The CRM holds what was wanted.</summary>
    /// <param name="CrmId">The record's id from now on, whatever it was called before; null where there is none.</param>
    /// <param name="Action">
    /// <c>created</c>, <c>updated</c>, <c>moved</c>, <c>reopened</c>, <c>linked</c> or <c>found</c>; of a channel <c>sent</c>, <c>posted</c>,
    /// <c>delivered</c>, <c>written</c> or <c>found</c>.
    /// </param>
    /// <param name="OwnerStatus"><c>active</c>, <c>inactive</c> or <c>missing</c>; null where no owner was wanted.</param>
    /// <param name="Response">The row of the response that says so, for its hash; null where there is none.</param>
    public sealed record Succeeded(string? CrmId, string Action, string? OwnerStatus, string? Response) : WriteOutcome;

    /// <summary>It may work later: 429, 423, 5xx, time-outs, broken connections.</summary>
    /// <param name="Error">For example <c>rate_limited</c>, <c>server_error</c>, <c>network_timeout</c>.</param>
    /// <param name="Detail">What the CRM said, redacted and cut.</param>
    /// <param name="RetryAfter">How long the CRM asked to wait.</param>
    /// <param name="IsUncertain">Whether it may have been carried out all the same.</param>
    public sealed record Retryable(string Error, string? Detail, TimeSpan? RetryAfter, bool IsUncertain) : WriteOutcome
    {
        /// <summary>
        /// Whether the account takes nothing at all for now: its limit is closed, the day's calls are used up, it is being moved. That says
        /// nothing of the command, so the attempt isn't counted, and no other leaves before <see cref="RetryAfter"/>.
        /// </summary>
        public bool IsAccountClosed { get; init; }

        /// <summary>
        /// Whether it says nothing of the other side as a whole, such as one recipient's mailbox that is busy: the others go on.
        /// </summary>
        public bool IsOfThisOneOnly { get; init; }
    }

    /// <summary>
    /// The CRM refuses it as it is: <c>invalid_property</c>, <c>invalid_enum</c>, <c>missing_required_field</c>,
    /// <c>ambiguous_duplicate_match</c>, <c>association_type_error</c> and the like.
    /// </summary>
    public sealed record ManualReview(string Error, string? Detail) : WriteOutcome
    {
        /// <summary>
        /// The error of a write that needs a record which isn't there, or no longer. Such a record is written anew with the next change of
        /// it, under another id, so the write is tried again for a while before a person is asked.
        /// </summary>
        public const string ObjectNotFound = "object_not_found";

        /// <summary>
        /// The error of a message that may have arrived and can't be looked for: it isn't sent again unless a person says so. Opening it
        /// again is what says so.
        /// </summary>
        public const string MayHaveBeenSent = "may_have_been_sent";
    }

    /// <summary>
    /// The account itself can't be used: <c>expired_token</c>, <c>missing_scope</c>, <c>api_version_deprecated</c>,
    /// <c>permission_denied</c>.
    /// </summary>
    public sealed record AlertOperator(string Error, string? Detail) : WriteOutcome;

    /// <summary>The answer makes no sense: the lane stops before the CRM gets partial garbage.</summary>
    public sealed record Unknown(string? Detail, bool IsUncertain) : WriteOutcome;
}

/// <summary>Keeps every call with what was sent and answered.</summary>
public interface ICallLog
{
    /// <summary>Notes a call.</summary>
    void Add(CrmCall call);
}

/// <summary>One call to a CRM.</summary>
public sealed record CrmCall
{
    /// <summary>HTTP method.</summary>
    public required string Method { get; init; }

    /// <summary>Path and query.</summary>
    public required string Path { get; init; }

    /// <summary>The body, redacted, cut at 16 KiB.</summary>
    public string? Request { get; init; }

    /// <summary>The status code; null where no answer came.</summary>
    public int? Status { get; init; }

    /// <summary>The answer's body, redacted, cut at 16 KiB.</summary>
    public string? Response { get; init; }

    /// <summary>
    /// <c>succeeded</c>, <c>partial</c>, <c>retryable</c>, <c>manual_review</c>, <c>alert_operator</c> or <c>unknown</c>.
    /// </summary>
    public required string Outcome { get; init; }

    /// <summary>UTC.</summary>
    public required DateTimeOffset BeganAt { get; init; }

    /// <summary>How long it took.</summary>
    public required TimeSpan Took { get; init; }

    /// <summary>Calls left in the CRM's current window, where it says so.</summary>
    public int? QuotaLeft { get; init; }

    /// <summary>The writes that it was made for, by effect key.</summary>
    public required IReadOnlyList<string> EffectKeys { get; init; }
}
