using CrmGrains.Core.Commands;

namespace CrmGrains.Connectors.HubSpot;

/// <summary>The deals that writes may mean: those that their contacts are associated with, and those that have our key.</summary>
internal sealed class DealCandidates
{
    private readonly ILookup<string, CrmRecord> _byContact;
    private readonly ILookup<string, CrmRecord> _byKey;

    private DealCandidates(ILookup<string, CrmRecord> byContact, ILookup<string, CrmRecord> byKey) =>
        (_byContact, _byKey) = (byContact, byKey);

    /// <summary>Why it isn't known what is there; null where it is.</summary>
    public Failure? Failure { get; private init; }

    /// <summary>The deals that a write may mean.</summary>
    public IEnumerable<CrmRecord> Of(Write write) =>
        (Contact(write) is { } contact ? _byContact[contact] : []).Concat(_byKey[Command(write).Grain.ToString()]);

    /// <summary>
    /// Reads them: one call for the associations of all contacts, and one for their deals where there are any. Only a write that was tried
    /// before, or has no contact, can have made a deal that isn't associated yet, so only for those is it looked for by our key.
    /// </summary>
    public static async Task<DealCandidates> ReadAsync(
        IReadOnlyList<Write> writes, IReadOnlyList<string> looked, BatchReads reads, CancellationToken cancellationToken)
    {
        static DealCandidates Failed(Failure? failure) => new(Nothing, Nothing) { Failure = failure };
        var contacts = writes.Select(Contact).OfType<string>().ToList();
        var links = await reads.LinksAsync("contacts", "deals", contacts, writes, cancellationToken);
        if (links.Failure is not null)
            return Failed(links.Failure);
        var ids = links.Rows.SelectMany(row => row.To).Select(link => link.ToObjectId);
        var deals = await reads.RecordsAsync("deals", ids, null, looked, writes, cancellationToken);
        if (deals.Failure is not null)
            return Failed(deals.Failure);

        var tried = writes.Where(write => write.IsUncertain || write.Attempt > 1 || Contact(write) is null).ToList();
        var keyed = await reads.RecordsAsync(
            "deals", tried.Select(write => Command(write).Grain.ToString()), BatchWrites.KeyProperty, looked, tried,
            cancellationToken);
        if (keyed.Failure is not null)
            return Failed(keyed.Failure);

        var byId = deals.Rows.ToDictionary(record => record.Id);
        return new DealCandidates(
            links.Rows.SelectMany(row => row.To.Select(link => (row.From.Id, Deal: byId.GetValueOrDefault(link.ToObjectId))))
                .Where(pair => pair.Deal is not null).Select(pair => (pair.Id, Deal: pair.Deal ?? new CrmRecord { Id = "" }))
                .ToLookup(pair => pair.Id, pair => pair.Deal),
            keyed.Rows.ToLookup(record => record[BatchWrites.KeyProperty] ?? ""));
    }

    private static readonly ILookup<string, CrmRecord> Nothing = Array.Empty<CrmRecord>().ToLookup(record => record.Id);

    private static string? Contact(Write write) => write.Linked(Command(write).Contact);

    private static CrmCommand.UpsertDeal Command(Write write) => (CrmCommand.UpsertDeal)write.Command;
}

/// <summary>How a write's links are looked up.</summary>
internal static class WriteLinks
{
    /// <summary>The CRM's id of a record, whether or not it is required; null where it isn't there.</summary>
    public static string? Linked(this Write write, RecordRef record) =>
        write.Links.TryGetValue(record, out var id) || write.Links.TryGetValue(record with { Required = !record.Required }, out id)
            ? id
            : null;
}
