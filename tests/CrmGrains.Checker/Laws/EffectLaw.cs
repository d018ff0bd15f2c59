namespace CrmGrains.Checker;

/// <summary>The CRM did each thing once: asked of the CRM itself, never of our own books.</summary>
internal static class EffectLaw
{
    public static IEnumerable<Violation> Check(HistoryIndex index, CrmHistory crm, CheckOptions options)
    {
        var made = Made(crm);
        var violations = Repeated("contacts of address", made.Where(record => record.Type == "contact"), record => record["email"])
            .Concat(Repeated("companies of domain", made.Where(record => record.Type == "company"), record => record["domain"]))
            .Concat(Repeated("open deals of contact and pipeline", OpenDeals(crm), record => record["key"]))
            .Concat(Repeated("activities marked", made, record => CrmMark.Of(record)?.Key))
            .Concat(Repeated("activities of one kind for", made, record => Cause(index, record)))
            .Concat(Pairs(crm));
        if (options.IsDrained)
            violations = violations.Concat(LeftOverLaw.Commands(index));
        return options is { IsDrained: true, IsCrmHealthy: true }
            ? violations.Concat(MissingEffects.Check(index.History, crm))
            : violations;
    }

    // What is there as it is now; what was made and is gone again as it was made.
    private static List<CrmRecord> Made(CrmHistory crm)
    {
        var there = crm.Records.Select(record => (record.Type, record.Id)).ToHashSet();
        return
        [
            .. crm.Records,
            .. crm.Effects.Where(effect => effect.Effect == "created" && !there.Contains((effect.Type, effect.Id)))
                .Select(effect => new CrmRecord(effect.Type, effect.Id, effect.Keys)),
        ];
    }

    private static IEnumerable<Violation> Repeated(string what, IEnumerable<CrmRecord> records, Func<CrmRecord, string?> keyOf) =>
        records.Select(record => (Record: record, Key: keyOf(record)?.ToLowerInvariant()))
            .Where(pair => !string.IsNullOrEmpty(pair.Key))
            .GroupBy(pair => pair.Key)
            .Where(same => same.Count() > 1)
            .Select(same => new Violation(
                ViolationKind.DoubledEffect, $"{same.First().Record.Type} {same.Key}",
                $"There are {same.Count()} {what} {same.Key}: {string.Join(", ", same.Select(pair => pair.Record.Id))}."));

    private static IEnumerable<CrmRecord> OpenDeals(CrmHistory crm)
    {
        var contacts = crm.Pairs.Where(pair => pair is { FromType: "deal", ToType: "contact" })
            .Concat(crm.Pairs.Where(pair => pair is { FromType: "contact", ToType: "deal" })
                .Select(pair => new CrmPair(pair.ToType, pair.ToId, pair.FromType, pair.FromId)))
            .ToLookup(pair => pair.FromId, pair => pair.ToId);
        return crm.Records.Where(record => record.Type == "deal" && record["hs_is_closed"] != "true")
            .SelectMany(deal => contacts[deal.Id].Select(contact => new CrmRecord(
                "deal", deal.Id, new Dictionary<string, string> { ["key"] = $"{contact} in {deal["pipeline"]}" })));
    }

    // Events that the sender calls one fact are one, whatever number of deliveries told it.
    private static string? Cause(HistoryIndex index, CrmRecord record)
    {
        if (CrmMark.Of(record) is not { } mark || !Guid.TryParse(mark.Cause, out var eventId))
            return null;
        var cause = index.FactOf(eventId) is { } fact ? $"fact {fact.Workspace}/{fact.Fact}" : $"event {eventId}";
        return $"{cause} ({mark.Object}/{mark.Operation})";
    }

    private static IEnumerable<Violation> Pairs(CrmHistory crm) => crm.Pairs.GroupBy(pair => pair).Where(same => same.Count() > 1)
        .Select(same => new Violation(
            ViolationKind.DoubledEffect, $"{same.Key.FromType} {same.Key.FromId}",
            $"It is associated with {same.Key.ToType} {same.Key.ToId} {same.Count()} times."));
}
