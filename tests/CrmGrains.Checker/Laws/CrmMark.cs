using System.Net;

namespace CrmGrains.Checker;

/// <summary>The mark that notes and tasks carry on their last line: what they were made once for.</summary>
/// <param name="Key">The whole effect key.</param>
/// <param name="Cause">An event's id, or the turn of a grain that no event stands behind.</param>
/// <param name="Object">As the key names it.</param>
/// <param name="Operation">As the key names it.</param>
internal sealed record CrmMark(string Key, string Cause, string Object, string Operation)
{
    private const string Label = "CrmGrains ref: ";

    /// <summary>The mark of a record; null where it has none. Only the last one counts: a customer's words may look like one.</summary>
    public static CrmMark? Of(CrmRecord record)
    {
        var text = WebUtility.HtmlDecode(record["hs_note_body"] ?? record["hs_task_body"] ?? "");
        var at = text.LastIndexOf(Label, StringComparison.Ordinal);
        return at < 0 ? null : Read(text[(at + Label.Length)..].Split('<', 2)[0].Trim());
    }

    // cause/step/object/operation; a cause may have slashes of its own.
    private static CrmMark Read(string key)
    {
        var parts = key.Split('/');
        return parts.Length < 4
            ? new CrmMark(key, key, "", "")
            : new CrmMark(key, string.Join('/', parts[..^3]), parts[^2], parts[^1]);
    }
}
