using System.Text;
using System.Text.Json.Nodes;
using CrmGrains.Core.Configuration;
using CrmGrains.Core.Events;
using CrmGrains.Intake.Sources;

namespace CrmGrains.Tests.Intake.Sources;

/// <summary>Valid configurations and payloads, for tests to change what matters to them.</summary>
internal static class A
{
    public static readonly Guid EventId = Guid.Parse("019aa3f0-7c1e-7b52-9a51-0f2f7d3b6c01");

    public static readonly DateTimeOffset Received = new(2026, 4, 26, 18, 11, 43, TimeSpan.Zero);

    public const string DiagnosticBody = """
        {"form":"diagnostic","submission_id":"diag_01HYW2K91A","submitted_at":"2026-04-26T18:11:42.903Z","correlation_id":"corr_crm_api_01HYW2K91A",
         "fields":{"email":" Ops@Example.com","phone":"+1 (555) 123-4567","full_name":"Elena Moretti","company":"Example Operations",
          "website":"https://www.example.com/contact","budget":"5000_15000","urgency":"high",
          "pain":"HubSpot gets duplicate contacts from form submissions, and Make fails when multi-select arrays reach Airtable.",
          "stack":["hubspot","make","airtable","google_sheets"],"consent":true}}
        """;

    public static WorkspaceConfiguration Workspace { get; } = new()
    {
        Name = "demo",
        Hash = "00",
        Leads = new LeadRequirements { BudgetRanges = ["under_5000", "5000_15000"], Urgencies = ["low", "high"] },
    };

    public static SourceConfiguration DiagnosticSource { get; } = new()
    {
        Name = "diagnostics",
        Format = "diagnostic_form",
        System = "diagnostic_intake_form",
        Rank = 10,
        Verification = new() { Scheme = "standard_webhooks", Secrets = [] },
        IdempotencyKey = "lead:diagnostics:{source_record_id}:{email}",
    };

    public static SourceConfiguration StripeSource { get; } =
        DiagnosticSource with { Name = "payments", Format = "stripe", System = "stripe", IdempotencyKey = null };

    public static SourceConfiguration JsonSource { get; } = DiagnosticSource with
    {
        Name = "crm",
        Format = "json",
        System = "some_system",
        IdempotencyKey = null,
        Map = new Dictionary<string, string> { ["contact.email"] = "data.email" },
    };

    /// <summary>A sample with a value set, or taken away, at a dotted path.</summary>
    public static string With(string body, string path, JsonNode? value, bool remove = false)
    {
        var root = JsonNode.Parse(body);
        var steps = path.Split('.');
        var at = root;
        foreach (var step in steps[..^1])
            at = at?[step];
        if (remove)
            at?.AsObject().Remove(steps[^1]);
        else if (at is not null)
            at[steps[^1]] = value;
        return root?.ToJsonString() ?? "";
    }

    public static string Without(string body, string path) => With(body, path, null, remove: true);

    public static Normalized Normalized(SourceConfiguration source, string body, WorkspaceConfiguration? workspace = null) =>
        Normalized(source, Encoding.UTF8.GetBytes(body), workspace);

    public static Normalized Normalized(SourceConfiguration source, byte[] body, WorkspaceConfiguration? workspace = null) =>
        Assert.Single(AllOf(source, body, workspace));

    /// <summary>Each event of a delivery that tells of several.</summary>
    public static IReadOnlyList<Normalized> AllOf(SourceConfiguration source, byte[] body, WorkspaceConfiguration? workspace = null) =>
        SourceFormats.For(source.Format).Normalize(Delivery(body), source, workspace ?? Workspace);

    public static Normalized.Event Event(SourceConfiguration source, string body, WorkspaceConfiguration? workspace = null) =>
        Assert.IsType<Normalized.Event>(Normalized(source, body, workspace));

    public static Validation Rejected(SourceConfiguration source, string body, WorkspaceConfiguration? workspace = null)
    {
        var validation = Assert.IsType<Normalized.Rejected>(Normalized(source, body, workspace)).Validation;
        Assert.Equal("failed", validation.Status);
        return validation;
    }

    /// <summary>The faults as <c>path code</c>, in the order found.</summary>
    public static string[] Faults(SourceConfiguration source, string body, WorkspaceConfiguration? workspace = null) =>
        [.. Rejected(source, body, workspace).Faults.Select(fault => $"{fault.Path} {fault.Code}")];

    private static RawDelivery Delivery(byte[] body) => new(EventId, Received, body);
}
