namespace CrmGrains.Runtime.Mailboxes;

/// <summary>A partition whose row this transaction has locked: nobody else runs it until the transaction ends.</summary>
internal sealed class ClaimedPartition
{
    public required int Id { get; init; }

    public required string Kind { get; init; }

    /// <summary>The silo that ran it last.</summary>
    public required Guid? LastSilo { get; init; }

    public required long HeadPosition { get; set; }

    public required byte[] HeadHash { get; set; }

    /// <summary>Nothing is left up to here, and nothing can appear there any more.</summary>
    public required long Mark { get; set; }

    public required long Candidate { get; set; }

    /// <summary>Transactions from here on can't hold a message up to the candidate.</summary>
    public required ulong CandidateXmax { get; set; }

    /// <summary>The highest message id that had been drawn before this transaction had an id of its own.</summary>
    public required long Drawn { get; init; }

    /// <summary>Whether a batch of it couldn't be committed, so that it is split.</summary>
    public required bool IsSuspect { get; init; }

    /// <summary>Most messages to take this time.</summary>
    public required int Limit { get; init; }

    /// <summary>
    /// Moves the mark after a pop. The candidate is proven once every transaction that may hold a lower id has ended, since whatever they
    /// left was visible to this pop. Those are the ones below our own id: a sender has a transaction's id before it draws a message's
    /// (see the schema), and no id up to <see cref="Drawn"/> was drawn after we got ours. A snapshot's xmax would not do: it says
    /// which transactions have ended, and those that run may lie above it.
    /// </summary>
    /// <param name="isDrained">Whether everything visible was taken.</param>
    /// <param name="lastId">The highest id taken.</param>
    /// <param name="xmin">Every transaction below had ended when the pop's snapshot was taken.</param>
    /// <param name="transaction">The id of this transaction.</param>
    public void MoveMark(bool isDrained, long lastId, ulong xmin, ulong transaction)
    {
        if (xmin < CandidateXmax)
            return;
        Mark = Math.Max(Mark, isDrained ? Candidate : Math.Min(Candidate, lastId));
        var next = Math.Min(lastId, Drawn);
        if (next > Candidate)
            (Candidate, CandidateXmax) = (next, transaction);
    }
}
