using CrmGrains.Core.Commands;
using CrmGrains.Core.Fields;

namespace CrmGrains.Connectors.Outbox;

/// <summary>
/// The commands of one lane that go out as one write: they want one record to be something, and only the last word counts.
/// </summary>
/// <param name="Commands">In order of id; at least one.</param>
internal sealed record LaneWrite(IReadOnlyList<QueuedCommand> Commands)
{
    /// <summary>
    /// The oldest one's: it stays the same when younger ones join between attempts, so an uncertain attempt is found by it.
    /// </summary>
    public string EffectKey => Commands[0].EffectKey;

    public string Object => Commands[0].Object;

    public bool IsUncertain => Commands.Any(command => command.IsUncertain);

    /// <summary>The one that it is about to make, by the most tried of its commands.</summary>
    public int Attempt => Commands.Max(command => command.Attempts) + 1;

    public long NewestId => Commands[^1].Id;

    /// <summary>What all of them want together.</summary>
    public required CrmCommand Wanted { get; init; }

    /// <summary>The first commands of a lane that can be one write: all of them, unless what they want is of different kinds.</summary>
    /// <param name="lane">In order of id; at least one.</param>
    public static LaneWrite Of(IReadOnlyList<QueuedCommand> lane)
    {
        var wanted = lane[0].Wanted
            ?? throw new ArgumentException($"Command {lane[0].Id} can't be read, so it has no write.", nameof(lane));
        var joined = 1;
        while (joined < lane.Count && Join(wanted, lane[joined].Wanted) is { } both)
            (wanted, joined) = (both, joined + 1);
        return new LaneWrite([.. lane.Take(joined)]) { Wanted = wanted };
    }

    /// <summary>Both in one: the newer word wins, what only the older one said stays. Null where they can't be one.</summary>
    private static CrmCommand? Join(CrmCommand older, CrmCommand? newer) => (older, newer) switch
    {
        (CrmCommand.UpsertContact before, CrmCommand.UpsertContact after) => after with
        {
            Email = [.. after.Email.Union(before.Email, StringComparer.Ordinal)],
            Fields = Merge(before.Fields, after.Fields),
        },
        (CrmCommand.UpsertCompany before, CrmCommand.UpsertCompany after) => after with
        {
            Domains = [.. after.Domains.Union(before.Domains, StringComparer.Ordinal)],
            Fields = Merge(before.Fields, after.Fields),
        },
        // A move or another owner is an order of its own: what comes after it says nothing of either.
        (CrmCommand.UpsertDeal before, CrmCommand.UpsertDeal after) when before.Stage == after.Stage && before.HandsOver == after.HandsOver
            && before.MoveFrom.SequenceEqual(after.MoveFrom, StringComparer.Ordinal) => after with { Fields = Merge(before.Fields, after.Fields) },
        _ => null,
    };

    private static Dictionary<string, FieldValue> Merge(
        IReadOnlyDictionary<string, FieldValue> older, IReadOnlyDictionary<string, FieldValue> newer)
    {
        var merged = new Dictionary<string, FieldValue>(older, StringComparer.Ordinal);
        foreach (var (name, value) in newer)
            merged[name] = value;
        return merged;
    }
}
