using System.Security.Cryptography;
using System.Text;
using CrmGrains.Intake.Payloads;
using CrmGrains.Intake.Signatures;
using CrmGrains.Intake.Sources.Forms;

namespace CrmGrains.Intake.Sources;

/// <summary>
/// Rows of a Google sheet, sent by the script in <c>deploy/recipes/google-sheets</c>. Verified by an HMAC of timestamp and body in <c>X-CrmGrains-Signature</c>.
/// The delivery is <c>eventId</c>: sheet, row key and a hash of the row, never the row's number. A row becomes <c>lead.submitted</c>, each later revision of it another one that says more. The script tries
/// four times at once and then with each run, until it was told that the row is stored.
/// </summary>
internal sealed class GoogleSheets : FormFormat
{
    public override string Name => "google_sheets";

    public override string Scheme => "sheets";

    public override string? DeliveryId(SignedRequest request) => Sources.DeliveryId.At(request.Body.Span, "eventId");

    private protected override Normalized ReadOne(Reading reading)
    {
        var payload = reading.Payload;
        if (EndOfOther(reading, "type", "The sheet", "row.created", "row.updated") is { } end)
            return end;

        var revision = payload.Required("eventId", payload.Line("eventId", FactReader.MaxUrlLength));
        var rowKey = payload.Required("rowKey", payload.Line("rowKey", FactReader.MaxIdLength));
        var occurredAt = payload.Required("occurredAt", payload.Happened("occurredAt", orEpoch: false));
        var spreadsheet = payload.Line("spreadsheetId", FactReader.MaxIdLength);
        var sheet = payload.Line("sheet", FactReader.MaxIdLength);
        var answers = new FormAnswers(payload);
        foreach (var (column, value) in payload.Fields("values"))
            answers.Add($"values.{column}", column, value);
        return new FormSubmission(rowKey, occurredAt, spreadsheet, sheet, answers).Read(reading, KeyOf(revision ?? ""));
    }

    // The same revision is the same event; as a hash, since a brace in it would be taken for a placeholder.
    private static string KeyOf(string revision) =>
        $"{FormSubmission.DefaultKey}:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(revision)).AsSpan(0, 16))}";
}
