namespace CrmGrains.Intake.Pull;

/// <summary>What came of asking for a page. A closed set.</summary>
internal abstract record PullAnswer
{
    private PullAnswer() { }

    /// <summary>The payloads from a cursor on.</summary>
    /// <param name="Cursor">The number of the payload after the last one.</param>
    /// <param name="HasMore">Whether there are more already.</param>
    /// <param name="Payloads">In order; JSON in UTF-8. The last one's number is the one before the cursor.</param>
    public sealed record Page(long Cursor, bool HasMore, IReadOnlyList<byte[]> Payloads) : PullAnswer;

    /// <summary>It may go well later.</summary>
    /// <param name="Reason">For the operator; nothing of the answer's body.</param>
    /// <param name="After">How long the API wants to be left alone; null where it doesn't say.</param>
    public sealed record Later(string Reason, TimeSpan? After = null) : PullAnswer;

    /// <summary>There is nothing to fetch any more: the webhook is gone. A new call would begin anew.</summary>
    public sealed record Gone(string Reason) : PullAnswer;
}

/// <summary>A list of payloads that is due.</summary>
/// <param name="Cursor">The number of the next payload.</param>
/// <param name="Pings">The calls that it is due for.</param>
/// <param name="Attempts">Failures in a row.</param>
internal sealed record DuePull(
    int Partition, string Webhook, string Workspace, string Source, string Base, long Cursor, long Pings, int Attempts);
