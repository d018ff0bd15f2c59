using System.Text.Json;
using CrmGrains.Intake.Payloads;
using CrmGrains.Intake.Signatures;
using CrmGrains.Intake.Sources.Forms;

namespace CrmGrains.Intake.Sources;

/// <summary>
/// Webflow's form submissions, in the form of its API's second version and in the older one without an envelope. Verified by an HMAC of timestamp and body in <c>x-webflow-signature</c>; webhooks made in
/// Webflow's dashboard sign nothing and can't be taken. Delivery and submission are <c>payload.id</c>. A submission becomes <c>lead.submitted</c>. Answers are known by their
/// visible labels alone, so a map has to follow when somebody rewords one. Webflow tries three times, ten minutes apart.
/// </summary>
internal sealed class WebflowForms : FormFormat
{
    public override string Name => "webflow";

    public override string Scheme => "webflow";

    public override string? DeliveryId(SignedRequest request) =>
        Sources.DeliveryId.At(request.Body.Span, "payload.id") ?? Sources.DeliveryId.At(request.Body.Span, "_id");

    private protected override Normalized ReadOne(Reading reading)
    {
        var payload = reading.Payload;
        if (payload.Find("triggerType") is null && payload.Find("_id") is not null)
            return ReadOlder(reading);
        if (EndOfOther(reading, "triggerType", "Webflow", "form_submission") is { } end)
            return end;

        var id = payload.Required("payload.id", payload.Line("payload.id", FactReader.MaxIdLength));
        var submittedAt = payload.Required("payload.submittedAt", payload.Happened("payload.submittedAt", orEpoch: false));
        var formId = payload.Line("payload.formId", FactReader.MaxIdLength);
        var name = payload.Line("payload.name", FactReader.MaxUrlLength);
        return new FormSubmission(id, submittedAt, formId, name, ReadAnswers(payload, "payload.data")).Read(reading);
    }

    private static Normalized ReadOlder(Reading reading)
    {
        var payload = reading.Payload;
        var id = payload.Required("_id", payload.Line("_id", FactReader.MaxIdLength));
        var submittedAt = payload.Required("d", payload.Happened("d", orEpoch: false));
        var name = payload.Line("name", FactReader.MaxUrlLength);
        return new FormSubmission(id, submittedAt, null, name, ReadAnswers(payload, "data")).Read(reading);
    }

    private static FormAnswers ReadAnswers(PayloadReader payload, string path)
    {
        var answers = new FormAnswers(payload);
        foreach (var (name, value) in payload.Fields(path))
            answers.Add($"{path}.{name}", name, value);
        return answers;
    }
}
