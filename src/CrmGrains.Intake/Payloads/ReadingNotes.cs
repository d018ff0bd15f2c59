using System.Globalization;
using System.Text.Json;

namespace CrmGrains.Intake.Payloads;

/// <summary>What was read of a payload, and how, in order; collected only where somebody wants to see it.</summary>
internal sealed class ReadingNotes
{
    private const string InstantFormat = "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz";

    private readonly List<(string Path, string How, string Value)> _notes = [];

    public IReadOnlyList<(string Path, string How, string Value)> All => _notes;

    public void Add<T>(string path, string how, T value) => _notes.Add((path, how, value switch
    {
        bool flag => flag ? "true" : "false",
        DateTimeOffset instant => instant.ToString(InstantFormat, CultureInfo.InvariantCulture),
        IEnumerable<string> names => string.Join('\n', names),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    }));

    /// <summary>The values of a document by their paths; a list of texts is one value, as a note of it is.</summary>
    public static IEnumerable<(string Path, string Value)> Values(JsonElement element, string path = "")
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                return element.EnumerateObject().SelectMany(one => Values(one.Value, path.Length == 0 ? one.Name : $"{path}.{one.Name}"));
            case JsonValueKind.Array when element.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String):
                return [(path, string.Join('\n', element.EnumerateArray().Select(item => item.GetString())))];
            case JsonValueKind.Array:
                return element.EnumerateArray().SelectMany((item, index) => Values(item, string.Create(CultureInfo.InvariantCulture, $"{path}.{index}")));
            case JsonValueKind.Null or JsonValueKind.Undefined:
                return [];
            case JsonValueKind.String:
                return [(path, element.GetString() ?? "")];
            default:
                return [(path, element.GetRawText())];
        }
    }
}
