using System.Globalization;
using System.Text.Json;

namespace CrmGrains.Intake.Payloads;

/// <summary>Dotted paths into a payload, <c>data.items.0.id</c>: names of objects, numbers in arrays.</summary>
internal static class PayloadPath
{
    /// <summary>What stands at a path; nothing where it leads nowhere or to a JSON null.</summary>
    public static JsonElement? Find(JsonElement root, ReadOnlySpan<char> path)
    {
        var at = root;
        foreach (var range in path.Split('.'))
        {
            if (!TryStep(at, path[range], out at))
                return null;
        }
        return at.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined ? null : at;
    }

    private static bool TryStep(JsonElement from, ReadOnlySpan<char> step, out JsonElement to)
    {
        to = default;
        switch (from.ValueKind)
        {
            case JsonValueKind.Object:
                return from.TryGetProperty(step, out to);
            case JsonValueKind.Array when int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out var index)
                && index < from.GetArrayLength():
                to = from[index];
                return true;
            default:
                return false;
        }
    }
}
