using System.Text.Json;

namespace CrmGrains.Intake.Replays;

/// <summary>In what two normalized forms of one event differ.</summary>
internal static class EventDifference
{
    private const int MostPaths = 100;

    /// <summary>The paths that one of them lacks or that have another value there; none where both say the same.</summary>
    public static IReadOnlyList<string> Paths(JsonElement before, JsonElement after)
    {
        var paths = new List<string>();
        Compare("", before, after, paths);
        return paths;
    }

    // How often it was read is no part of what it says.
    private static bool IsSaid(string path) => path != "revision";

    private static void Compare(string path, JsonElement before, JsonElement after, List<string> paths)
    {
        if (paths.Count >= MostPaths || !IsSaid(path))
            return;
        if (before.ValueKind != JsonValueKind.Object || after.ValueKind != JsonValueKind.Object)
        {
            if (!JsonElement.DeepEquals(before, after))
                paths.Add(path.Length == 0 ? "$" : path);
            return;
        }

        foreach (var property in before.EnumerateObject())
            Compare(Child(path, property.Name), property.Value, after.TryGetProperty(property.Name, out var other) ? other : default, paths);
        foreach (var property in after.EnumerateObject())
        {
            if (!before.TryGetProperty(property.Name, out _))
                Compare(Child(path, property.Name), default, property.Value, paths);
        }
    }

    private static string Child(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";
}
