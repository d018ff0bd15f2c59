using CrmGrains.Sandbox.HubSpot.Associations;
using CrmGrains.Sandbox.HubSpot.Properties;
using CrmGrains.Sandbox.HubSpot.Records;

namespace CrmGrains.Sandbox.HubSpot;

/// <summary>
/// All that one HubSpot account holds. Its parts are plain collections: whoever reads or writes them holds
/// <see cref="Gate"/>, for a whole call at a time, so calls happen one after the other.
/// </summary>
internal sealed class Account
{
    // Beyond 32 bits, as real ids are.
    private const long FirstRecordId = 20_000_000_001;

    private readonly Dictionary<ObjectType, RecordStore> _stores = [];
    private long _nextRecordId;

    public Account(TimeProvider time, SandboxOptions options)
    {
        (Time, SearchLag) = (time, options.SearchLag);
        Reset();
    }

    public Lock Gate { get; } = new();

    public TimeProvider Time { get; }

    public TimeSpan SearchLag { get; }

    public Schema Schema { get; } = new();

    public Owners Owners { get; } = new();

    public AssociationStore Associations { get; } = new();

    public RecordStore this[ObjectType type] => _stores[type];

    public CrmRecord? Find(RecordKey key) => this[key.Type].Find(key.Id);

    public string NextRecordId() => _nextRecordId++.ToString();

    /// <summary>UTC, in whole milliseconds as HubSpot tells them.</summary>
    public DateTimeOffset Now() => DateTimeOffset.FromUnixTimeMilliseconds(Time.GetUtcNow().ToUnixTimeMilliseconds());

    /// <summary>Back to the seed: no records, the properties and owners that the demo expects.</summary>
    public void Reset()
    {
        lock (Gate)
        {
            var now = Now();
            _nextRecordId = FirstRecordId;
            Schema.Reset(now);
            Owners.Reset(now);
            Associations.Clear();
            foreach (var type in ObjectType.All)
                _stores[type] = new RecordStore(Schema.Of(type).Values.Where(p => Schema.IsUnique(type, p)).Select(p => p.Name));
        }
    }
}
