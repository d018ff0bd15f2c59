using CrmGrains.Sandbox.Calls;
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
    private readonly Revision _revision = new();

    public Account(TimeProvider time, SandboxOptions options)
    {
        (Time, SearchLag) = (time, options.SearchLag);
        (Schema, Owners, Associations) = (new Schema(_revision), new Owners(_revision), new AssociationStore(_revision, Effects));
        Reset();
    }

    public Lock Gate { get; } = new();

    public TimeProvider Time { get; }

    public TimeSpan SearchLag { get; }

    /// <summary>What is carried out from now on; not part of what the account holds.</summary>
    public EffectLog Effects { get; } = new();

    public Schema Schema { get; }

    public Owners Owners { get; }

    public AssociationStore Associations { get; }

    /// <summary>Grows with every change. Takes the gate itself.</summary>
    public long Revision
    {
        get
        {
            lock (Gate) return _revision.Number;
        }
    }

    public DateTimeOffset SeededAt { get; private set; }

    /// <summary>The number that the next record gets, of whatever type.</summary>
    public long NextId { get; private set; }

    public RecordStore this[ObjectType type] => _stores[type];

    public CrmRecord? Find(RecordKey key) => this[key.Type].Find(key.Id);

    public string NextRecordId() => NextId++.ToString();

    /// <summary>UTC, in whole milliseconds as HubSpot tells them.</summary>
    public DateTimeOffset Now() => DateTimeOffset.FromUnixTimeMilliseconds(Time.GetUtcNow().ToUnixTimeMilliseconds());

    /// <summary>Adds a property that its type does not have yet.</summary>
    public void AddProperty(ObjectType type, PropertyDefinition property)
    {
        Schema.Add(type, property);
        if (Schema.IsUnique(type, property)) this[type].AddUnique(property.Name);
    }

    /// <summary>Back to the seed: no records, the properties and owners that the demo expects.</summary>
    public void Reset()
    {
        lock (Gate) Seed(Now(), FirstRecordId);
    }

    /// <summary>The seed as of an instant, with the number of the first record to come.</summary>
    public void Seed(DateTimeOffset at, long nextId)
    {
        (SeededAt, NextId) = (at, nextId);
        Schema.Reset(at);
        Owners.Reset(at);
        Associations.Clear();
        foreach (var type in ObjectType.All)
        {
            var unique = Schema.Of(type).Values.Where(property => Schema.IsUnique(type, property)).Select(property => property.Name);
            _stores[type] = new RecordStore(unique, _revision);
        }
    }
}
