using System.Text.Json;
using CrmGrains.Intake.Payloads;

namespace CrmGrains.Intake.Drift;

/// <summary>
/// Looks at the mapped fields of a payload and at nothing else: a few look-ups for each delivery. It may suspect where nothing is wrong,
/// which costs a comparison; what it lets pass has lost nothing.
/// </summary>
internal sealed class DriftGuard
{
    private readonly List<Field> _fields = [];

    /// <param name="usual">What was learned.</param>
    /// <param name="mapped">What the map reads.</param>
    /// <param name="learnFrom">How often a path must have been seen.</param>
    public DriftGuard(Sketch usual, MappedPaths mapped, int learnFrom)
    {
        foreach (var path in mapped.Paths.SelectMany(WithParents).Distinct(StringComparer.Ordinal))
        {
            var shape = MappedPaths.ShapePathOf(path);
            if (usual.Paths.TryGetValue(shape, out var known))
                _fields.Add(new Field(path, ParentOf(path), known.Types, DriftComparison.IsAlways(usual, shape, known, learnFrom), [.. known.Words]));
        }
    }

    /// <summary>Whether every mapped field is as usual.</summary>
    public bool Fits(JsonElement root)
    {
        foreach (var field in _fields)
        {
            if (PayloadPath.Find(root, field.Path) is not { } value)
            {
                if (field.IsAlways && (field.Parent is null || PayloadPath.Find(root, field.Parent) is not null))
                    return false;
            }
            else if (!field.Types.HasFlag(ShapeReader.TypeOf(value.ValueKind))
                || (field.Words.Length > 0 && value.ValueKind == JsonValueKind.String && !Array.Exists(field.Words, word => value.ValueEquals(word))))
            {
                return false;
            }
        }

        return true;
    }

    private static IEnumerable<string> WithParents(string path)
    {
        for (string? at = path; at is not null; at = ParentOf(at))
            yield return at;
    }

    private static string? ParentOf(string path) => path.LastIndexOf('.') is > 0 and var dot ? path[..dot] : null;

    private sealed record Field(string Path, string? Parent, ShapeTypes Types, bool IsAlways, string[] Words);
}
