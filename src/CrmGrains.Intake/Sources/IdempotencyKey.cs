using System.Globalization;
using System.Runtime.CompilerServices;
using CrmGrains.Core.Configuration;
using CrmGrains.Intake.Payloads;

namespace CrmGrains.Intake.Sources;

/// <summary>Names the logical event that a delivery tells of, by the source's template or the format's own.</summary>
internal static class IdempotencyKey
{
    // Most keys fit here; the others borrow.
    private const int OnStack = 256;

    /// <summary>
    /// The key. A name that the event has no value for is a fault: a key without it would take different events for one.
    /// </summary>
    public static string? Of(
        SourceConfiguration source, string defaultTemplate, string? eventType, string? sourceRecordId, string? email, PayloadReader payload)
    {
        var template = (source.IdempotencyKey ?? defaultTemplate).AsSpan();
        var key = new DefaultInterpolatedStringHandler(0, 0, CultureInfo.InvariantCulture, stackalloc char[OnStack]);
        while (template.IndexOf('{') is >= 0 and var open && template[open..].IndexOf('}') is > 0 and var length)
        {
            var name = template.Slice(open + 1, length - 1);
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
                key.Clear();
                return null;
            }
            key.AppendFormatted(template[..open]);
            key.AppendLiteral(value);
            template = template[(open + length + 1)..];
        }
        key.AppendFormatted(template);
        return key.ToStringAndClear();
    }
}
