using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace CrmGrains.Host.Commands;

/// <summary>Replays as a person reads them.</summary>
internal static class ReplayText
{
    /// <summary>One line: its state, how far it is, what became of it.</summary>
    public static string Of(JsonElement replay)
    {
        var outcomes = string.Join(", ", replay.GetProperty("outcomes").EnumerateObject().Select(outcome => $"{outcome.Value} {outcome.Name}"));
        return $"Replay {replay.GetProperty("id")} is {replay.GetProperty("state").GetString()}: {replay.GetProperty("sent")} of {replay.GetProperty("total")} sent, "
            + $"{replay.GetProperty("handled")} handled{(outcomes.Length == 0 ? "" : $" ({outcomes})")}; asked for by {replay.GetProperty("requested_by").GetString()} "
            + $"at {replay.GetProperty("requested_at").GetString()}.";
    }

    /// <summary>What it would do.</summary>
    public static string OfPreview(JsonElement preview)
    {
        var text = new StringBuilder();
        text.AppendLine($"{preview.GetProperty("deliveries")} deliveries{(preview.GetProperty("is_counted").GetBoolean() ? "" : " and more")}:");
        foreach (var group in preview.GetProperty("groups").EnumerateArray())
        {
            var type = group.GetProperty("type").GetString();
            text.AppendLine($"{group.GetProperty("deliveries"),10}  {group.GetProperty("source").GetString()}  {(string.IsNullOrEmpty(type) ? "(no event)" : type)}");
        }

        text.AppendLine($"The first {preview.GetProperty("tried")} were tried out: "
            + string.Join(", ", preview.GetProperty("outcomes").EnumerateObject().Select(outcome => $"{outcome.Value} {outcome.Name}")) + ".");
        foreach (var change in preview.GetProperty("changes").EnumerateArray())
        {
            text.AppendLine($"  {change.GetProperty("event_id").GetString()}  {change.GetProperty("outcome").GetString()}"
                + (change.TryGetProperty("is_new", out _) ? "; a new event" : "")
                + Names(change, "differs", "; reads another way: ")
                + Names(change, "changed", "; changes ")
                + Names(change, "stale", "; stale ")
                + Names(change, "new_commands", "; new commands "));
        }

        if (preview.GetProperty("changes").GetArrayLength() == 0)
            text.AppendLine("  None of them would change anything.");
        return text.ToString().TrimEnd();
    }

    private static string Names(JsonElement change, string name, string before) =>
        change.TryGetProperty(name, out var names) ? before + string.Join(", ", names.EnumerateArray().Select(item => item.GetString())) : "";
}

[JsonSerializable(typeof(JsonObject))]
internal sealed partial class TextJson : JsonSerializerContext;
