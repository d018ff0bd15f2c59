using System.Collections.Concurrent;
using System.Text.Json;
using CrmGrains.Core.Configuration;
using CrmGrains.Intake.Payloads;
using CrmGrains.Intake.Sources;

namespace CrmGrains.Intake.Drift;

/// <summary>What this process knows of the payloads of one source under one version of its map.</summary>
internal sealed class SourceWatch(string workspace, SourceConfiguration source, int partition, MappedPaths mapped, DriftOptions options)
{
    // A sender that names a type of its own for each delivery isn't learned for ever.
    private const int MaxTypes = 50;
    private const int MaxPending = 200;

    private readonly ConcurrentDictionary<string, ShapeWatch> _types = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, DriftSighting> _pending = new(StringComparer.Ordinal);

    public string Workspace => workspace;

    public string Source => source.Name;

    public int Partition => partition;

    public string Version => mapped.Version;

    public SourceConfiguration Configuration => source;

    public IEnumerable<ShapeWatch> Types => _types.Values;

    /// <summary>How a payload differs from what is usual; nothing where it is no JSON, which others tell.</summary>
    public IReadOnlyList<DriftChange> Look(RawDelivery delivery) =>
        StrictJson.MayBeObject(delivery.Body)
        && delivery.Look() is { RootElement: { ValueKind: JsonValueKind.Object } root }
        && TypeOf(root) is { } type
            ? Shape(type)?.Look(root) ?? []
            : [];

    /// <summary>The watch of a stored version; null where there are too many.</summary>
    public ShapeWatch? OfVersion(string version) =>
        Shape(version.Length > mapped.Version.Length ? version[(mapped.Version.Length + 1)..] : "");

    /// <summary>Keeps a change that holds nothing, until it is stored.</summary>
    public void Note(DriftChange change, Guid eventId)
    {
        if (_pending.Count < MaxPending || _pending.ContainsKey(change.Name))
            _pending.AddOrUpdate(change.Name, _ => new DriftSighting(this, change, eventId), (_, known) => known.And(change, eventId));
    }

    /// <summary>The changes noted since the last time.</summary>
    public List<DriftSighting> TakeNoted() =>
        [.. _pending.Keys.Select(name => _pending.TryRemove(name, out var sighting) ? sighting : null).OfType<DriftSighting>()];

    /// <summary>Gives what isn't stored yet to the watch that comes after this one.</summary>
    public void HandOver(SourceWatch next)
    {
        foreach (var type in Types)
            next.OfVersion(type.Version)?.Learn(type.TakeFresh());
    }

    /// <summary>Takes an accepted change for usual, in payloads of every type.</summary>
    public void Accept(string path, string kind, IReadOnlyList<string> seen)
    {
        foreach (var type in Types)
            type.Accept(path, kind, seen);
    }

    private string? TypeOf(JsonElement root)
    {
        if (mapped.TypePath is not { } path || PayloadPath.Find(root, path) is not { ValueKind: JsonValueKind.String } value)
            return "";
        var type = value.GetString() ?? "";
        return ShapeReader.IsWord(type) ? type : null;
    }

    private ShapeWatch? Shape(string type) => _types.TryGetValue(type, out var known) ? known
        : _types.Count < MaxTypes ? _types.GetOrAdd(type, name => new ShapeWatch(name.Length > 0 ? $"{mapped.Version}/{name}" : mapped.Version, mapped, options))
        : null;
}

/// <summary>A change and the events that showed it, until it is stored.</summary>
internal sealed record DriftSighting(SourceWatch Watch, DriftChange Change, IReadOnlyList<string> Seen, IReadOnlyList<Guid> Samples, long Count)
{
    private const int MaxSeen = 20;
    private const int MaxSamples = 5;

    public DriftSighting(SourceWatch watch, DriftChange change, Guid eventId)
        : this(watch, change, [change.Seen], [eventId], 1)
    {
    }

    public DriftSighting And(DriftChange change, Guid eventId) => this with
    {
        Seen = Seen.Count < MaxSeen && !Seen.Contains(change.Seen, StringComparer.Ordinal) ? [.. Seen, change.Seen] : Seen,
        Samples = Samples.Count < MaxSamples ? [.. Samples, eventId] : Samples,
        Count = Count + 1,
    };
}
