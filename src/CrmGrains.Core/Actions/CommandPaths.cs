using System.Globalization;
using System.Text.Json;
using CrmGrains.Core.Commands;
using CrmGrains.Core.Json;

namespace CrmGrains.Core.Actions;

/// <summary>A command as texts by path, for people: what is proposed, and what a change changes.</summary>
public static class CommandPaths
{
    /// <summary>Every value of the command, in its own order.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> Of(CrmCommand command)
    {
        var paths = new List<KeyValuePair<string, string>>();
        Add(paths, "", JsonSerializer.SerializeToElement(command, CoreJson.Default.CrmCommand));
        return paths;
    }

    /// <summary>What one command says otherwise than the other: the path, and both texts where there are any.</summary>
    public static IReadOnlyList<ChangedPath> Changed(CrmCommand before, CrmCommand after)
    {
        var (old, now) = (Of(before).ToDictionary(StringComparer.Ordinal), Of(after).ToDictionary(StringComparer.Ordinal));
        return
        [
            .. from path in now.Keys.Union(old.Keys, StringComparer.Ordinal)
               let was = old.GetValueOrDefault(path)
               let isNow = now.GetValueOrDefault(path)
               where !string.Equals(was, isNow, StringComparison.Ordinal)
               select new ChangedPath(path, was, isNow),
        ];
    }

    private static void Add(List<KeyValuePair<string, string>> paths, string path, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var member in value.EnumerateObject())
                    Add(paths, path.Length == 0 ? member.Name : $"{path}.{member.Name}", member.Value);
                break;
            case JsonValueKind.Array:
                foreach (var (place, item) in value.EnumerateArray().Index())
                    Add(paths, string.Create(CultureInfo.InvariantCulture, $"{path}[{place}]"), item);
                break;
            case JsonValueKind.Null:
                break;
            default:
                paths.Add(new(path, value.ValueKind == JsonValueKind.String ? value.GetString() ?? "" : value.GetRawText()));
                break;
        }
    }
}

/// <summary>A value of a command that a person changed.</summary>
/// <param name="Path">Where.</param>
/// <param name="Was">Before; null where there was none.</param>
/// <param name="IsNow">After; null where it was taken away.</param>
public sealed record ChangedPath(string Path, string? Was, string? IsNow);
