using System.Text.Json;

namespace CrmGrains.Intake.Drift;

/// <summary>What this process knows of the payloads of one source, version and type. Many threads ask it at once.</summary>
internal sealed class ShapeWatch(string version, MappedPaths mapped, DriftOptions options)
{
    // Until then each delivery is learned, after that a sample.
    private const int Young = 4;

    private readonly Lock _lock = new();
    private Sketch _usual = Sketch.Empty;
    private Sketch _fresh = Sketch.Empty;
    private volatile DriftGuard? _guard;
    private long _looked;

    /// <summary>As it is stored: the map's hash, and the events' type where they have one.</summary>
    public string Version => version;

    /// <summary>Of the stored sketch that it knows; 0: none.</summary>
    public long Revision { get; private set; }

    /// <summary>How a payload differs from what is usual; it is learned where it doesn't, and where its turn has come.</summary>
    public IReadOnlyList<DriftChange> Look(JsonElement root)
    {
        var usual = Volatile.Read(ref _usual);
        var isSample = usual.Deliveries < Young * (long)options.LearnFrom || Interlocked.Increment(ref _looked) % options.SampleEvery == 0;
        if (!isSample && (_guard ??= new DriftGuard(usual, mapped, options.LearnFrom)).Fits(root))
            return [];
        if (ShapeReader.Read(root, mapped) is not { } one)
            return [];
        var changes = usual.Deliveries >= options.LearnFrom ? DriftComparison.Compare(usual, one, mapped, options.LearnFrom) : [];
        // What differs isn't learned, or the second one would be usual.
        if (isSample && changes.Count == 0)
            Learn(one);
        return changes;
    }

    /// <summary>Adds to what is usual, and to what is to be stored.</summary>
    public void Learn(Sketch one)
    {
        lock (_lock)
        {
            _fresh = _fresh.Merge(one);
            Become(_usual.Merge(one));
        }
    }

    /// <summary>What was learned since the last time, to be stored.</summary>
    public Sketch TakeFresh()
    {
        lock (_lock)
        {
            var fresh = _fresh;
            _fresh = Sketch.Empty;
            return fresh;
        }
    }

    /// <summary>Puts back what couldn't be stored.</summary>
    public void PutBack(Sketch fresh)
    {
        lock (_lock)
            _fresh = _fresh.Merge(fresh);
    }

    /// <summary>Takes over what is stored by now; what was learned since stays on top of it.</summary>
    public void Know(Sketch stored, long revision)
    {
        lock (_lock)
        {
            Revision = revision;
            Become(stored.Merge(_fresh));
        }
    }

    /// <summary>Takes a change for usual from now on.</summary>
    public void Accept(string path, string kind, IReadOnlyList<string> seen)
    {
        lock (_lock)
            Become(_usual.Accept(path, kind, seen));
    }

    private void Become(Sketch usual)
    {
        Volatile.Write(ref _usual, usual);
        _guard = null;
    }
}
