using System.Globalization;
using System.Text.Json;
using CrmGrains.Core.Events;
using CrmGrains.Intake.Payloads;

namespace CrmGrains.Intake.Sources;

/// <summary>
/// Pipedrive's webhooks of version 2: what happened in <c>meta</c>, the record as it is now in <c>data</c>, what it was before in
/// <c>previous</c>. Not signed: verified by a name and a password. Its delivery id is <c>meta.id</c>. It asks three times more within three
/// minutes, bans a hook for half an hour after ten failures, and what happens meanwhile is lost.
/// </summary>
internal sealed class PipedriveEvents : SourceFormat
{
    private const string Vendor = "pipedrive";
    private const int MostAddresses = 20;

    public override string Name => Vendor;

    public override string Scheme => "basic";

    public override IReadOnlyList<string> EventTypes { get; } = [CrmRecord.Changed];

    public override bool HasDeliveryId => true;

    public override string? DeliveryId(Signatures.SignedRequest request) => Sources.DeliveryId.At(request.Body.Span, "meta.id");

    private protected override IEnumerable<Normalized> Read(Reading reading)
    {
        yield return ReadOne(reading);
    }

    private static Normalized ReadOne(Reading reading)
    {
        var payload = reading.Payload;
        if (OnRecord.Line(payload, "meta.version")?.StartsWith('2') != true)
        {
            return new Normalized.Rejected(new Fault(
                "meta.version", "version_unknown", "It is no webhook of version 2.0: make the webhook anew with version 2.0."));
        }
        var action = payload.Required("meta.action", payload.Line("meta.action", FactReader.MaxIdLength));
        var entity = payload.Required("meta.entity", payload.Line("meta.entity", FactReader.MaxIdLength));
        if (action is null || entity is null)
            return new Normalized.Rejected(payload.Faults);
        if (ObjectOf(entity) is not { } kind || ChangeOf(action) is not { } change)
            return new Normalized.Ignored($"Pipedrive's {action}.{entity} is not taken.");

        var deliveryId = payload.Required("meta.id", payload.Line("meta.id", FactReader.MaxIdLength));
        var id = payload.Required("meta.entity_id", payload.Line("meta.entity_id", FactReader.MaxIdLength));
        var occurredAt = payload.Required("meta.timestamp", payload.Happened("meta.timestamp", orEpoch: true));
        // What is deleted has no state any more; what it was tells whom it was about.
        var state = payload.Find("data") is { ValueKind: JsonValueKind.Object } ? "data" : "previous";
        var record = Merge(payload, kind, id) ?? new CrmRecord(Vendor, kind, id, change) { Fields = Fields(payload, change) };
        var account = payload.Line("meta.company_id", FactReader.MaxIdLength);
        return reading.Event(CrmRecord.Changed, record.Id, occurredAt, KeyOf(record, account, deliveryId), new EventFacts
        {
            CorrelationId = payload.Line("meta.correlation_id", FactReader.MaxIdLength),
            Contact = Contact(reading, kind, record.Id, state),
            Company = kind == "company" && OnRecord.Line(payload, $"{state}.name") is { } name ? new CompanyFacts { Name = name } : null,
            Deal = kind == "deal" ? Deal(payload, record.Id, state) : null,
            Data = record.ToData(),
        });
    }

    private static string? ObjectOf(string entity) => entity switch
    {
        "person" => "contact",
        "organization" => "company",
        "deal" or "lead" or "activity" or "note" or "product" => entity,
        _ => null,
    };

    private static string? ChangeOf(string action) => action switch
    {
        "create" => "created",
        "change" => "updated",
        "delete" => "deleted",
        _ => null,
    };

    // Two webhooks tell of a merge: that one record is gone, and that the other one took it in.
    private static CrmRecord? Merge(PayloadReader payload, string kind, string? id)
    {
        var into = First(payload, "merged_to_id");
        var from = First(payload, "merged_from_id");
        if (into is null && from is null)
            return null;
        return new CrmRecord(Vendor, kind, into ?? id, "merged") { MergedInto = into ?? id, MergedIds = [from ?? id ?? ""] };
    }

    private static string? First(PayloadReader payload, string field) =>
        OnRecord.Line(payload, $"data.{field}") ?? OnRecord.Line(payload, $"meta.{field}") ?? OnRecord.Line(payload, $"previous.{field}");

    private static string KeyOf(CrmRecord record, string? account, string? deliveryId) => record.Change == "merged"
        ? $"{Vendor}:{KeyPart.Of(account)}:{record.Object}:merge:{KeyPart.Of(record.MergedIds?[0])}:{KeyPart.Of(record.MergedInto)}"
        : $"{Vendor}:{KeyPart.Of(account)}:{KeyPart.Of(deliveryId)}";

    private static ContactFacts Contact(Reading reading, string kind, string? id, string state)
    {
        var payload = reading.Payload;
        if (kind != "contact")
            return new ContactFacts { ExternalIds = OnRecord.Ids(Vendor, OnRecord.Line(payload, $"{state}.person_id")) };
        return new ContactFacts
        {
            Email = OnRecord.Email(reading, Primary(payload, $"{state}.emails")),
            Phone = OnRecord.Phone(reading, Primary(payload, $"{state}.phones")),
            FullName = OnRecord.Name(payload, $"{state}.name", $"{state}.first_name", $"{state}.last_name"),
            ExternalIds = OnRecord.Ids(Vendor, id),
        };
    }

    private static string Primary(PayloadReader payload, string listPath)
    {
        var count = payload.Find(listPath) is { ValueKind: JsonValueKind.Array } list ? Math.Min(list.GetArrayLength(), MostAddresses) : 0;
        var index = Math.Max(0, Enumerable.Range(0, count).ToList().FindIndex(i => payload.Find(At(i, "primary"))?.ValueKind == JsonValueKind.True));
        return At(index, "value");

        string At(int i, string field) => string.Create(CultureInfo.InvariantCulture, $"{listPath}.{i}.{field}");
    }

    private static DealFacts Deal(PayloadReader payload, string? id, string state)
    {
        var currency = OnRecord.Currency(payload, $"{state}.currency");
        return new DealFacts { ExternalId = id, Amount = currency is null ? null : OnRecord.Amount(payload, $"{state}.value"), Currency = currency };
    }

    // A new record's fields are all new; of a changed one, those that were otherwise before.
    private static JsonElement? Fields(PayloadReader payload, string change)
    {
        if (payload.Find(change == "updated" ? "previous" : "data") is not { ValueKind: JsonValueKind.Object } changed)
            return null;
        var now = payload.Find("data");
        var fields = new RecordFields();
        foreach (var field in changed.EnumerateObject())
        {
            if (field is { Name: "custom_fields", Value.ValueKind: JsonValueKind.Object })
                AddCustom(fields, field.Value, ValueOf(now, field.Name));
            else
                fields.Add(field.Name, ValueOf(now, field.Name));
        }
        return fields.ToJson();
    }

    // Fields of the business's own: by their hashes, each value wrapped with its type.
    private static void AddCustom(RecordFields fields, JsonElement changed, JsonElement? now)
    {
        foreach (var field in changed.EnumerateObject())
        {
            var value = ValueOf(now, field.Name);
            fields.Add(field.Name, value is { ValueKind: JsonValueKind.Object } wrapped && wrapped.TryGetProperty("value", out var inner) ? inner : value);
        }
    }

    private static JsonElement? ValueOf(JsonElement? from, string name) =>
        from is { ValueKind: JsonValueKind.Object } whole && whole.TryGetProperty(name, out var value) ? value : null;
}
