namespace CrmGrains.Runtime.Mailboxes;

/// <summary>
/// Where the scans of a mailbox start: nothing is left up to here, and nothing can appear there any more. Once true it stays so, whoever
/// runs the partition; so a silo keeps its marks in memory, and one that starts without finds the same messages, only slower.
/// </summary>
internal sealed class Mark
{
    private long _candidate;
    private ulong _candidateXmax;

    /// <summary>The highest message id of which all that is said above is proven.</summary>
    public long At { get; private set; }

    /// <summary>Takes over what another silo noted.</summary>
    public void Reach(long noted) => At = Math.Max(At, noted);

    /// <summary>
    /// Moves the mark after a pop. The candidate is proven once every transaction that may hold a lower id has ended, since whatever they
    /// left was visible to this pop. Those are the ones below our own id: a sender has a transaction's id before it draws a message's
    /// (see the schema), and no id up to <paramref name="drawn"/> was drawn after we got ours. A snapshot's xmax would not do: it says
    /// which transactions have ended, and those that run may lie above it.
    /// </summary>
    /// <param name="isDrained">Whether everything visible was taken.</param>
    /// <param name="lastId">The highest id taken.</param>
    /// <param name="drawn">The highest message id that had been drawn before this transaction had an id of its own.</param>
    /// <param name="ended">Every transaction below that could have sent anything had ended when the pop's snapshot was taken.</param>
    /// <param name="transaction">The id of this transaction.</param>
    public void Move(bool isDrained, long lastId, long drawn, ulong ended, ulong transaction)
    {
        if (!IsProven(ended))
            return;
        At = Math.Max(At, isDrained ? _candidate : Math.Min(_candidate, lastId));
        var next = Math.Min(lastId, drawn);
        if (next > _candidate)
            (_candidate, _candidateXmax) = (next, transaction);
    }

    /// <summary>Whether the candidate's proof is there.</summary>
    public bool IsProven(ulong ended) => ended >= _candidateXmax;
}
