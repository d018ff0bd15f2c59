using System.Text.Json;
using CrmGrains.Benchmarks.Measures;
using CrmGrains.Core.Configuration;
using CrmGrains.Core.Customers;
using CrmGrains.Core.Decisions;
using CrmGrains.Core.Events;
using CrmGrains.Core.Fields;
using CrmGrains.Core.Json;
using CrmGrains.Host.Samples;
using CrmGrains.Intake.Sources;

namespace CrmGrains.Benchmarks.Runs;

/// <summary>
/// What a decision costs: the sample lead by 200 rules, with its trace, beside the same questions written as code that keeps no trace. On one
/// core, without a database.
/// </summary>
internal sealed class DecisionsRun(RunOptions options)
{
    private const double BarMicroseconds = 100;
    private const int ScoringRules = 160;
    private const int RoutingRules = 40;
    private const int Round = 500;

    private static readonly DateTimeOffset Received = new(2026, 4, 27, 12, 0, 0, TimeSpan.Zero);

    /// <summary>Measures each part of a decision.</summary>
    public Section Run()
    {
        var lead = Lead();
        var workspace = Workspace();
        var customer = new CustomerState
        {
            Fields = FieldSet.Merge(FieldSet.Empty, CustomerFields.Said(lead, null), new Watermark(Received, 0, lead.EventId)).Fields,
            Events = 12, Companies = ["example.com"],
        };
        IReadOnlyList<string> wanted = Facts.OfCustomers;
        var (routing, conditions) = LeadRules.Judge(workspace, lead);
        var decision = new Decision { Outcome = "route", Routing = routing, Conditions = conditions };
        if (routing.LeadScore != HandWritten(lead).Score || routing.RoutingTier != HandWritten(lead).Tier)
            throw new Servers.BenchmarkException("The rules and the code that they are measured against don't decide the same.");

        var byHand = Measure(() => HandWritten(lead));
        var judged = Measure(() => LeadRules.Judge(workspace, lead));
        var context = Measure(() => Facts.Of(lead, customer, wanted));
        var whole = Measure(() =>
        {
            Facts.Of(lead, customer, wanted);
            LeadRules.Judge(workspace, lead);
        });
        var stored = Measure(() => JsonSerializer.SerializeToUtf8Bytes(decision, CoreJson.Default.Decision));
        var flips = Measure(() => Counterfactuals.Of(workspace, lead), round: 2);

        var section = new Section("decisions")
            .Line($"Deciding on the sample lead by {ScoringRules} scoring and {RoutingRules} routing rules, {conditions.Count} conditions in the trace:")
            .Table("", "µs", "bytes allocated");
        foreach (var (name, figure) in ((string, OneCore)[])[
            ("the same questions as code, no trace", byHand), ("rules with their trace", judged),
            ("what is known of the customer, as facts", context), ("context, rules and trace: a decision", whole),
            ("writing the decision as the ledger keeps it", stored), ("counterfactuals, when somebody asks", flips)])
            section.Line($"| {name} | {figure.Microseconds:0.0} | {figure.Bytes:N0} |");
        return section.Line($"").Line($"- {whole.Microseconds:0.0} µs a decision (goal: under {BarMicroseconds:0}), {judged.Microseconds / byHand.Microseconds:0.0} times the code without a trace")
            .Figure("decision_us", whole.Microseconds, 1).Figure("decision_bytes", whole.Bytes, 0)
            .Figure("rules_us", judged.Microseconds, 1).Figure("by_hand_us", byHand.Microseconds, 1).Figure("times", judged.Microseconds / byHand.Microseconds, 1);
    }

    private OneCore Measure(Action work, int round = Round) => OneCore.Of(work, options.IsQuick ? 0.2 : 1.5, round);

    private static ContractEvent Lead()
    {
        var demo = NormalizersRun.Read();
        var source = demo.Sources[Sample.Lead.Source];
        var delivery = new RawDelivery(Guid.CreateVersion7(Received), Received, Sample.Lead.Body());
        return SourceFormats.For(source.Format).Normalize(delivery, source, demo).OfType<Normalized.Event>().Single().Value;
    }

    private static WorkspaceConfiguration Workspace() => NormalizersRun.Read() with
    {
        Scoring = new ScoringRules
        {
            Start = 10,
            Rules = [.. Enumerable.Range(0, ScoringRules).Select(number => new ScoringRule($"rule_{number}", Points(number), When(number)))],
        },
        Routing =
        [
            // All but the last ask and don't hold, so every one of them is asked.
            .. Enumerable.Range(0, RoutingRules - 1).Select(number => new RoutingRule(
                $"tier_{number}", new Condition.All([Number(Facts.Score, "gte", 101 + number), When(number)]), null, null)),
            new RoutingRule("last", new Condition.All([]), null, null),
        ],
    };

    private static int Points(int number) => number % 2 == 0 ? 3 : -3;

    private static Condition When(int number) => (number % 8) switch
    {
        0 => Text("lead.urgency", "eq", number % 16 == 0 ? "high" : "low"),
        1 => new Condition.Compare("lead.budget_range", "in", new FieldValue.Many(["5000_15000", $"{number}"])),
        2 => Number("lead.stack_size", "gte", number % 7),
        3 => Text("lead.detected_stack", "contains", number % 16 == 3 ? "airtable" : "zapier"),
        4 => new Condition.All([new Condition.Compare("phone", "exists", null), Text("email_domain", "ne", "gmail.com")]),
        5 => new Condition.Not(Text("company.domain", "eq", $"company{number}.example")),
        6 => new Condition.Compare("email", "matches_domain", new FieldValue.Many(["gmail.com", "example.com"])),
        _ => Text("lead.pain_summary", "contains", number % 16 == 7 ? "duplicate" : "nothing of the kind"),
    };

    private static (int Score, string Tier) HandWritten(ContractEvent lead)
    {
        var score = 10;
        for (var number = 0; number < ScoringRules; number++)
        {
            if (Holds(number, lead))
                score += Points(number);
        }

        score = Math.Clamp(score, 0, 100);
        for (var number = 0; number < RoutingRules - 1; number++)
        {
            if (Holds(number, lead) && score >= 101 + number)
                return (score, "some");
        }

        return (score, "last");
    }

    private static bool Holds(int number, ContractEvent lead)
    {
        var (said, contact) = (lead.LeadContext, lead.Contact);
        return (number % 8) switch
        {
            0 => said?.Urgency == (number % 16 == 0 ? "high" : "low"),
            1 => said?.BudgetRange is "5000_15000",
            2 => (said?.DetectedStack?.Count ?? 0) >= number % 7,
            3 => said?.DetectedStack?.Contains(number % 16 == 3 ? "airtable" : "zapier") == true,
            4 => contact is { Phone: not null, Email: { } email } && !email.EndsWith("@gmail.com", StringComparison.Ordinal),
            5 => lead.Company?.Domain?.StartsWith("company", StringComparison.Ordinal) != true,
            6 => contact.Email is { } address && (address.EndsWith("@gmail.com", StringComparison.OrdinalIgnoreCase) || address.EndsWith("@example.com", StringComparison.OrdinalIgnoreCase)),
            _ => said?.PainSummary?.Contains(number % 16 == 7 ? "duplicate" : "nothing of the kind", StringComparison.OrdinalIgnoreCase) == true,
        };
    }

    private static Condition Text(string field, string op, string value) => new Condition.Compare(field, op, new FieldValue.Text(value));

    private static Condition Number(string field, string op, int value) => new Condition.Compare(field, op, new FieldValue.Number(value));
}
