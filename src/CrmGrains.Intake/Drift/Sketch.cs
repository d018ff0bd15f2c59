namespace CrmGrains.Intake.Drift;

/// <summary>
/// What payloads look like: how often each path was there, and as what. One payload's is a sketch too. Sketches merge in any order and
/// grouping, so silos learn apart and add up what they learned; what is kept is bounded, whatever the payloads are.
/// </summary>
/// <param name="Deliveries">How many payloads it was made of.</param>
/// <param name="Paths">By path: names with dots, <c>[]</c> for the items of a list, empty for the whole.</param>
internal sealed record Sketch(long Deliveries, IReadOnlyDictionary<string, PathSketch> Paths)
{
    public const int MaxPaths = 500;

    public static Sketch Empty { get; } = new(0, new SortedDictionary<string, PathSketch>(StringComparer.Ordinal));

    public Sketch Merge(Sketch other)
    {
        var paths = new SortedDictionary<string, PathSketch>(StringComparer.Ordinal);
        foreach (var (path, sketch) in Paths)
            paths[path] = sketch;
        foreach (var (path, sketch) in other.Paths)
            paths[path] = paths.TryGetValue(path, out var known) ? known.Merge(sketch) : sketch;
        return new Sketch(Deliveries + other.Deliveries, Bounded(paths));
    }

    /// <summary>The sketch as if the change had always been usual.</summary>
    public Sketch Accept(string path, string kind, IReadOnlyList<string> seen)
    {
        if (!Paths.TryGetValue(path, out var known))
            return this;
        var accepted = kind switch
        {
            DriftKind.Missing => new PathSketch { IsOptional = true },
            DriftKind.Retyped => new PathSketch { Types = seen.Aggregate(ShapeTypes.None, (types, name) => types | TypesOf(name)) },
            _ => new PathSketch { Words = seen },
        };
        return Merge(new Sketch(0, new Dictionary<string, PathSketch> { [path] = accepted with { IsMapped = known.IsMapped } }));
    }

    /// <summary>Where a path hangs: <c>a</c> for <c>a.b</c> and <c>a[]</c>, and the whole for <c>a</c>.</summary>
    public static string ParentOf(string path) => path.EndsWith("[]", StringComparison.Ordinal)
        ? path[..^2]
        : path[..Math.Max(0, path.LastIndexOf('.'))];

    // What the map reads first, then by name. A path sorts behind its parent, so no child is kept without it; and what is left out has as many
    // before it in every later merge, so it makes no difference when it was left out.
    private static SortedDictionary<string, PathSketch> Bounded(SortedDictionary<string, PathSketch> paths)
    {
        if (paths.Count <= MaxPaths)
            return paths;
        var kept = paths.Where(path => path.Value.IsMapped).Concat(paths.Where(path => !path.Value.IsMapped)).Take(MaxPaths);
        return new SortedDictionary<string, PathSketch>(kept.ToDictionary(), StringComparer.Ordinal);
    }

    private static ShapeTypes TypesOf(string name) => Enum.TryParse<ShapeTypes>(name, ignoreCase: true, out var type) ? type : ShapeTypes.None;
}
