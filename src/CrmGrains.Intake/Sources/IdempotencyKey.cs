using System.Text;
using CrmGrains.Core.Configuration;
using CrmGrains.Intake.Payloads;

namespace CrmGrains.Intake.Sources;

/// <summary>Names the logical event that a delivery tells of, by the source's template or the format's own.</summary>
internal static class IdempotencyKey
{
    /// <summary>
    /// The key. A name that the event has no value for is a fault: a key without it would take different events for one.
    /// </summary>
    public static string? Of(
        SourceConfiguration source, string defaultTemplate, string? eventType, string? sourceRecordId, string? email, PayloadReader payload)
    {
        var template = (source.IdempotencyKey ?? defaultTemplate).AsSpan();
        var key = new StringBuilder();
        while (template.IndexOf('{') is >= 0 and var open && template[open..].IndexOf('}') is > 0 and var length)
        {
            var name = template.Slice(open + 1, length - 1).ToString();
            var value = name switch
            {
                "source" => source.Name,
                "source_system" => source.System,
                "source_record_id" => sourceRecordId,
                "event_type" => eventType,
                "email" => email,
                _ => null,
            };
            if (value is null)
            {
                // Where something else is wrong too, that is the reason, and it is named by its own path.
                if (payload.Faults.Count == 0)
                {
                    payload.Add(
                        "$", "idempotency_key_incomplete", $"The event's key needs its {name}: send it, or change the source's key.");
                }
                return null;
            }
            key.Append(template[..open]).Append(value);
            template = template[(open + length + 1)..];
        }
        return key.Append(template).ToString();
    }
}
