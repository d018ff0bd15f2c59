using System.Text.Json;
using CrmGrains.Intake.Payloads;
using CrmGrains.Intake.Signatures;
using CrmGrains.Intake.Sources.Forms;

namespace CrmGrains.Intake.Sources;

/// <summary>
/// Typeform's responses. Verified by an HMAC of the body in <c>Typeform-Signature</c>, without a timestamp. The delivery is <c>event_id</c>, the
/// submission is the response's token: what is sent again is one lead. Finished responses become <c>lead.submitted</c>, unfinished ones are
/// left. After an error Typeform tries five times within three and a half hours, after 429 or 503 for ten hours; 404 and 410 end the webhook for good.
/// </summary>
internal sealed class Typeform : FormFormat
{
    private const string Response = "form_response";

    public override string Name => "typeform";

    public override string Scheme => "typeform";

    public override string? DeliveryId(SignedRequest request) => Sources.DeliveryId.At(request.Body.Span, "event_id");

    private protected override Normalized ReadOne(Reading reading)
    {
        var payload = reading.Payload;
        switch (payload.Required("event_type", payload.Line("event_type", FactReader.MaxIdLength)))
        {
            case null:
                return new Normalized.Rejected(payload.Faults);
            case Response:
                break;
            case "form_response_partial":
                return new Normalized.Ignored("The response isn't finished.");
            case var other:
                return new Normalized.Ignored($"Typeform's {other} is not taken.");
        }

        var id = payload.Required($"{Response}.token", payload.Line($"{Response}.token", FactReader.MaxIdLength));
        var submittedAt = payload.Required($"{Response}.submitted_at", payload.Happened($"{Response}.submitted_at", orEpoch: false));
        var formId = payload.Line($"{Response}.form_id", FactReader.MaxIdLength);
        var title = payload.Line($"{Response}.definition.title", FactReader.MaxUrlLength);
        return new FormSubmission(id, submittedAt, formId, title, ReadAnswers(payload)).Read(reading);
    }

    private static FormAnswers ReadAnswers(PayloadReader payload)
    {
        var answers = new FormAnswers(payload);
        var titles = ReadTitles(payload.Find($"{Response}.definition.fields"));
        var index = -1;
        foreach (var answer in payload.Items($"{Response}.answers"))
        {
            index++;
            var type = payload.Line($"{Response}.answers.{index}.type", FactReader.MaxNameLength);
            if (type is null || answer.ValueKind != JsonValueKind.Object)
                continue;
            var id = payload.Line($"{Response}.answers.{index}.field.id", FactReader.MaxIdLength);
            var key = payload.Line($"{Response}.answers.{index}.field.ref", FactReader.MaxIdLength);
            var (place, value) = ValueOf(answer, type);
            answers.Add($"{Response}.answers.{index}.{place}", key, value, id, titles.GetValueOrDefault(id ?? ""), KindOf(type));
        }

        if (payload.Find($"{Response}.hidden") is { ValueKind: JsonValueKind.Object } hidden)
        {
            foreach (var field in hidden.EnumerateObject())
                answers.Add($"{Response}.hidden.{field.Name}", field.Name, field.Value);
        }

        return answers;
    }

    // A choice is known by its label; what the person wrote instead of choosing stands under `other`.
    private static (string Place, JsonElement Value) ValueOf(JsonElement answer, string type)
    {
        if (!answer.TryGetProperty(type, out var value) || value.ValueKind != JsonValueKind.Object)
            return (type, value);
        foreach (var part in new[] { "label", "labels", "other" })
        {
            if (value.TryGetProperty(part, out var chosen) && chosen.ValueKind != JsonValueKind.Null)
                return ($"{type}.{part}", chosen);
        }

        return (type, value);
    }

    private static Dictionary<string, string> ReadTitles(JsonElement? fields)
    {
        var titles = new Dictionary<string, string>(StringComparer.Ordinal);
        Read(fields);
        return titles;

        void Read(JsonElement? list)
        {
            if (list is not { ValueKind: JsonValueKind.Array } questions)
                return;
            foreach (var question in questions.EnumerateArray())
            {
                if (PayloadPath.Find(question, "id") is { ValueKind: JsonValueKind.String } id
                    && PayloadPath.Find(question, "title") is { ValueKind: JsonValueKind.String } title)
                    titles.TryAdd(id.GetString() ?? "", title.GetString() ?? "");
                // The questions of a group, which answers name as if there were none.
                Read(PayloadPath.Find(question, "properties.fields"));
            }
        }
    }

    private static AnswerKind KindOf(string type) => type switch
    {
        "email" => AnswerKind.Email,
        "phone_number" => AnswerKind.Phone,
        "url" => AnswerKind.Website,
        _ => AnswerKind.Other,
    };
}
