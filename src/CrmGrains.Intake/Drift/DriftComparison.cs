using System.Globalization;

namespace CrmGrains.Intake.Drift;

/// <summary>Compares one payload with what is usual. Pure.</summary>
internal static class DriftComparison
{
    private const int MaxChanges = 20;

    // What is asked of paths that nobody reads, and of words: in fifty deliveries one of each ten values is missing now and then.
    private const int Surer = 4;

    /// <summary>
    /// What changed; the topmost path only, not everything below it. A new path is no change: nobody misses it.
    /// </summary>
    /// <param name="usual">What was learned.</param>
    /// <param name="one">One payload's sketch.</param>
    /// <param name="mapped">What the map reads.</param>
    /// <param name="learnFrom">How often a path must have been seen.</param>
    public static List<DriftChange> Compare(Sketch usual, Sketch one, MappedPaths mapped, int learnFrom)
    {
        var changes = new List<DriftChange>();
        foreach (var (path, known) in usual.Paths)
        {
            var enough = known.IsMapped ? learnFrom : Surer * (long)learnFrom;
            if (Change(usual, one, mapped, path, known, enough) is { } change && changes.Count < MaxChanges)
                changes.Add(change);
        }

        return changes;
    }

    /// <summary>Whether the path was there in every object that could have it, and often enough.</summary>
    public static bool IsAlways(Sketch usual, string path, PathSketch known, long enough) =>
        path.Length > 0 && !path.EndsWith("[]", StringComparison.Ordinal) && !known.IsOptional && known.Nulls == 0
        && usual.Paths.TryGetValue(Sketch.ParentOf(path), out var parent) && parent.Objects >= enough && known.Seen >= parent.Objects;

    private static DriftChange? Change(
        Sketch usual, Sketch one, MappedPaths mapped, string path, PathSketch known, long enough)
    {
        var seen = one.Paths.GetValueOrDefault(path);
        if (IsAlways(usual, path, known, enough))
        {
            var objects = one.Paths.GetValueOrDefault(Sketch.ParentOf(path))?.Objects ?? 0;
            if (objects > (seen?.Present ?? 0))
                return new DriftChange(path, DriftKind.Missing, seen is { Nulls: > 0 } ? "null" : "absent", Always(known), known.IsMapped);
        }

        if (seen is null || known.Present < enough)
            return null;
        var types = seen.Types & ~known.Types & ~ShapeTypes.Null;
        if (types != ShapeTypes.None)
            return new DriftChange(path, DriftKind.Retyped, NameOf(types), NameOf(known.Types & ~ShapeTypes.Null), known.IsMapped && Breaks(path, known.Types, types, mapped));

        var word = known is { IsFreeText: false, Words.Count: > 0 } && known.Present >= Surer * enough
            ? seen.Words.FirstOrDefault(word => !known.Words.Contains(word, StringComparer.Ordinal))
            : null;
        return word is null ? null : new DriftChange(path, DriftKind.NewValue, word, string.Join(", ", known.Words), IsBreaking: false);
    }

    // Texts, numbers and flags are read as one another where that makes sense, and are refused with a fault where it doesn't; a value is
    // lost in an object or a list, and an object's members with the object.
    private static bool Breaks(string path, ShapeTypes usual, ShapeTypes seen, MappedPaths mapped)
    {
        const ShapeTypes Containers = ShapeTypes.Object | ShapeTypes.List;
        if (mapped.ReadsLists(path))
            return seen.HasFlag(ShapeTypes.Object);
        return ((seen | usual) & Containers) != ShapeTypes.None || (seen == ShapeTypes.Flag && !usual.HasFlag(ShapeTypes.Flag));
    }

    private static string Always(PathSketch known) =>
        string.Create(CultureInfo.InvariantCulture, $"{NameOf(known.Types)}, each of {known.Seen} times");

    /// <summary>For a person: <c>text or number</c> is stored as <c>text, number</c>.</summary>
    private static string NameOf(ShapeTypes types) => types.ToString().ToLowerInvariant();
}
