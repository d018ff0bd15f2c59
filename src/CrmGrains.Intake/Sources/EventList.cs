using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using CrmGrains.Core.Events;
using CrmGrains.Intake.Payloads;

namespace CrmGrains.Intake.Sources;

/// <summary>A delivery of one event as an object, or of several as a list.</summary>
internal static class EventList
{
    /// <summary>The payload, where it is one of both.</summary>
    public static bool TryParse(RawDelivery delivery, [NotNullWhen(true)] out JsonDocument? document, [NotNullWhen(false)] out Fault? fault)
    {
        if (!delivery.TryTake(out document, out fault))
            return false;
        if (document.RootElement.ValueKind is JsonValueKind.Object or JsonValueKind.Array)
            return true;
        document.Dispose();
        (document, fault) = (null, new Fault("$", "not_an_object", "The body is no JSON object and no list of them: send events as objects."));
        return false;
    }

    /// <summary>Reads each event by itself: what is wrong with one is nothing to the others.</summary>
    public static IEnumerable<Normalized> Read(Reading reading, Func<Reading, Normalized> one)
    {
        if (reading.Root.ValueKind == JsonValueKind.Object)
        {
            yield return one(reading);
            yield break;
        }

        foreach (var item in reading.Root.EnumerateArray())
        {
            yield return item.ValueKind == JsonValueKind.Object
                ? one(reading.Of(item))
                : new Normalized.Rejected(new Fault("$", "not_an_object", "An event of the list is no JSON object: send events as objects."));
        }
    }
}
