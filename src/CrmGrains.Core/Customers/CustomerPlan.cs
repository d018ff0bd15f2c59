using CrmGrains.Core.Commands;
using CrmGrains.Core.Decisions;
using CrmGrains.Core.Events;
using CrmGrains.Core.Fields;
using CrmGrains.Core.Grains;

namespace CrmGrains.Core.Customers;

/// <summary>
/// What one event calls for, in order: contact, company, deal, their association, the note, tasks. What is as it should be already
/// isn't asked for again, so a repeated lead costs its note and nothing else.
/// </summary>
internal sealed class CustomerPlan(TurnContext context, ContractEvent received, Watermark mark, long? replay, List<Effect> effects)
{
    private readonly List<PlanStep> _steps = [];
    private readonly RecordRef _contact = new(CrmObject.Contact, context.Grain);
    private RecordRef? _company;
    private RecordRef? _deal;

    public IReadOnlyList<PlanStep> Steps => _steps;

    private bool IsLead => received.EventType == EventType.LeadSubmitted;

    public CustomerState WriteContact(CustomerState state, IReadOnlyList<string> changed)
    {
        if (state.Emails.Count == 0)
            return state;
        var contactIsWanted = IsLead || state.IsContactWanted || context.Workspace.Tasks.Any(task => task.On == received.EventType) || HasNote;
        if (!contactIsWanted)
            return state;
        var command = new CrmCommand.UpsertContact(context.Grain, [MainEmail(state), .. state.Emails.Except([MainEmail(state)])], Written(state));
        Step(1, command, isRequired: true);
        if (state.IsContactWanted && !changed.Any(CustomerFields.OfContact.Contains))
            return state;
        effects.Add(new Effect.Enqueue(1, command, replay));
        return state with { IsContactWanted = true };
    }

    public CustomerState TellCompany(CustomerState state, IReadOnlyList<string> changed)
    {
        if (state.Fields.Text("company_domain") is not { } domain || !state.IsContactWanted)
            return state;
        var key = context.Workspace.CanonicalDomain(domain);
        var company = GrainId.Of(context.Grain.Workspace, GrainKind.Company, key);
        _company = new RecordRef(CrmObject.Company, company, Required: false);

        if (IsLead)
            _steps.Add(new PlanStep(2, CrmObject.Company, "search_then_upsert", Required: false));
        var isLinked = state.Companies.Contains(key, StringComparer.Ordinal);
        if (!isLinked || changed.Any(CustomerFields.OfCompany.Contains))
        {
            var named = state.Fields.TryGetValue("company_name", out var name) ? name.Mark : mark;
            effects.Add(new Effect.Send(company, new Message.PersonSeen(
                context.Grain, new CompanyFacts { Name = state.Fields.Text("company_name"), Domain = domain }, named) { Replay = replay }));
        }

        if (isLinked)
            return state;
        effects.Add(new Effect.Enqueue(4, new CrmCommand.Associate(_contact, _company with { Required = true }), replay));
        return state with { Companies = With(state.Companies, key) };
    }

    public CustomerState TellDeal(CustomerState state, string pipeline, Routing route)
    {
        var deal = GrainId.Of(context.Grain.Workspace, GrainKind.Deal, $"{context.Grain.Key}/{pipeline}");
        _deal = new RecordRef(CrmObject.Deal, deal);
        _steps.Add(new PlanStep(3, CrmObject.Deal, "search_then_create_or_update", Required: true));
        _steps.Add(new PlanStep(4, CrmObject.Association, "connect_contact_company_deal", Required: true));

        // Each field keeps the mark of its own event: under this one's, a value that is overtaken later would pass for newer than it is.
        var fields = CustomerFields.OfDeal.Concat(CustomerFields.OfDealName)
            .Where(state.Fields.ContainsKey)
            .ToDictionary(name => name, name => state.Fields[name], StringComparer.Ordinal);
        effects.Add(new Effect.Send(deal, new Message.DealWanted(
            context.Grain, _company?.Grain, pipeline, route.TargetOwnerRole, fields, mark) { Replay = replay }));
        return state with { Pipelines = With(state.Pipelines, pipeline) };
    }

    public void WriteNote(CustomerState state, Routing? routing)
    {
        if (!HasNote || !state.IsContactWanted)
            return;
        List<RecordRef> on = [_contact];
        if (_company is not null)
            on.Add(_company);
        if (_deal is not null)
            on.Add(_deal);
        var note = new CrmCommand.WriteNote(received.OccurredAt, $"{received.EventType} from {received.SourceSystem}", NoteLines(routing), on);
        Step(5, note, isRequired: true);
        effects.Add(new Effect.Enqueue(5, note));
    }

    public CustomerState CreateTasks(CustomerState state)
    {
        var step = 6;
        foreach (var rule in context.Workspace.Tasks.Where(rule => rule.On == received.EventType && state.IsContactWanted))
        {
            if (rule.OncePerCustomer && state.Tasks.Contains(rule.Name, StringComparer.Ordinal))
                continue;
            var owner = rule.OwnerRole is null ? null : context.Workspace.Owners.GetValueOrDefault(rule.OwnerRole);
            var task = new CrmCommand.CreateTask(
                rule.Name, Filled(rule.Subject, state), Filled(rule.Body, state), received.OccurredAt + rule.DueIn, rule.Priority, owner, [_contact]);
            Step(step, task, isRequired: true);
            effects.Add(new Effect.Enqueue(step++, task));
            if (rule.OncePerCustomer)
                state = state with { Tasks = With(state.Tasks, rule.Name) };
        }

        return state;
    }

    private bool HasNote => IsLead || context.Workspace.NotesOn.Contains(received.EventType, StringComparer.Ordinal);

    // In alphabetical order, so that any order of events ends in the same state.
    private static IReadOnlyList<string> With(IReadOnlyList<string> names, string name) =>
        names.Contains(name, StringComparer.Ordinal) ? names : [.. names.Append(name).Order(StringComparer.Ordinal)];

    private static string MainEmail(CustomerState state) => state.Fields.Text("email") ?? state.Emails[0];

    private static Dictionary<string, FieldValue> Written(CustomerState state) => CustomerFields.OfContact
        .Where(state.Fields.ContainsKey)
        .ToDictionary(name => name, name => state.Fields[name].Value, StringComparer.Ordinal);

    private void Step(int order, CrmCommand command, bool isRequired) =>
        _steps.Add(new PlanStep(order, command.Object, command.Operation, isRequired));

    private List<NoteLine> NoteLines(Routing? routing)
    {
        var lines = new List<NoteLine>
        {
            new("Source event", received.EventId.ToString()),
            new("Source record", $"{received.SourceSystem} {received.SourceRecordId}"),
            new("Correlation", received.CorrelationId),
        };
        void Add(string label, string? text)
        {
            if (!string.IsNullOrEmpty(text))
                lines.Add(new NoteLine(label, text));
        }

        Add("Budget", received.LeadContext?.BudgetRange);
        Add("Urgency", received.LeadContext?.Urgency);
        Add("Pain", received.LeadContext?.PainSummary);
        Add("Stack", received.LeadContext?.DetectedStack is { } stack ? string.Join(", ", stack) : null);
        Add("Invoice", received.Invoice is { } invoice ? $"{invoice.Number ?? invoice.Id}: {invoice.Amount} {invoice.Currency}" : null);
        Add("Score", routing is null ? null : $"{routing.LeadScore}, {routing.QualificationStatus}, {routing.RoutingTier}");
        return lines;
    }

    private string Filled(string template, CustomerState state) => template
        .Replace("{full_name}", state.Fields.Text("full_name") ?? MainEmail(state), StringComparison.Ordinal)
        .Replace("{invoice}", received.Invoice?.Number ?? received.Invoice?.Id ?? "", StringComparison.Ordinal)
        .Replace("{amount}", received.Invoice is { } invoice ? $"{invoice.Amount} {invoice.Currency}" : "", StringComparison.Ordinal);
}
