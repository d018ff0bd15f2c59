namespace CrmGrains.Connectors.Outbox;

/// <summary>What the records of an account are called in the CRM: remembered, or read where it isn't.</summary>
internal sealed class KnownLinks(OutboxSession session, int remembered)
{
    private readonly LinkCache _cache = new(remembered);

    /// <summary>All that the lanes name; those never written are missing.</summary>
    public async Task<IReadOnlyDictionary<RecordKey, Link>> OfAsync(IEnumerable<LaneWrite> lanes)
    {
        var links = new Dictionary<RecordKey, Link>();
        var unknown = new HashSet<RecordKey>();
        foreach (var record in lanes.SelectMany(Preparation.Records))
        {
            if (_cache.TryGet(record, out var link))
                links[record] = link;
            else
                unknown.Add(record);
        }

        if (unknown.Count == 0)
            return links;
        foreach (var (record, link) in await session.ReadLinksAsync(unknown))
        {
            _cache.Set(record, link);
            links[record] = link;
        }

        return links;
    }

    /// <summary>
    /// Links that were committed. As in the table, giving up never takes the place of an id; whether there is one is read when it matters.
    /// </summary>
    public void Learn(IEnumerable<BookedLink> booked)
    {
        foreach (var (record, link) in booked.Where(link => link.Link.CrmId is not null))
            _cache.Set(record, link);
    }
}
