using System.Text.Json.Serialization;

namespace CrmGrains.Sandbox.HubSpot.Records;

/// <summary>Names a record. Ids are decimal numbers kept as text, as HubSpot sends them.</summary>
internal readonly record struct RecordKey(ObjectType Type, string Id);

/// <summary>What a record looked like from one write until the next. Cleared properties are absent.</summary>
internal sealed record RecordVersion(
    [property: JsonRequired] IReadOnlyDictionary<string, string> Properties,
    [property: JsonRequired] DateTimeOffset WrittenAt,
    DateTimeOffset? ArchivedAt = null);

/// <summary>A record as it was at one moment, to be looked at while others write.</summary>
/// <param name="Record">For what never changes of it.</param>
/// <param name="Earlier">Versions that search may still be showing, oldest first.</param>
internal readonly record struct RecordCopy(CrmRecord Record, RecordVersion Current, IReadOnlyList<RecordVersion> Earlier);

/// <summary>A record, with as many of its earlier versions as search may still be showing.</summary>
internal sealed class CrmRecord(RecordKey key, DateTimeOffset createdAt, RecordVersion first)
{
    private readonly List<RecordVersion> _earlier = [];

    public RecordKey Key { get; } = key;

    public string Id => Key.Id;

    public DateTimeOffset CreatedAt { get; } = createdAt;

    public RecordVersion Current { get; private set; } = first;

    public bool IsArchived => Current.ArchivedAt is not null;

    /// <param name="version">What the record is from now on.</param>
    /// <param name="searchLag">How long earlier versions may still be asked for.</param>
    public void Write(RecordVersion version, TimeSpan searchLag)
    {
        _earlier.Add(Current);
        Current = version;

        // The newest version that search can already see makes all before it unreachable.
        var visible = _earlier.FindLastIndex(earlier => earlier.WrittenAt <= version.WrittenAt - searchLag);
        if (visible > 0) _earlier.RemoveRange(0, visible);
    }

    /// <summary>The version of an instant; <see langword="null"/> where the record did not exist yet.</summary>
    public RecordVersion? VersionAt(DateTimeOffset instant) =>
        Current.WrittenAt <= instant ? Current : _earlier.FindLast(earlier => earlier.WrittenAt <= instant);

    /// <summary>Copies the record with the versions that can be asked for from an instant on.</summary>
    public RecordCopy CopyFrom(DateTimeOffset instant)
    {
        if (_earlier.Count == 0 || Current.WrittenAt <= instant) return new RecordCopy(this, Current, []);
        var visible = _earlier.FindLastIndex(earlier => earlier.WrittenAt <= instant);
        return new RecordCopy(this, Current, _earlier[Math.Max(visible, 0)..]);
    }
}
