using CrmGrains.Core.Events;
using CrmGrains.Intake.Payloads;

namespace CrmGrains.Intake.Sources;

/// <summary>The other side of a call.</summary>
internal static class Caller
{
    /// <summary>
    /// The person by their phone. A caller without a number that could be called back (<c>anonymous</c>, a SIP address, an extension) is
    /// no fault: the call took place, and its data has what the vendor wrote.
    /// </summary>
    public static ContactFacts Of(Reading reading, string phonePath, string? namePath = null) => new()
    {
        Phone = reading.Payload.Line(phonePath, FactReader.MaxNameLength) is { } text && PhoneNumber.TryNormalize(text, out _)
            ? reading.Facts.Phone(phonePath)
            : null,
        FullName = reading.Payload.Line(namePath, FactReader.MaxNameLength),
    };
}
