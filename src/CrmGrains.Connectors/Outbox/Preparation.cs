using CrmGrains.Core.Commands;

namespace CrmGrains.Connectors.Outbox;

/// <summary>A write that can be made, and the commands that it is made for.</summary>
internal sealed record PreparedWrite(LaneWrite Lane, Write Write)
{
    /// <summary>What is left of it when a person took some of its commands back a moment ago.</summary>
    public PreparedWrite Kept(IReadOnlySet<long> sent) => Lane.Commands.All(command => sent.Contains(command.Id))
        ? this
        : this with { Lane = Lane with { Commands = [.. Lane.Commands.Where(command => sent.Contains(command.Id))] } };
}

/// <summary>
/// Sorts what was taken out of a queue: what can be written now, what waits for a record, and what has nothing left to say.
/// </summary>
internal sealed class Preparation
{
    public List<PreparedWrite> Writes { get; } = [];

    /// <summary>Commands that wait, and for which record.</summary>
    public List<(QueuedCommand Command, RecordKey On)> Blocked { get; } = [];

    /// <summary>Older than what the record was written for already: nothing is left to do for them.</summary>
    public List<BookedCommand> Overtaken { get; } = [];

    /// <param name="lanes">What was taken out.</param>
    /// <param name="links">What is known of each record that they name; nothing for one that was never written.</param>
    public static Preparation Of(IEnumerable<LaneWrite> lanes, IReadOnlyDictionary<RecordKey, Link> links)
    {
        var preparation = new Preparation();
        foreach (var lane in lanes)
            preparation.Add(lane, links);
        return preparation;
    }

    /// <summary>The records that must be known before a lane can be prepared.</summary>
    public static IEnumerable<RecordKey> Records(LaneWrite lane)
    {
        if (lane.Wanted.Own() is { } own)
            yield return own;
        foreach (var record in lane.Wanted.Refs())
            yield return RecordKey.Of(record);
    }

    private void Add(LaneWrite lane, IReadOnlyDictionary<RecordKey, Link> links)
    {
        var link = lane.Wanted.Own() is { } own ? links.GetValueOrDefault(own) : default;
        var older = lane.Commands.Where(command => command.Id <= link.WrittenFor).ToList();
        Overtaken.AddRange(older.Select(command =>
            new BookedCommand(command, CommandState.Succeeded, command.Attempts) { CrmId = link.CrmId, Action = "found" }));
        if (older.Count == lane.Commands.Count)
            return;
        if (older.Count > 0)
            lane = LaneWrite.Of([.. lane.Commands.Skip(older.Count)]);  // without their words, which newer ones replaced since

        var ids = new Dictionary<RecordRef, string>();
        foreach (var record in lane.Wanted.Refs())
        {
            var key = RecordKey.Of(record);
            var isKnown = links.TryGetValue(key, out var known);
            if (known.CrmId is { } id)
            {
                ids[record] = id;
            }
            else if (record.Required || !isKnown)
            {
                Blocked.AddRange(lane.Commands.Select(command => (command, key)));
                return;
            }
        }

        Writes.Add(new PreparedWrite(lane, new Write(lane.EffectKey, lane.Wanted, link.CrmId, ids, lane.IsUncertain, lane.Attempt)));
    }
}
