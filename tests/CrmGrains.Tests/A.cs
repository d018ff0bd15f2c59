using CrmGrains.Core.Configuration;
using CrmGrains.Core.Customers;
using CrmGrains.Core.Decisions;
using CrmGrains.Core.Events;
using CrmGrains.Core.Fields;
using CrmGrains.Core.Grains;
using CrmGrains.Host.Configuration.Reading;

namespace CrmGrains.Tests;

/// <summary>Valid records to say <c>with</c> to.</summary>
internal static class A
{
    public static readonly DateTimeOffset Noon = new(2026, 1, 5, 12, 0, 0, TimeSpan.Zero);

    public static readonly GrainId CustomerId = GrainId.Of("acme", GrainKind.Customer, "c1");

    public static readonly GrainId CompanyId = GrainId.Of("acme", GrainKind.Company, "example.com");

    public static readonly GrainId DealId = GrainId.Of("acme", GrainKind.Deal, "c1/sales");

    public static CustomerState Customer { get; } = new();

    /// <summary>Qualifies from 50 points on; a high urgency has 60. Every lead goes to sales unless it is spam.</summary>
    public static WorkspaceConfiguration Workspace { get; } = new()
    {
        Name = "acme",
        Hash = "hash",
        Crm = new CrmAccountConfiguration { Name = "main", Kind = "hubspot", Url = "http://127.0.0.1", Token = "env:NONE" },
        Scoring = new ScoringRules
        {
            Start = 10, Rules = [new ScoringRule("urgent", 60, Is("lead.urgency", "high")), new ScoringRule("free_mail", -90, Is("email_domain", "gmail.com"))],
        },
        Qualification = [new QualificationRule("qualified", new Condition.Compare("score", "gte", new FieldValue.Number(50)))],
        Routing =
        [
            new RoutingRule("priority", Is("status", "qualified"), "sales", "closer"),
            new RoutingRule("standard", new Condition.Not(Is("lead.pain_summary", "spam")), "sales", null),
        ],
        Owners = new Dictionary<string, string> { ["closer"] = "closer@acme.example" },
        Pipelines = new Dictionary<string, PipelineConfiguration>
        {
            ["sales"] = new() { Id = "p1", Stage = "s1", MoveFrom = ["s0"], ReopenFrom = ["lost"] },
        },
        DomainAliases = new Dictionary<string, string> { ["example.io"] = "example.com" },
        Playbooks =
        [
            Playbook("welcome", EventType.InvoicePaid, new ActionRule
            {
                Name = "onboarding", Type = "create_task", OncePerCustomer = true, Template = Text("Welcome {{customer.full_name}}"), OwnerRole = "closer",
            }),
            Playbook("dunning", EventType.PaymentFailed, new ActionRule
            {
                Name = "dunning", Type = "create_task", Template = Text("Call about {{invoice.number}}, {{invoice.amount}} {{invoice.currency}}"),
            }),
            Playbook(
                "triage", "complaint.received",
                new ActionRule { Name = "upset", Type = "classify", Fields = new Dictionary<string, FieldWord> { ["urgency"] = new(new FieldValue.Text("high"), null) } },
                new ActionRule { Name = "money", Type = "refund", Template = Text("Decide") }),
            Playbook(
                "calls", "call.ended",
                new ActionRule { Name = "call", Type = "add_note", Template = Text("Call"), When = Is("source_system", "form") },
                new ActionRule { Name = "tell", Type = "notify", IsAutomatic = true, Channel = "team", Template = Text("", "A call") }),
        ],
    };

    public static TurnContext Context { get; } = new(CustomerId, Id(1), Noon, Workspace);

    public static ContractEvent Lead { get; } = new()
    {
        EventId = Id(1),
        Workspace = "acme",
        SourceSystem = "form",
        SourceRecordId = "r1",
        EventType = EventType.LeadSubmitted,
        OccurredAt = Noon,
        ReceivedAt = Noon.AddSeconds(1),
        CorrelationId = "k1",
        IdempotencyKey = "lead:r1",
        Contact = new ContactFacts { Email = "ann@example.com", FullName = "Ann Example" },
        Company = new CompanyFacts { Name = "Example", Domain = "example.com" },
        LeadContext = new LeadFacts { Urgency = "high", BudgetRange = "10k", PainSummary = "It is slow.", DetectedStack = ["zapier", "hubspot"] },
        ConsentToContact = true,
    };

    public static ContractEvent Invoice { get; } = Lead with
    {
        EventId = Id(2),
        EventType = EventType.InvoicePaid,
        SourceSystem = "billing",
        OccurredAt = Noon.AddHours(1),
        LeadContext = null,
        Company = null,
        Contact = new ContactFacts { Email = "ann@example.com" },
        Invoice = new InvoiceFacts { Id = "in_1", Number = "A-1", Amount = 99.50m, Currency = "EUR" },
    };

    public static PlaybookConfiguration Playbook(string name, string on, params ActionRule[] actions) => new() { Name = name, On = [on], Actions = actions };

    /// <summary>A template with this subject, and perhaps a text.</summary>
    public static MessageTemplate Text(string subject, string text = "")
    {
        static ITextTemplate Read(string source) => TextTemplate.Read(source, _ => true, out var fault) ?? throw new ArgumentException(fault, nameof(source));
        return new MessageTemplate("text", Read(subject), Read(text));
    }

    public static Guid Id(int number) => new(number, 0, 0, new byte[8]);

    public static Watermark Mark(int minute, int rank = 0, int id = 1) => new(Noon.AddMinutes(minute), rank, Id(id));

    public static Condition Is(string field, string value) => new Condition.Compare(field, "eq", new FieldValue.Text(value));

    public static Message Received(ContractEvent received) =>
        new Message.EventReceived(new IdentityMatch("email", 1, ["email"]), new Validation { EmailValid = true }) { Event = received };
}
