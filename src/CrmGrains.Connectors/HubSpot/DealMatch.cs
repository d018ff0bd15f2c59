using CrmGrains.Core.Commands;

namespace CrmGrains.Connectors.HubSpot;

/// <summary>What shall be done about a deal. A closed set.</summary>
internal abstract record DealPlan
{
    private DealPlan() { }

    /// <summary>It is there.</summary>
    /// <param name="Record">The deal as it is.</param>
    /// <param name="Action"><c>updated</c>, <c>moved</c> or <c>reopened</c>.</param>
    public sealed record Update(CrmRecord Record, string Action) : DealPlan;

    /// <summary>There is none.</summary>
    /// <param name="Key">The unique key that it is made under.</param>
    public sealed record Create(string Key) : DealPlan;

    /// <summary>Several may be it.</summary>
    public sealed record Choose(IReadOnlyList<CrmRecord> Among) : DealPlan;

    /// <summary>It isn't known what is there.</summary>
    public sealed record Fail(Failure Failure) : DealPlan;
}

/// <summary>Which deal of a contact is the one that is wanted. Pure.</summary>
internal static class DealMatch
{
    /// <summary>What must be read of a deal to decide.</summary>
    public static IReadOnlyList<string> Looked { get; } =
        ["pipeline", "dealstage", "hs_is_closed", "dealname", "hubspot_owner_id", BatchWrites.KeyProperty];

    /// <summary>Decides what to do.</summary>
    /// <param name="wanted">What is wanted.</param>
    /// <param name="known">The deal that the grain knows; it is the one while it is open, in whatever pipeline people put it.</param>
    /// <param name="candidates">The contact's deals, and any that has our key.</param>
    public static DealPlan Decide(CrmCommand.UpsertDeal wanted, CrmRecord? known, IEnumerable<CrmRecord> candidates)
    {
        if (known is not null && !IsClosed(known))
            return Continue(wanted, known);

        var key = wanted.Grain.ToString();
        var deals = candidates.Append(known).OfType<CrmRecord>().DistinctBy(record => record.Id)
            .Where(record => record.Id == known?.Id || IsOurs(record, key) || (IsNobodys(record) && record["pipeline"] == wanted.Pipeline))
            .ToList();
        if (OneOf(deals.Where(record => !IsClosed(record)), key, out var open) is { } choice)
            return choice;
        if (open is not null)
            return Continue(wanted, open);
        if (OneOf(deals.Where(record => wanted.ReopenFrom.Contains(record["dealstage"])), key, out var closed) is { } between)
            return between;
        if (closed is not null)
            return new DealPlan.Update(closed, "reopened");

        // Our key names the deal that was won or lost; the next one is named after both, so that making it twice makes one.
        var before = deals.Where(record => IsOurs(record, key)).MaxBy(record => record.Id, LaterIds);
        return new DealPlan.Create(before is null ? key : $"{key}#{before.Id}");
    }

    // Ids are growing numbers, too long for an int and kept as text.
    private static readonly Comparer<string> LaterIds = Comparer<string>.Create(
        (a, b) => a.Length != b.Length ? a.Length.CompareTo(b.Length) : string.CompareOrdinal(a, b));

    private static DealPlan.Update Continue(CrmCommand.UpsertDeal wanted, CrmRecord deal) =>
        new(deal, wanted.MoveFrom.Contains(deal["dealstage"]) && deal["dealstage"] != wanted.Stage ? "moved" : "updated");

    /// <summary>Finds the one there is, ours before all others; a choice where there are several.</summary>
    private static DealPlan.Choose? OneOf(IEnumerable<CrmRecord> deals, string key, out CrmRecord? one)
    {
        var all = deals.ToList();
        var ours = all.Where(record => !IsNobodys(record)).ToList();
        one = ours.Count == 1 ? ours[0] : all.Count == 1 ? all[0] : null;
        return one is null && all.Count > 1 ? new DealPlan.Choose(all) : null;
    }

    private static bool IsClosed(CrmRecord deal) => deal["hs_is_closed"] == "true";

    private static bool IsNobodys(CrmRecord deal) => deal[BatchWrites.KeyProperty] is null;

    private static bool IsOurs(CrmRecord deal, string key) =>
        deal[BatchWrites.KeyProperty] is { } given && (given == key || given.StartsWith($"{key}#", StringComparison.Ordinal));
}
