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

    public required ulong CandidateXmax { get; set; }

    /// <summary>Most messages to take this time.</summary>
    public required int Limit { get; init; }

    /// <summary>
    /// Moves the mark after a pop. The candidate is proven once every transaction that was running when it was popped has ended: those
    /// are the only ones that can hold a lower id (an id is drawn after the transaction's own, see the schema), and whatever they left
    /// was visible to this pop.
    /// </summary>
    /// <param name="popped">Messages taken.</param>
    /// <param name="lastId">The highest id taken.</param>
    /// <param name="xmin">Every transaction below had ended when the pop's snapshot was taken.</param>
    /// <param name="xmax">No transaction from here on had begun.</param>
    public void MoveMark(int popped, long lastId, ulong xmin, ulong xmax)
    {
        if (xmin >= CandidateXmax)
            Mark = Math.Max(Mark, popped < Limit ? Candidate : Math.Min(Candidate, lastId));
        if (xmin >= CandidateXmax && lastId > Candidate)
            (Candidate, CandidateXmax) = (lastId, xmax);
    }
}
