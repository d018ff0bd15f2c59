namespace CrmGrains.Connectors.Outbox;

/// <summary>What was taken out of a queue, sorted by what can be done with it before anything is known of the records.</summary>
internal sealed class TakenBatch
{
    public List<LaneWrite> Lanes { get; } = [];

    /// <summary>Commands that end without a call.</summary>
    public Booking Ended { get; } = new();

    /// <summary>What couldn't go with the commands before it in its lane, and waits for them.</summary>
    public List<QueuedCommand> Left { get; } = [];

    public static TakenBatch Of(IEnumerable<IReadOnlyList<QueuedCommand>> taken, int maxAttempts)
    {
        var batch = new TakenBatch();
        foreach (var lane in taken)
            batch.Add(lane, maxAttempts);
        return batch;
    }

    private void Add(IReadOnlyList<QueuedCommand> lane, int maxAttempts)
    {
        var able = lane.Where(command => command.Wanted is not null && command.Attempts < maxAttempts).ToList();
        var ended = lane.Except(able).ToList();
        Ended.Commands.AddRange(ended.Select(Verdicts.WithoutCall));
        if (able.Count > 0)
        {
            var write = LaneWrite.Of(able);
            Lanes.Add(write);
            Left.AddRange(able.Skip(write.Commands.Count));
        }
        else if (ended.Select(command => command.Wanted?.Own()).FirstOrDefault(own => own is not null) is { } own)
        {
            // Nobody writes the record any more: whoever can do without it shall.
            Ended.Links.Add(new BookedLink(own, default));
        }
    }
}
