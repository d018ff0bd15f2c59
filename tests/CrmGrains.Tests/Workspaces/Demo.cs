using System.Runtime.CompilerServices;
using CrmGrains.Core.Configuration;
using CrmGrains.Core.Events;
using CrmGrains.Host.Configuration;

namespace CrmGrains.Tests.Configuration;

/// <summary>The demo workspace, a lead for it, and ways to spoil it.</summary>
internal static class Demo
{
    public static string Text { get; } = File.ReadAllText(PathOf());

    public static WorkspaceConfiguration Configuration => Valid(Text);

    public static ContractEvent Lead { get; } = new()
    {
        EventId = Guid.Parse("01990000-0000-7000-8000-000000000001"),
        Workspace = "demo",
        SourceSystem = "diagnostic_intake_form",
        SourceRecordId = "diag_1",
        EventType = EventType.LeadSubmitted,
        OccurredAt = new DateTimeOffset(2026, 4, 1, 9, 0, 0, TimeSpan.Zero),
        ReceivedAt = new DateTimeOffset(2026, 4, 1, 9, 0, 1, TimeSpan.Zero),
        CorrelationId = "c1",
        IdempotencyKey = "lead:diagnostics:diag_1:ada@lovelace.example",
        Contact = new ContactFacts { Email = "ada@lovelace.example", Phone = "+14155550100", FullName = "Ada Lovelace" },
        Company = new CompanyFacts { Name = "Lovelace Engines", Domain = "lovelace.example" },
        ConsentToContact = true,
        LeadContext = new LeadFacts
        {
            BudgetRange = "5000_15000",
            Urgency = "high",
            PainSummary = "Forms make duplicates.",
            DetectedStack = ["hubspot", "make", "airtable", "google_sheets"],
        },
    };

    /// <summary>The demo file with one piece of text exchanged, which must be there once.</summary>
    public static string With(string old, string replacement)
    {
        Assert.Equal(2, Text.Split(old).Length);
        return Text.Replace(old, replacement, StringComparison.Ordinal);
    }

    public static WorkspaceConfiguration Valid(string text)
    {
        var file = WorkspaceFile.Parse("demo.yaml", text);
        Assert.Empty(file.Faults);
        Assert.NotNull(file.Configuration);
        return file.Configuration;
    }

    public static IReadOnlyList<WorkspaceFault> Faults(string text) => WorkspaceFile.Parse("demo.yaml", text).Faults;

    public static int LineOf(string text, string part) => text[..text.IndexOf(part, StringComparison.Ordinal)].Count(c => c == '\n') + 1;

    private static string PathOf([CallerFilePath] string here = "") =>
        Path.Combine(Path.GetDirectoryName(here) ?? "", "..", "..", "..", "deploy", "workspaces", "demo.yaml");
}
