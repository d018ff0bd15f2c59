using CrmGrains.Core.Commands;
using CrmGrains.Core.Decisions;
using CrmGrains.Core.Events;
using CrmGrains.Core.Fields;
using CrmGrains.Core.Grains;

namespace CrmGrains.Core.Customers;

/// <summary>
/// What one event calls for, in order: contact, company, deal, their association, the note. What is as it should be already
/// isn't asked for again, so a repeated lead costs its note and nothing else in the CRM.
/// </summary>
internal sealed class CustomerPlan(TurnContext context, ContractEvent received, Watermark mark, long? replay, List<Effect> effects)
{
    private const int LinkStep = 4;
    private const int NoteStep = 5;

    // Beyond the steps above, and before those of playbooks.
    private const int MentionedStep = 1000;

    private readonly List<PlanStep> _steps = [];
    private readonly RecordRef _contact = new(CrmObject.Contact, context.Grain);
    private RecordRef? _company;
    private RecordRef? _deal;
    private int _linked;

    public IReadOnlyList<PlanStep> Steps => _steps;

    private bool IsLead => received.EventType == EventType.LeadSubmitted;

    /// <summary>Writes the contact, where one is wanted.</summary>
    /// <param name="state">The customer.</param>
    /// <param name="changed">Fields that have another value now.</param>
    /// <param name="isAskedFor">Whether something shall be put on the contact, so that there must be one.</param>
    public CustomerState WriteContact(CustomerState state, IReadOnlyList<string> changed, bool isAskedFor)
    {
        if (state.Emails.Count == 0)
            return state;
        var contactIsWanted = IsLead || isAskedFor || state.IsContactWanted || state.Waiting is { Count: > 0 };
        if (!contactIsWanted)
            return state;
        _steps.Add(new PlanStep(1, CrmObject.Contact, "search_then_upsert", Required: true));
        if (state is { IsContactWanted: true, IsContactTakenBack: null } && !changed.Any(CustomerFields.OfContact.Contains))
            return state;
        effects.Add(new Effect.Enqueue(1, ContactOf(state, context.Grain), Replay: replay));
        return state with { IsContactWanted = true, IsContactTakenBack = null };
    }

    /// <summary>
    /// Links the company that the event names, and those named before there was a contact. A company takes the newest of all words of its
    /// people, so it hears each one: a word that repeats what this customer said may still be newer than another's.
    /// </summary>
    public CustomerState TellCompanies(CustomerState state)
    {
        if (state.Fields.Text(CustomerFields.CompanyDomain) is { } current)
            _company = new RecordRef(CrmObject.Company, CompanyOf(context.Workspace.CanonicalDomain(current)), Required: false);
        if (IsLead && _company is not null)
            _steps.Add(new PlanStep(2, CrmObject.Company, "search_then_upsert", Required: false));

        string? named = null;
        if (received.Company?.Domain is { } domain)
        {
            named = context.Workspace.CanonicalDomain(domain);
            var mention = new CompanyMention(received.Company.Name, mark);
            if (!state.IsContactWanted)
                return state with { Mentioned = CompanyMentions.With(state.Mentioned, named, mention) };
            state = Link(state, named, mention, LinkStep);
        }

        if (!state.IsContactWanted)
            return state;
        var step = MentionedStep;
        foreach (var (key, mention) in state.Mentioned ?? new Dictionary<string, CompanyMention>())
            state = Link(state, key, mention, key == named ? LinkStep : step++);
        return LinkCurrent(state, step) with { Mentioned = null };
    }

    // The company of the domain said last is linked already, unless a version before this one took the word in, a lead without an address
    // brought it, or the workspace calls the domain an alias since. Deals refer to it, so it has to be there.
    private CustomerState LinkCurrent(CustomerState state, int step)
    {
        if (_company is null || !state.Fields.TryGetValue(CustomerFields.CompanyDomain, out var domain))
            return state;
        if (state.Companies.Contains(_company.Grain.Key, StringComparer.Ordinal))
            return state;
        var mention = state.Fields.TryGetValue("company_name", out var name)
            ? new CompanyMention(name.Value.ToString(), name.Mark)
            : new CompanyMention(null, domain.Mark);
        return Link(state, _company.Grain.Key, mention, step);
    }

    /// <summary>
    /// Tells the lead's deal that it is wanted, and all others what changed. So what a deal says doesn't depend on whether its lead came
    /// before or after what else is known.
    /// </summary>
    public CustomerState TellDeals(CustomerState state, IReadOnlyList<string> changed, Routing? routing)
    {
        var known = state.Pipelines;
        if (routing?.TargetPipeline is { } pipeline)
            state = TellDeal(state, pipeline, routing);
        var isNews = _linked > 0 || changed.Any(CustomerFields.ToldToDeals.Contains);
        foreach (var name in state.Pipelines)
        {
            var wasWanted = name == routing?.TargetPipeline;
            var hasMore = wasWanted && state.Companies.Count > 1 && (_linked > 0 || !known.Contains(name, StringComparer.Ordinal));
            if (hasMore || (isNews && !wasWanted))
                effects.Add(new Effect.Send(state.DealOf(context.Grain, name), CustomerMerging.Changed(state, context.Grain) with { Replay = replay }));
        }

        return state;
    }

    private CustomerState TellDeal(CustomerState state, string pipeline, Routing route)
    {
        var deal = state.DealOf(context.Grain, pipeline);
        _deal = new RecordRef(CrmObject.Deal, deal);
        _steps.Add(new PlanStep(3, CrmObject.Deal, "search_then_create_or_update", Required: true));
        _steps.Add(new PlanStep(4, CrmObject.Association, "connect_contact_company_deal", Required: true));

        // Each field keeps the mark of its own event: under this one's, a value that is overtaken later would pass for newer than it is.
        effects.Add(new Effect.Send(deal, new Message.DealWanted(
            context.Grain, _company?.Grain, pipeline, route.TargetOwnerRole, CustomerFields.ForDeals(state.Fields), mark) { Replay = replay }));
        return state with { Pipelines = Names.With(state.Pipelines, pipeline) };
    }

    public CustomerState WriteNote(CustomerState state, Routing? routing)
    {
        if (!IsLead)
            return state;
        List<RecordRef> on = [_contact];
        if (_company is not null)
            on.Add(_company);
        if (_deal is not null)
            on.Add(_deal);
        var note = new CrmCommand.WriteNote(received.OccurredAt, $"{received.EventType} from {received.SourceSystem}", NoteLines(routing), on);
        return Ask(state, NoteStep, note);
    }

    // Without an address there is no contact yet to put it on, so it waits for one.
    private CustomerState Ask(CustomerState state, int step, CrmCommand command)
    {
        Step(step, command, isRequired: true);
        if (!state.IsContactWanted)
            return WaitingCommands.Keep(state, new WaitingCommand(received.EventId, step, command), effects);
        effects.Add(new Effect.Enqueue(step, command));
        return state;
    }

    private CustomerState Link(CustomerState state, string key, CompanyMention mention, int step)
    {
        var isLinked = state.Companies.Contains(key, StringComparer.Ordinal);
        var company = CompanyOf(key);
        if (!isLinked || mention.Name is not null)
            effects.Add(new Effect.Send(company, new Message.PersonSeen(
                context.Grain, new CompanyFacts { Name = mention.Name, Domain = key }, mention.Mark) { Replay = replay }));
        if (isLinked)
            return state;
        _linked++;
        effects.Add(new Effect.Enqueue(step, new CrmCommand.Associate(_contact, new RecordRef(CrmObject.Company, company)), Replay: replay));
        return state with { Companies = Names.With(state.Companies, key) };
    }

    private GrainId CompanyOf(string key) => GrainId.Of(context.Grain.Workspace, GrainKind.Company, key);

    /// <summary>The contact as it shall be.</summary>
    public static CrmCommand.UpsertContact ContactOf(CustomerState state, GrainId customer)
    {
        var main = MainEmail(state);
        IReadOnlyList<string> emails = main is null ? state.Emails : [main, .. state.Emails.Where(email => email != main)];
        return new(customer, emails, CustomerFields.OfContact
            .Where(state.Fields.ContainsKey)
            .ToDictionary(name => name, name => state.Fields[name].Value, StringComparer.Ordinal));
    }

    private static string? MainEmail(CustomerState state) => state.Fields.Text("email") ?? (state.Emails.Count > 0 ? state.Emails[0] : null);

    private void Step(int order, CrmCommand command, bool isRequired) =>
        _steps.Add(new PlanStep(order, command.Object, command.Operation, isRequired));

    private List<NoteLine> NoteLines(Routing? routing)
    {
        var lines = new List<NoteLine>(CustomerPlaybooks.SourceOf(received));
        void Add(string label, string? text)
        {
            if (!string.IsNullOrEmpty(text))
                lines.Add(new NoteLine(label, text));
        }

        Add("Budget", received.LeadContext?.BudgetRange);
        Add("Urgency", received.LeadContext?.Urgency);
        Add("Pain", received.LeadContext?.PainSummary);
        Add("Stack", received.LeadContext?.DetectedStack is { } stack ? string.Join(", ", stack) : null);
        Add("Score", routing is null ? null : $"{routing.LeadScore}, {routing.QualificationStatus}, {routing.RoutingTier}");
        return lines;
    }
}
