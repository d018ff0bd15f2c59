using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using CrmGrains.Core.Events;
using CrmGrains.Intake.Payloads;

namespace CrmGrains.Intake.Sources;

/// <summary>
/// HubSpot's webhooks: a list of up to 100 events, each an event of its own. Verified by HubSpot's third scheme, by the first or second for older
/// apps. A list has no id, and each attempt at it counts itself in its body, so it is its events' keys that make a repeat harmless; they are made
/// of the change itself, as HubSpot doesn't promise that its event ids are unique and two subscriptions may tell of one change. Whatever isn't
/// taken within five seconds comes up to ten times more within a day.
/// </summary>
internal sealed class HubSpotEvents : SourceFormat
{
    private const string Vendor = "hubspot";
    private const string Ticket = "support.ticket.created";
    private const string Erasure = "custom.privacy.erasure_requested";

    private const int MaxTypeLength = 100;
    private const int MaxMerged = 100;

    // As long as a property of HubSpot's can be.
    private const int MaxValueLength = 65_536;

    public override string Name => "hubspot";

    public override bool HasDeliveryId => true;

    public override string Scheme => "hubspot_v3";

    public override IReadOnlyList<string> EventTypes { get; } = [CrmRecord.Changed, Ticket, Erasure];

    private protected override bool TryParse(
        RawDelivery delivery, [NotNullWhen(true)] out JsonDocument? document, [NotNullWhen(false)] out Fault? fault) =>
        EventList.TryParse(delivery, out document, out fault);

    private protected override IEnumerable<Normalized> Read(Reading reading) => EventList.Read(reading, ReadOne);

    private static Normalized ReadOne(Reading reading)
    {
        var payload = reading.Payload;
        var typePath = payload.Find("subscriptionType") is null && payload.Find("eventType") is not null ? "eventType" : "subscriptionType";
        var type = payload.Required(typePath, payload.Line(typePath, MaxTypeLength));
        if (type is null)
            return new Normalized.Rejected(payload.Faults);
        var dot = type.IndexOf('.', StringComparison.Ordinal);
        var verb = type[(dot + 1)..];
        if (dot <= 0 || type.StartsWith("conversation.", StringComparison.Ordinal) || ChangeOf(verb) is not { } change)
            return new Normalized.Ignored($"HubSpot's {type} is not taken.");

        var kind = type[..dot] == "object" ? ObjectOf(payload.Required("objectTypeId", payload.Line("objectTypeId", MaxTypeLength))) : type[..dot];
        var record = change switch
        {
            "merged" => Merged(payload, kind),
            "associated" => Associated(payload, kind),
            _ => new CrmRecord(Vendor, kind, Id(payload, "objectId"), change) { Fields = verb == "propertyChange" ? Property(payload) : null },
        };
        var eventType = verb == "privacyDeletion" ? Erasure : (kind, verb) == ("ticket", "creation") ? Ticket : CrmRecord.Changed;
        var occurredAt = payload.Required("occurredAt", payload.Happened("occurredAt", orEpoch: true));
        var key = KeyOf(payload, verb, record, occurredAt);
        var facts = new EventFacts
        {
            Contact = kind == "contact" ? ContactOf(reading, record) : new ContactFacts(),
            Deal = kind == "deal" && record.Id is { } deal ? new DealFacts { ExternalId = deal } : null,
            Data = eventType == Ticket ? TicketOf(record) : record.ToData(),
        };
        return reading.Event(eventType, record.Id, occurredAt, key, facts);
    }

    private static string? ChangeOf(string verb) => verb switch
    {
        "creation" => "created",
        "deletion" or "privacyDeletion" => "deleted",
        "propertyChange" => "updated",
        "merge" => "merged",
        "restore" => "restored",
        "associationChange" => "associated",
        _ => null,
    };

    // Objects that HubSpot has no plain name for keep their number.
    private static string ObjectOf(string? objectTypeId) => objectTypeId switch
    {
        "0-1" => "contact",
        "0-2" => "company",
        "0-3" => "deal",
        "0-5" => "ticket",
        "0-7" => "product",
        "0-8" => "line_item",
        null => "",
        _ => objectTypeId,
    };

    private static string? Id(PayloadReader payload, string path) => payload.Required(path, payload.Line(path, FactReader.MaxIdLength));

    // A merge ends the records that went into it, and the first one of them too where it made a new one.
    private static CrmRecord Merged(PayloadReader payload, string kind)
    {
        var primary = payload.Line("primaryObjectId", FactReader.MaxIdLength);
        var into = payload.Line("newObjectId", FactReader.MaxIdLength) ?? primary ?? Id(payload, "objectId");
        var count = payload.Find("mergedObjectIds") is { ValueKind: JsonValueKind.Array } list ? list.GetArrayLength() : 0;
        if (count > MaxMerged)
            payload.Add("mergedObjectIds", "list_too_long", $"It has more than {MaxMerged} entries: merge fewer at once.");
        var ended = Enumerable.Range(0, Math.Min(count, MaxMerged))
            .Select(index => payload.Line(string.Create(CultureInfo.InvariantCulture, $"mergedObjectIds.{index}"), FactReader.MaxIdLength))
            .Append(primary)
            .OfType<string>()
            .Where(id => id != into)
            .Distinct(StringComparer.Ordinal)
            .ToList();
        if (ended.Count == 0)
            payload.Required("mergedObjectIds", (string?)null);
        return new CrmRecord(Vendor, kind, into, "merged") { MergedInto = into, MergedIds = ended };
    }

    private static CrmRecord Associated(PayloadReader payload, string kind)
    {
        var fields = new RecordFields()
            .Add("association_type", payload.Required("associationType", payload.Line("associationType", FactReader.MaxIdLength)))
            .Add("to_object_id", Id(payload, "toObjectId"))
            .Add("removed", payload.Flag("associationRemoved") == true);
        return new CrmRecord(Vendor, kind, Id(payload, "fromObjectId"), "associated") { Fields = fields.ToJson() };
    }

    private static JsonElement? Property(PayloadReader payload)
    {
        var name = payload.Required("propertyName", payload.Line("propertyName", FactReader.MaxIdLength));
        return name is null ? null : new RecordFields().Add(name, payload.Lines("propertyValue", MaxValueLength)).ToJson();
    }

    private static ContactFacts ContactOf(Reading reading, CrmRecord record)
    {
        var property = record.Change == "updated" ? reading.Payload.Line("propertyName", FactReader.MaxIdLength) : null;
        return new ContactFacts
        {
            Email = property == "email" ? OnRecord.Email(reading, "propertyValue") : null,
            Phone = property == "phone" ? OnRecord.Phone(reading, "propertyValue") : null,
            ExternalIds = OnRecord.Ids(Vendor, record.Id),
        };
    }

    // HubSpot tells of a new ticket and not what it says.
    private static JsonElement TicketOf(CrmRecord record) => new EventData()
        .Add("ticket_id", record.Id)
        .Add("subject", $"HubSpot ticket {record.Id}")
        .Add("channel", Vendor)
        .ToJson();

    private static string KeyOf(PayloadReader payload, string verb, CrmRecord record, DateTimeOffset? occurredAt)
    {
        var portal = payload.Required("portalId", payload.Line("portalId", FactReader.MaxIdLength));
        var at = (occurredAt?.ToUnixTimeMilliseconds() ?? 0).ToString(CultureInfo.InvariantCulture);
        var what = verb switch
        {
            "propertyChange" => $":{KeyPart.Of(payload.Line("propertyName", FactReader.MaxIdLength))}:{KeyPart.Hash(payload.Lines("propertyValue", MaxValueLength) ?? "")}",
            "associationChange" => $":{KeyPart.Hash(record.Fields?.GetRawText() ?? "")}",
            "merge" => $":{KeyPart.Hash(string.Join(' ', record.MergedIds ?? []))}",
            _ => "",
        };
        return $"{Vendor}:{KeyPart.Of(portal)}:{KeyPart.Of(record.Object)}:{verb}:{KeyPart.Of(record.Id)}:{at}{what}";
    }
}
