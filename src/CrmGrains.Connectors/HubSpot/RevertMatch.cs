using CrmGrains.Core.Commands;

namespace CrmGrains.Connectors.HubSpot;

/// <summary>What is done to take a write back. A closed set.</summary>
internal abstract record RevertPlan
{
    private RevertPlan() { }

    /// <summary>Nothing: the record isn't there any more, or says already what it said before.</summary>
    public sealed record Nothing(string Action) : RevertPlan;

    /// <summary>It goes.</summary>
    public sealed record Archive : RevertPlan;

    /// <summary>It gets back what it had.</summary>
    public sealed record Restore(IReadOnlyDictionary<string, string> Properties) : RevertPlan;

    /// <summary>Somebody changed it since, so it stays.</summary>
    /// <param name="Fields">What they changed, by name.</param>
    public sealed record Changed(IReadOnlyList<string> Fields) : RevertPlan;
}

/// <summary>Decides what taking a write back does to the record as it is now. Pure.</summary>
internal static class RevertMatch
{
    /// <summary>The name of ties to other records where it is told what changed.</summary>
    public const string Ties = "links";

    /// <summary>Decides.</summary>
    /// <param name="revert">What shall be taken back.</param>
    /// <param name="now">The record; null where it isn't there.</param>
    /// <param name="map">What the account calls fields; null for records without any.</param>
    public static RevertPlan Decide(CrmCommand.Revert revert, CrmRecord? now, FieldMap? map)
    {
        if (now is null)
            return new RevertPlan.Nothing("gone");
        if (!revert.Before.IsThere)
        {
            // All of it goes, so what else people wrote into it counts too; and the mark says whether we wrote it again.
            var written = revert.After.Fields.Select(field => field.Property).ToHashSet();
            var changed = revert.After.Fields.Where(field => !Images.IsSame(now[field.Property], field.Value)).Select(field => field.Name)
                .Concat((map?.Targets ?? []).Where(property => !written.Contains(property) && now[property] is not null).Select(property => map?.NameOf(property) ?? property));
            return changed.Distinct().ToList() is { Count: > 0 } fields ? new RevertPlan.Changed(fields) : new RevertPlan.Archive();
        }

        var left = revert.After.Fields.ToDictionary(field => field.Property, field => field.Value);
        var (restored, others) = (new Dictionary<string, string>(), new List<string>());
        foreach (var (name, property, value) in revert.Before.Fields)
        {
            if ((now[property] ?? "") == value)
                continue;
            if (Images.IsSame(now[property], left.GetValueOrDefault(property, "")))
                restored[property] = value;
            else if (property != BatchWrites.EffectProperty)
                others.Add(name);
        }

        return others.Count > 0 ? new RevertPlan.Changed([.. others.Distinct()])
            : restored.Count > 0 ? new RevertPlan.Restore(restored)
            : new RevertPlan.Nothing("found");
    }
}
