using System.Collections.Frozen;
using System.Text.Json;
using CrmGrains.Core.Events;
using CrmGrains.Intake.Payloads;

namespace CrmGrains.Intake.Sources.HighLevel;

/// <summary>
/// HighLevel's webhooks: events of an app about contacts, opportunities and appointments, signed with Ed25519 and named by <c>webhookId</c>; and
/// what a workflow's webhook action sends after a form, which isn't signed and belongs to a source of its own with a key. HighLevel asks up to
/// twelve times more, and pauses a hook of which less than 90 % succeeds.
/// </summary>
internal sealed class HighLevelEvents : SourceFormat
{
    private const string Vendor = "highlevel";
    private const string Failed = "automation.failed";

    // What says whose the event is, and nothing about the record.
    private static readonly FrozenSet<string> Envelope =
        FrozenSet.Create(StringComparer.Ordinal, "type", "locationId", "companyId", "appId", "versionId", "webhookId", "timestamp");

    private static readonly FrozenDictionary<string, (string Object, string Change)> Records = new Dictionary<string, (string, string)>
    {
        ["ContactCreate"] = ("contact", "created"), ["ContactUpdate"] = ("contact", "updated"), ["ContactDelete"] = ("contact", "deleted"),
        ["ContactTagUpdate"] = ("contact", "updated"), ["ContactDndUpdate"] = ("contact", "updated"),
        ["OpportunityCreate"] = ("deal", "created"), ["OpportunityUpdate"] = ("deal", "updated"), ["OpportunityDelete"] = ("deal", "deleted"),
        ["OpportunityStageUpdate"] = ("deal", "updated"), ["OpportunityStatusUpdate"] = ("deal", "updated"),
        ["OpportunityAssignedToUpdate"] = ("deal", "updated"), ["OpportunityMonetaryValueUpdate"] = ("deal", "updated"),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public override string Name => Vendor;

    public override string Scheme => "ed25519";

    public override IReadOnlyList<string> EventTypes { get; } =
        [EventType.LeadSubmitted, HighLevelBooking.Created, HighLevelBooking.Rescheduled, HighLevelBooking.Canceled, CrmRecord.Changed, Failed];

    public override FormatWords Words => FormatWords.Map;

    public override bool HasDeliveryId => true;

    public override string? DeliveryId(Signatures.SignedRequest request) => Sources.DeliveryId.At(request.Body.Span, "webhookId");

    private protected override IEnumerable<Normalized> Read(Reading reading)
    {
        yield return ReadOne(reading);
    }

    private static Normalized ReadOne(Reading reading)
    {
        var payload = reading.Payload;
        if (payload.Find("workflow") is { ValueKind: JsonValueKind.Object } && payload.Find("contact_id") is not null)
            return HighLevelForm.Read(reading);
        // Its invoices come without a type, under another name for the location.
        if (payload.Find("type") is null && payload.Find("altId") is not null)
            return new Normalized.Ignored("HighLevel's invoices are not taken.");
        var type = payload.Required("type", payload.Line("type", FactReader.MaxIdLength));
        if (type is null)
            return new Normalized.Rejected(payload.Faults);
        if (Records.TryGetValue(type, out var known))
            return ReadRecord(reading, known.Object, known.Change);
        return type switch
        {
            "AppointmentCreate" or "AppointmentUpdate" or "AppointmentDelete" => HighLevelBooking.Read(reading, type),
            "UNINSTALL" => ReadUninstall(reading),
            _ => new Normalized.Ignored($"HighLevel's {type} is not taken."),
        };
    }

    /// <summary>When it happened; where only the record says a time, it speaks of something else.</summary>
    public static DateTimeOffset OccurredAt(Reading reading) =>
        reading.Payload.Happened("timestamp", orEpoch: true) ?? reading.Delivery.ReceivedAt;

    /// <summary>The sub-account, as the first part of each key.</summary>
    public static string Account(PayloadReader payload) => $"{Vendor}:{KeyPart.Of(payload.Line("locationId", FactReader.MaxIdLength))}";

    // Whether a stage moved is told twice, as two events; a state that is told twice changes nothing, and what came between may.
    private static string KeyOf(Reading reading) =>
        $"{Account(reading.Payload)}:{(reading.Payload.Line("webhookId", FactReader.MaxIdLength) is { } id ? KeyPart.Of(id) : KeyPart.Hash(reading.Root.GetRawText()))}";

    private static Normalized ReadRecord(Reading reading, string kind, string change)
    {
        var payload = reading.Payload;
        var id = payload.Required("id", payload.Line("id", FactReader.MaxIdLength));
        var isContact = kind == "contact";
        var contact = new ContactFacts
        {
            Email = isContact ? OnRecord.Email(reading, "email") : null,
            Phone = isContact ? OnRecord.Phone(reading, "phone") : null,
            FullName = isContact ? OnRecord.Name(payload, "name", "firstName", "lastName") : null,
            ExternalIds = OnRecord.Ids(Vendor, isContact ? id : OnRecord.Line(payload, "contactId")),
        };
        var company = isContact ? OnRecord.Line(payload, "companyName") : null;
        return reading.Event(CrmRecord.Changed, id, OccurredAt(reading), KeyOf(reading), new EventFacts
        {
            Contact = contact,
            Company = company is null ? null : new CompanyFacts { Name = company },
            // HighLevel doesn't say in which currency.
            Deal = isContact ? null : new DealFacts { ExternalId = id },
            Data = new CrmRecord(Vendor, kind, id, change) { Fields = Fields(reading.Root) }.ToData(),
        });
    }

    private static JsonElement? Fields(JsonElement root)
    {
        var fields = new RecordFields();
        foreach (var field in root.EnumerateObject().Where(field => !Envelope.Contains(field.Name)))
            fields.Add(field.Name, field.Value);
        return fields.ToJson();
    }

    // From here on the source is silent, and nobody said why.
    private static Normalized ReadUninstall(Reading reading)
    {
        var payload = reading.Payload;
        var app = payload.Required("appId", payload.Line("appId", FactReader.MaxIdLength));
        return reading.Event(Failed, app, OccurredAt(reading), KeyOf(reading), new EventFacts
        {
            Data = new EventData()
                .Add("automation_id", app)
                .Add("name", "HighLevel app")
                .Add("error", "The app was uninstalled: its webhooks end here. Install it again to go on.")
                .ToJson(),
        });
    }
}
