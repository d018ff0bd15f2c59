using System.Collections.Frozen;
using System.Globalization;
using CrmGrains.Core.Events;
using CrmGrains.Intake.Payloads;

namespace CrmGrains.Intake.Sources;

/// <summary>
/// GitHub's webhooks, as JSON: issues are tickets, a label that says so escalates them, and a workflow run that fails is an automation that
/// failed. What happened and the delivery's id stand in headers. GitHub asks once: what wasn't taken is sent again by hand.
/// </summary>
internal sealed class GitHubEvents : SourceFormat
{
    private const string Vendor = "github";
    private const string Ticket = "support.ticket.created";
    private const string Escalated = "support.issue.escalated";
    private const string Failed = "automation.failed";

    // In lower case, without what divides their words.
    private static readonly FrozenSet<string> EscalatingLabels = FrozenSet.Create(
        StringComparer.Ordinal,
        "escalated", "escalation", "escalate", "urgent", "critical", "blocker", "p0", "priorityp0", "prioritycritical", "priorityurgent",
        "sev0", "sev1", "severitycritical", "severity1");

    public override string Name => Vendor;

    public override string Scheme => Vendor;

    public override IReadOnlyList<string> EventTypes { get; } = [Ticket, Escalated, Failed];

    public override bool HasDeliveryId => true;

    public override bool ReadsHeaders => true;

    public override string? DeliveryId(Signatures.SignedRequest request) =>
        request.Header("X-GitHub-Delivery") is [{ Length: > 0 } id] ? id : null;

    private protected override IEnumerable<Normalized> Read(Reading reading)
    {
        yield return ReadOne(reading);
    }

    private static Normalized ReadOne(Reading reading)
    {
        var name = reading.Delivery.Headers.GetValueOrDefault("x-github-event");
        if (name is not { Length: > 0 and <= FactReader.MaxIdLength } || name.Any(char.IsControl))
        {
            return new Normalized.Rejected(new Fault(
                "headers.x-github-event", "missing", "The header that says what happened is missing: pass on all headers of GitHub's."));
        }
        var action = OnRecord.Line(reading.Payload, "action");
        return (name, action) switch
        {
            ("issues", "opened") => ReadTicket(reading),
            ("issues", "labeled") when Escalates(OnRecord.Line(reading.Payload, "label.name")) => ReadEscalation(reading),
            ("workflow_run", "completed") when OnRecord.Line(reading.Payload, "workflow_run.conclusion") is "failure" or "timed_out" or "startup_failure" =>
                ReadRun(reading),
            _ => new Normalized.Ignored($"GitHub's {name}{(action is null ? "" : $" {action}")} is not taken."),
        };
    }

    private static bool Escalates(string? label) =>
        label is not null && EscalatingLabels.Contains(string.Concat(label.Where(char.IsLetterOrDigit)).ToLowerInvariant());

    private static Normalized ReadTicket(Reading reading)
    {
        var payload = reading.Payload;
        var id = Id(reading, "issue.id");
        return reading.Event(
            Ticket, id, payload.Required("issue.created_at", payload.Happened("issue.created_at", orEpoch: true)), $"{Vendor}:issue:{KeyPart.Of(id)}:opened",
            new EventFacts
        {
            Contact = Author(reading),
            Data = new EventData()
                .Add("ticket_id", TicketId(reading))
                .Add("subject", payload.Required("issue.title", OnRecord.Line(payload, "issue.title")))
                .Add("text", OnRecord.Lines(payload, "issue.body"))
                .Add("channel", Vendor)
                .ToJson(),
        });
    }

    // A label that was taken away and put back escalates anew.
    private static Normalized ReadEscalation(Reading reading)
    {
        var payload = reading.Payload;
        var id = Id(reading, "issue.id");
        var label = OnRecord.Line(payload, "label.name");
        var at = payload.Required("issue.updated_at", payload.Happened("issue.updated_at", orEpoch: true));
        var key = $"{Vendor}:issue:{KeyPart.Of(id)}:escalated:{KeyPart.Of(label)}:{at?.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)}";
        return reading.Event(Escalated, id, at, key, new EventFacts
        {
            Contact = Author(reading),
            Data = new EventData()
                .Add("ticket_id", TicketId(reading))
                .Add("reason", OnRecord.Line(payload, "issue.title"))
                .Add("severity", label)
                .Add("url", Url(reading, "issue.html_url"))
                .ToJson(),
        });
    }

    private static Normalized ReadRun(Reading reading)
    {
        var payload = reading.Payload;
        var id = Id(reading, "workflow_run.id");
        var attempt = payload.Count("workflow_run.run_attempt") ?? 1;
        var name = OnRecord.Line(payload, "workflow_run.name");
        var workflow = OnRecord.Line(payload, "workflow_run.workflow_id") ?? name;
        var branch = OnRecord.Line(payload, "workflow_run.head_branch");
        var key = string.Create(CultureInfo.InvariantCulture, $"{Vendor}:run:{KeyPart.Of(id)}:{attempt}");
        return reading.Event(
            Failed, id, payload.Required("workflow_run.updated_at", payload.Happened("workflow_run.updated_at", orEpoch: true)), key, new EventFacts
        {
            Data = new EventData()
                .Add("automation_id", payload.Required("workflow_run.workflow_id", workflow))
                .Add("name", name)
                .Add("error", $"The run ended with {OnRecord.Line(payload, "workflow_run.conclusion")}{(branch is null ? "" : $" on {branch}")}.")
                .Add("run_id", id)
                .Add("url", Url(reading, "workflow_run.html_url"))
                .ToJson(),
        });
    }

    private static string? Id(Reading reading, string path) =>
        reading.Payload.Required(path, reading.Payload.Line(path, FactReader.MaxIdLength));

    // As people write it: nordwind/shop#12.
    private static string? TicketId(Reading reading)
    {
        var number = reading.Payload.Required("issue.number", reading.Payload.Count("issue.number"));
        var repository = OnRecord.Line(reading.Payload, "repository.full_name", FactReader.MaxIdLength - 12);
        return number is null ? null : string.Create(CultureInfo.InvariantCulture, $"{repository}#{number}");
    }

    // GitHub doesn't tell addresses. What a program opens is about nobody.
    private static ContactFacts Author(Reading reading) => OnRecord.Line(reading.Payload, "issue.user.type") == "Bot"
        ? new ContactFacts()
        : new ContactFacts { ExternalIds = OnRecord.Ids(Vendor, OnRecord.Line(reading.Payload, "issue.user.id")) };

    private static string? Url(Reading reading, string path) =>
        OnRecord.Line(reading.Payload, path, FactReader.MaxUrlLength) is { } url && url.StartsWith("https://", StringComparison.Ordinal) ? url : null;
}
