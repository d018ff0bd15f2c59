namespace CrmGrains.Sandbox.HubSpot.Records;

/// <summary>The records of one type, found by id and by each unique property. Guarded by the account's gate.</summary>
internal sealed class RecordStore(IEnumerable<string> uniqueProperties, Revision revision)
{
    private readonly List<CrmRecord> _inOrder = [];  // ids only grow, so this is also the order of ids
    private readonly Dictionary<string, CrmRecord> _byId = [];
    private readonly Dictionary<string, Dictionary<string, CrmRecord>> _byUnique =
        uniqueProperties.ToDictionary(name => name, _ => new Dictionary<string, CrmRecord>(StringComparer.OrdinalIgnoreCase));

    public IEnumerable<string> UniqueProperties => _byUnique.Keys;

    /// <summary>All records, archived ones included, oldest first.</summary>
    public IEnumerable<CrmRecord> All => _inOrder;

    /// <summary>Records that are not archived, oldest first.</summary>
    public IEnumerable<CrmRecord> Live => _inOrder.Where(record => !record.IsArchived);

    public CrmRecord? Find(string id) => FindAny(id) is { IsArchived: false } record ? record : null;

    /// <summary>Finds a record though it may be archived.</summary>
    public CrmRecord? FindAny(string id) => _byId.GetValueOrDefault(id);

    /// <summary>Finds by a unique property; letters' case does not matter.</summary>
    public CrmRecord? FindBy(string uniqueProperty, string value) =>
        _byUnique.TryGetValue(uniqueProperty, out var index) ? index.GetValueOrDefault(value) : null;

    public bool IsUnique(string property) => _byUnique.ContainsKey(property);

    /// <summary>Up to <paramref name="limit"/> records from the id <paramref name="from"/> on, and one more where there is one.</summary>
    public IReadOnlyList<CrmRecord> Page(string? from, int limit, bool archived)
    {
        var start = 0;
        if (long.TryParse(from, out var first))
        {
            var end = _inOrder.Count;
            while (start < end)
            {
                var middle = (start + end) / 2;
                if (long.Parse(_inOrder[middle].Id) < first) start = middle + 1;
                else end = middle;
            }
        }

        return [.. _inOrder.Skip(start).Where(record => record.IsArchived == archived).Take(limit + 1)];
    }

    /// <param name="record">Has a higher id than any so far.</param>
    public void Add(CrmRecord record)
    {
        revision.Advance();
        _inOrder.Add(record);
        _byId.Add(record.Id, record);
        if (!record.IsArchived) Index(record);
    }

    public void Write(CrmRecord record, RecordVersion version, TimeSpan searchLag)
    {
        revision.Advance();
        Unindex(record);
        record.Write(version, searchLag);
        if (!record.IsArchived) Index(record);
    }

    /// <summary>Makes a property unique from now on. It is new, so no record has it yet.</summary>
    public void AddUnique(string property) => _byUnique.Add(property, new(StringComparer.OrdinalIgnoreCase));

    private void Index(CrmRecord record)
    {
        foreach (var (property, index) in _byUnique)
            if (record.Current.Properties.TryGetValue(property, out var value)) index[value] = record;
    }

    private void Unindex(CrmRecord record)
    {
        foreach (var (property, index) in _byUnique)
            if (record.Current.Properties.TryGetValue(property, out var value)) index.Remove(value);
    }
}
