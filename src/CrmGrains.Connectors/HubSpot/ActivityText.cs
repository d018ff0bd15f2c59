using System.Net;
using CrmGrains.Core.Commands;

namespace CrmGrains.Connectors.HubSpot;

/// <summary>
/// The bodies of notes and tasks: HTML, with the effect key on a last line that people see too, because HubSpot removes what they don't.
/// By it an activity is found again, since HubSpot keeps no key of ours with activities.
/// </summary>
internal static class ActivityText
{
    private const string Marker = "CrmGrains ref: ";

    // HubSpot takes 65,536 characters.
    private const int MostCharacters = 60_000;

    /// <summary>A note's body: its title, a line for each label, the marker.</summary>
    public static string Of(CrmCommand.WriteNote note, string effectKey) =>
        Marked(
            [$"<strong>{Escaped(note.Title)}</strong>", .. note.Lines.Select(line => $"{Escaped(line.Label)}: {Escaped(line.Text)}")],
            effectKey);

    /// <summary>A task's body: what to do, the marker.</summary>
    public static string Of(CrmCommand.CreateTask task, string effectKey) =>
        Marked(task.Body.ReplaceLineEndings("\n").Split('\n').Select(Escaped), effectKey);

    /// <summary>Whether a body has this effect's marker, and not that of one whose key only begins like it.</summary>
    public static bool IsOf(string? body, string effectKey)
    {
        // Only the last marker counts: what a customer wrote comes before it, and might be made to look like one.
        var text = WebUtility.HtmlDecode(body ?? "");
        var at = text.LastIndexOf(Marker, StringComparison.Ordinal);
        var end = at + Marker.Length + effectKey.Length;
        return at >= 0
            && text.AsSpan(at + Marker.Length).StartsWith(effectKey, StringComparison.Ordinal)
            && (end == text.Length || text[end] == '<' || char.IsWhiteSpace(text[end]));
    }

    private static string Marked(IEnumerable<string> lines, string effectKey)
    {
        // A line is left out whole where there is no room, since half of one may be half of an escaped character.
        var (kept, room) = (new List<string>(), MostCharacters);
        foreach (var line in lines)
        {
            room -= line.Length + 7;
            if (room < 0)
            {
                kept.Add("<p>…</p>");
                break;
            }

            kept.Add($"<p>{line}</p>");
        }

        return $"{string.Concat(kept)}<p>{Marker}{Escaped(effectKey)}</p>";
    }

    private static string Escaped(string text) => text
        .Replace("&", "&amp;", StringComparison.Ordinal)
        .Replace("<", "&lt;", StringComparison.Ordinal)
        .Replace(">", "&gt;", StringComparison.Ordinal)
        .Replace("\"", "&quot;", StringComparison.Ordinal);
}
