using System.Text.Json;
using CrmGrains.Intake.Payloads;
using CrmGrains.Intake.Signatures;
using CrmGrains.Intake.Sources.Forms;

namespace CrmGrains.Intake.Sources;

/// <summary>
/// Tally's responses. Verified by an HMAC of the body in <c>Tally-Signature</c>, without a timestamp. The delivery is <c>eventId</c>, the submission
/// <c>data.submissionId</c>. A response becomes <c>lead.submitted</c>; options are told by their texts, as their ids say nothing to anybody. Tally waits ten seconds for its answer and is
/// said to try five times within a day or so.
/// </summary>
internal sealed class Tally : FormFormat
{
    public override string Name => "tally";

    public override string Scheme => "tally";

    public override string? DeliveryId(SignedRequest request) => Sources.DeliveryId.At(request.Body.Span, "eventId");

    private protected override Normalized ReadOne(Reading reading)
    {
        var payload = reading.Payload;
        if (EndOfOther(reading, "eventType", "Tally", "FORM_RESPONSE") is { } end)
            return end;

        var idPath = payload.Find("data.submissionId") is null ? "data.responseId" : "data.submissionId";
        var timePath = payload.Find("data.createdAt") is null ? "createdAt" : "data.createdAt";
        var id = payload.Required(idPath, payload.Line(idPath, FactReader.MaxIdLength));
        var submittedAt = payload.Required(timePath, payload.Happened(timePath, orEpoch: false));
        var formId = payload.Line("data.formId", FactReader.MaxIdLength);
        var formName = payload.Line("data.formName", FactReader.MaxUrlLength);
        return new FormSubmission(id, submittedAt, formId, formName, ReadAnswers(payload)).Read(reading);
    }

    private static FormAnswers ReadAnswers(PayloadReader payload)
    {
        var answers = new FormAnswers(payload);
        var index = -1;
        string? boxes = null;
        foreach (var field in payload.Items("data.fields"))
        {
            index++;
            if (PayloadPath.Find(field, "value") is not { } value)
                continue;
            var type = Text(field, "type");
            // A hidden field is called by its label in the address; all of them share the key of their block.
            var (key, label) = type == "HIDDEN_FIELDS" ? (Text(field, "label"), null) : (Text(field, "key"), Text(field, "label"));
            var options = ReadOptions(field);
            // Boxes come twice: as the list of what was ticked, which is what we take, and then each by itself.
            if (type == "CHECKBOXES" && options is null && boxes is not null && key?.StartsWith(boxes, StringComparison.Ordinal) == true)
                continue;
            if (type == "CHECKBOXES" && options is not null)
                boxes = $"{key}_";
            answers.Add(
                $"data.fields.{index}.value", key, value, label: label, kind: KindOf(type),
                textOf: options is null ? null : option => options.GetValueOrDefault(option, option));
        }

        return answers;
    }

    private static Dictionary<string, string>? ReadOptions(JsonElement field)
    {
        if (PayloadPath.Find(field, "options") is not { ValueKind: JsonValueKind.Array } list)
            return null;
        var options = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var option in list.EnumerateArray())
        {
            if (Text(option, "id") is { } id && Text(option, "text") is { } text)
                options.TryAdd(id, text);
        }

        return options;
    }

    private static string? Text(JsonElement part, string name) =>
        PayloadPath.Find(part, name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    private static AnswerKind KindOf(string? type) => type switch
    {
        "INPUT_EMAIL" => AnswerKind.Email,
        "INPUT_PHONE_NUMBER" => AnswerKind.Phone,
        "INPUT_LINK" => AnswerKind.Website,
        _ => AnswerKind.Other,
    };
}
