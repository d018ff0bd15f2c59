using System.Text.Json;
using CrmGrains.Core.Events;
using CrmGrains.Intake.Payloads;
using CrmGrains.Intake.Sources.Forms;

namespace CrmGrains.Intake.Sources.Airtable;

/// <summary>What the records of one payload have in common; without a fault.</summary>
/// <param name="Number">The payload's place in the webhook's list.</param>
/// <param name="Base">The number of the transaction in the base, where Airtable says it.</param>
/// <param name="IsWrittenOverApi">Perhaps by us.</param>
internal sealed record AirtableTransaction(string? BaseId, string? Webhook, int? Number, int? Base, DateTimeOffset? At, bool IsWrittenOverApi)
{
    // Two webhooks may tell of one transaction of a base.
    public string Name => Base is { } number ? $"{BaseId}:{number}" : $"{Webhook}:p{Number}";
}

/// <summary>What a transaction did to a record.</summary>
/// <param name="Table">Its id, or whatever was sent as one.</param>
/// <param name="Id">Of the record.</param>
/// <param name="Change"><c>created</c>, <c>changed</c> or <c>destroyed</c>.</param>
/// <param name="Value">The change as it stands in the payload.</param>
internal sealed record AirtableRecord(string Table, string Id, string Change, JsonElement Value)
{
    private const string RecordChanged = "crm.record.changed";

    // Where the cells stand, the newest first: of a changed record the rest comes along if the webhook was made so.
    private static readonly string[] CellPaths = ["cellValuesByFieldId", "current.cellValuesByFieldId", "unchanged.cellValuesByFieldId"];

    /// <summary>The event that it is.</summary>
    public Normalized Read(Reading delivery, AirtableTransaction transaction)
    {
        var reading = delivery.Of(Value);
        var payload = reading.Payload;
        if (!AirtableEvents.IsId(Table) || !AirtableEvents.IsId(Id))
        {
            payload.Add("payload.changedTablesById", "id_invalid", "A table or record has no id of Airtable's: send letters and digits only.");
            return new Normalized.Rejected(payload.Faults);
        }

        var types = delivery.Source.EventTypes;
        var named = types.GetValueOrDefault($"{Table}.{Change}") ?? types.GetValueOrDefault(Change);
        if (named is null && transaction.IsWrittenOverApi)
            return new Normalized.Ignored("It was written over the API, perhaps by us. Name its type in event_types to take it.");

        // A record's change is one event, whichever webhook tells of it; a brace can't be in any of it.
        var key = $"{{source}}:{{event_type}}:{transaction.Name}:{Table}:{{source_record_id}}:{Change}";
        return (named ?? RecordChanged) == RecordChanged
            ? ReadChange(reading, transaction, key)
            : ReadLead(reading, transaction, key, named ?? RecordChanged);
    }

    private Normalized ReadChange(Reading reading, AirtableTransaction transaction, string key)
    {
        var (payload, facts, map) = (reading.Payload, reading.Facts, reading.Source.Map);
        string? Path(string field) => map.GetValueOrDefault(field) is { } name ? CellPath(payload, name) : null;
        var contact = new ContactFacts
        {
            Email = facts.Email(Path("contact.email"), isRequired: false),
            Phone = facts.Phone(Path("contact.phone")),
            FullName = payload.Line(Path("contact.full_name"), FactReader.MaxNameLength),
        };
        using var data = new EventData();
        data.Add("system", reading.Source.System)
            .Add("object", Table)
            .Add("record_id", Id)
            .Add("change", Change switch { "created" => "created", "destroyed" => "deleted", _ => "updated" })
            .Add("fields", payload.Find(CellPaths[0]) ?? payload.Find(CellPaths[1]));
        return reading.Event(RecordChanged, Id, transaction.At, key, new EventFacts { Contact = contact, Data = data.ToJson() });
    }

    // A row of a table that people fill in is a form.
    private Normalized ReadLead(Reading reading, AirtableTransaction transaction, string key, string type)
    {
        reading = reading.As(type);
        var answers = new FormAnswers(reading.Payload);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var path in CellPaths)
        {
            foreach (var (field, value) in reading.Payload.Fields(path))
            {
                if (seen.Add(field))
                    answers.Add($"{path}.{field}", field, Shown(value));
            }
        }

        var form = new FormSubmission(Id, transaction.At, transaction.BaseId, Table, answers);
        return form.Read(reading, key);
    }

    private static string CellPath(PayloadReader payload, string field)
    {
        foreach (var path in CellPaths)
        {
            if (payload.Find($"{path}.{field}") is { } value)
            {
                payload.Place($"{path}.{field}", Shown(value));
                return $"{path}.{field}";
            }
        }

        return field;
    }

    // A selected option is known by its name.
    private static JsonElement Shown(JsonElement value) => value.ValueKind == JsonValueKind.Object && value.TryGetProperty("name", out var name) ? name : value;
}
