using System.Text.Json;
using CrmGrains.Core.Events;
using CrmGrains.Intake.Payloads;
using CrmGrains.Intake.Signatures;

namespace CrmGrains.Intake.Sources.Airtable;

/// <summary>
/// Airtable's changes. What it posts is a call only, verified by an HMAC of the body in <c>X-Airtable-Content-MAC</c>: it has the payloads fetched from Airtable's API, each a delivery
/// <c>webhook:number</c> of its own. A payload is a transaction; each record in it is an event: <c>crm.record.changed</c>, or what <c>event_types</c> names for <c>created</c>, <c>changed</c> and <c>destroyed</c>, also
/// for one table alone, as <c>tblLeads.created: lead.submitted</c>. Calls may be lost or merged: payloads wait for seven days, and we look by ourselves as well.
/// </summary>
internal sealed class AirtableEvents : SourceFormat
{
    private const string System = "airtable";

    public override string Name => System;

    public override string Scheme => System;

    public override IReadOnlyList<string> EventTypes { get; } = ["crm.record.changed", EventType.LeadSubmitted];

    public override FormatWords Words => FormatWords.Map | FormatWords.EventTypes | FormatWords.Pull;

    public override bool HasDeliveryId => true;

    public override string? DeliveryId(SignedRequest request)
    {
        var body = request.Body.Span;
        return Sources.DeliveryId.At(body, "webhook.id") is { } webhook && Sources.DeliveryId.At(body, "timestamp") is { } at
            ? $"ping:{webhook}:{at}"
            : null;
    }

    /// <summary>Letters and digits only, so that it can't be anything else in an address or a key.</summary>
    public static bool IsId(string? id) => id is { Length: > 0 and <= 40 } && id.All(char.IsAsciiLetterOrDigit);

    private protected override IEnumerable<Normalized> Read(Reading reading) =>
        reading.Payload.Find("payload") is null ? [ReadPing(reading.Payload)] : ReadRecords(reading);

    private static Normalized ReadPing(PayloadReader payload)
    {
        var at = Id(payload, "base.id");
        var webhook = Id(payload, "webhook.id");
        return at is null || webhook is null ? new Normalized.Rejected(payload.Faults) : new Normalized.Ping(at, webhook);
    }

    private static IEnumerable<Normalized> ReadRecords(Reading reading)
    {
        var payload = reading.Payload;
        var transaction = new AirtableTransaction(
            Id(payload, "base"), Id(payload, "webhook"), payload.Required("number", payload.Count("number")),
            payload.Count("payload.baseTransactionNumber"), payload.Required("payload.timestamp", payload.Happened("payload.timestamp", orEpoch: false)),
            // What was written over the API may be our own writing.
            payload.Line("payload.actionMetadata.source", FactReader.MaxIdLength) == "publicApi");
        var tables = payload.Fields("payload.changedTablesById").ToList();
        if (payload.Faults.Count > 0)
            return [new Normalized.Rejected(payload.Faults)];
        return tables.SelectMany(table => RecordsOf(table.Name, table.Value)).Select(record => record.Read(reading, transaction));
    }

    private static IEnumerable<AirtableRecord> RecordsOf(string table, JsonElement changes)
    {
        foreach (var (id, record) in Fields(changes, "createdRecordsById"))
            yield return new AirtableRecord(table, id, "created", record);
        foreach (var (id, record) in Fields(changes, "changedRecordsById"))
            yield return new AirtableRecord(table, id, "changed", record);
        if (PayloadPath.Find(changes, "destroyedRecordIds") is not { ValueKind: JsonValueKind.Array } destroyed)
            yield break;
        foreach (var id in destroyed.EnumerateArray())
            yield return new AirtableRecord(table, id.ValueKind == JsonValueKind.String ? id.GetString() ?? "" : "", "destroyed", id);
    }

    private static IEnumerable<(string Name, JsonElement Value)> Fields(JsonElement from, string name) =>
        PayloadPath.Find(from, name) is { ValueKind: JsonValueKind.Object } fields
            ? fields.EnumerateObject().Select(field => (field.Name, field.Value))
            : [];

    private static string? Id(PayloadReader payload, string path)
    {
        var id = payload.Required(path, payload.Line(path, FactReader.MaxIdLength));
        if (id is null || IsId(id))
            return id;
        payload.Add(path, "id_invalid", "It is no id of Airtable's: send letters and digits only.");
        return null;
    }
}
