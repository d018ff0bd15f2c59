using System.Diagnostics;
using CrmGrains.Core.Commands;
using CrmGrains.Core.Configuration;
using CrmGrains.Core.Customers;
using CrmGrains.Core.Decisions;
using CrmGrains.Core.Fields;
using CrmGrains.Core.Grains;
using CrmGrains.Core.Undo;

namespace CrmGrains.Core.Deals;

/// <summary>What is known of one customer's deal in one pipeline.</summary>
public sealed record DealState
{
    /// <summary>What shall be in the deal, newest word each.</summary>
    public IReadOnlyDictionary<string, Field> Fields { get; init; } = FieldSet.Empty;

    /// <summary>Whether writing the deal was asked for already.</summary>
    public bool IsDealWanted { get; init; }

    /// <summary>True where a person had something of the deal taken back: it is written whole when it is told of the next time. Else null.</summary>
    public bool? IsDealTakenBack { get; init; }

    /// <summary>The companies that the deal was linked to, by grain key.</summary>
    public IReadOnlyList<string> Companies { get; init; } = [];

    /// <summary>Customers whom it was linked to, beside the one that its key names: who that one was merged into. By grain key.</summary>
    public IReadOnlyList<string>? Customers { get; init; }

    /// <summary>Who was chosen to own it, where several people share its role.</summary>
    public DealOwner? Owner { get; init; }

    /// <summary>What is written once its owner is known.</summary>
    public HeldDeal? Held { get; init; }

    /// <summary>The CRM's id of the deal, once known.</summary>
    public string? DealId { get; init; }
}

/// <summary>Whom a role chose.</summary>
/// <param name="Role">The role that was asked.</param>
/// <param name="Email">Who; null where nobody may have it, or nothing was answered yet.</param>
/// <param name="Times">How often somebody was chosen.</param>
public sealed record DealOwner(string Role, string? Email, int Times);

/// <summary>Whose deal waits for its owner.</summary>
public sealed record HeldDeal(GrainId Customer, IReadOnlyList<GrainId> Companies, string Pipeline, long? Replay);

/// <summary>One open deal for each customer and pipeline.</summary>
public static class DealGrain
{
    private const string Title = "deal_name";
    private const string OwnerRole = "owner_role";

    // Several links of one turn are several effects.
    private const int FirstOtherStep = 10;

    // Beyond the links: one for each time that somebody else was chosen.
    private const int FirstOwnerStep = 1000;

    /// <summary>One turn.</summary>
    public static Turn<DealState> Handle(DealState state, Message message, TurnContext context) => message switch
    {
        Message.DealWanted m => Wanted(state, m, context),
        Message.CustomerChanged m => Changed(state, m, context),
        Message.UndoWanted m => new(TakenBack(state, m), Undoing.Decided(m), Undoing.Reverts(m, context.Grain)),
        Message.OwnerChosen m => Chosen(state, m, context),
        Message.CommandCompleted { Result: { Object: CrmObject.Deal, OwnerStatus: "inactive" or "missing" } result } when state.Owner is { Email: { } email } owner => new(
            state with { DealId = result.CrmId ?? state.DealId, Owner = owner with { Email = null } },
            CommandDecision.Of(result), [new Effect.Send(RoleOf(owner.Role, context), new Message.OwnerRefused(context.Grain, email))]),
        Message.CommandCompleted { Result: var result } => new(
            result is { Object: CrmObject.Deal, CrmId: { } id } ? state with { DealId = id } : state,
            CommandDecision.Of(result), CommandDecision.Reviews(result)),
        _ => throw new UnreachableException($"A deal has no turn for {message.Name}."),
    };

    private static Turn<DealState> Wanted(DealState state, Message.DealWanted wanted, TurnContext context)
    {
        var said = wanted.OwnerRole is null
            ? wanted.Fields
            : wanted.Fields.Append(new(OwnerRole, new Field(new FieldValue.Text(wanted.OwnerRole), wanted.Mark)));
        return Told(state with { IsDealWanted = true }, state, said, wanted.Customer, wanted.Company is { } company ? [company] : [], wanted.Pipeline, wanted.Replay,
            context);
    }

    private static Turn<DealState> Chosen(DealState state, Message.OwnerChosen chosen, TurnContext context)
    {
        if (state.Owner?.Role != chosen.Role)
            return new(state, new Decision { Outcome = "record", Reason = "The deal is another role's by now." }, []);
        var owner = state.Owner with { Email = chosen.Email, Times = state.Owner.Times + 1 };
        if (state.Held is { } held)
            return Told(
                state with { IsDealWanted = true, Owner = owner, Held = null }, state with { IsDealWanted = false, Held = null }, [], held.Customer, held.Companies,
                held.Pipeline, held.Replay, context);
        state = state with { Owner = owner };
        var pipeline = context.Workspace.Pipelines.GetValueOrDefault(PipelineOf(context.Grain));
        var decision = new Decision { Outcome = "route", Reason = "An owner was chosen." };
        return chosen.Email is null || pipeline is null
            ? new(state, decision, [])
            : new(state, decision, [new Effect.Enqueue(FirstOwnerStep + owner.Times, Upsert(state, CustomerOf(state, context), [], pipeline, context))]);
    }

    // Only the customer who wanted it, or into whom that one was merged, tells a deal what changed.
    private static Turn<DealState> Changed(DealState state, Message.CustomerChanged changed, TurnContext context) =>
        Told(state, state, changed.Fields, changed.Customer, changed.Companies, PipelineOf(context.Grain), changed.Replay, context);

    private static Turn<DealState> Told(
        DealState next,
        DealState before,
        IEnumerable<KeyValuePair<string, Field>> said,
        GrainId customer,
        IReadOnlyList<GrainId> companies,
        string pipelineName,
        long? replay,
        TurnContext context)
    {
        if (!context.Workspace.Pipelines.TryGetValue(pipelineName, out var pipeline))
            return new(
                before,
                new Decision { Outcome = "review", Reason = $"The workspace has no pipeline {pipelineName} any more." },
                [new Effect.OpenReview($"pipeline/{context.Grain}", "missing_pipeline", "The routing rules named a pipeline that was removed since. Add it again.")]);

        var merge = FieldSet.Merge(before.Fields, said);
        next = next with { Fields = merge.Fields };
        var decision = new Decision
        {
            Outcome = before.IsDealWanted ? "update" : next.IsDealWanted ? "create" : "record",
            Changed = merge.Changed,
            Stale = merge.Stale.Count == 0 ? null : merge.Stale,
        };
        if (before.Held is { } held)
            companies = [.. held.Companies.Union(companies)];
        if (Asking(next, context) is { } role)
        {
            var isAsked = before.Held is not null && before.Owner?.Role == role;
            return new(
                next with
                {
                    IsDealWanted = before.IsDealWanted,
                    Held = new HeldDeal(customer, companies, pipelineName, replay),
                    Owner = isAsked ? before.Owner : new DealOwner(role, null, before.Owner?.Times ?? 0),
                },
                decision with { Outcome = "route", Reason = "The deal is written once its owner is known." },
                isAsked ? [] : [new Effect.Send(RoleOf(role, context), new Message.OwnerWanted(context.Grain, before.Owner?.Email))]);
        }

        if (!next.IsDealWanted)
            return new(next, decision, []);

        var isWhole = !before.IsDealWanted || before.IsDealTakenBack == true;
        next = next with { IsDealTakenBack = null };
        var effects = new List<Effect>();
        var deal = new RecordRef(CrmObject.Deal, context.Grain);
        var contact = new RecordRef(CrmObject.Contact, customer);
        if (isWhole || merge.Changed.Count > 0)
        {
            effects.Add(new Effect.Enqueue(3, Upsert(next, customer, companies, pipeline, context), Replay: replay));
        }

        if (isWhole || !IsOf(before, customer, context.Grain))
        {
            effects.Add(new Effect.Enqueue(4, new CrmCommand.Associate(deal, contact), Replay: replay));
            if (!IsOf(next, customer, context.Grain))
                next = next with { Customers = [.. (next.Customers ?? []).Append(customer.Key).Order(StringComparer.Ordinal)] };
        }

        var step = 4;
        foreach (var company in companies.Where(company => !before.Companies.Contains(company.Key, StringComparer.Ordinal)))
        {
            effects.Add(new Effect.Enqueue(step, new CrmCommand.Associate(deal, new RecordRef(CrmObject.Company, company)), Replay: replay));
            step = Math.Max(step + 1, FirstOtherStep);
            next = next with { Companies = [.. next.Companies.Append(company.Key).Order(StringComparer.Ordinal)] };
        }

        return new(next, decision, effects);
    }

    // A deal that is archived is wanted again by the next lead, and then with all its links.
    private static DealState TakenBack(DealState state, Message.UndoWanted message)
    {
        foreach (var command in message.Commands)
        {
            state = command switch
            {
                { Object: CrmObject.Deal, MadeIt: true } =>
                    state with { IsDealWanted = false, DealId = null, Companies = [], Customers = null, IsDealTakenBack = null },
                { LinkedTo: { Object: CrmObject.Company, Grain.Key: var key } } =>
                    state with { Companies = [.. state.Companies.Where(company => company != key)] },
                _ when state.IsDealWanted => state with { IsDealTakenBack = true },
                _ => state,
            };
        }

        return state;
    }

    private static CrmCommand.UpsertDeal Upsert(
        DealState state, GrainId customer, IReadOnlyList<GrainId> companies, PipelineConfiguration pipeline, TurnContext context) => new(
        context.Grain,
        new RecordRef(CrmObject.Contact, customer),
        CompanyOf(state, companies, context) is { } company ? new RecordRef(CrmObject.Company, company, Required: false) : null,
        pipeline.Id,
        pipeline.Stage,
        StageMoves.ForLeads(pipeline),
        pipeline.ReopenFrom,
        state.Fields.Text(OwnerRole) is not { } role ? null
            : context.Workspace.Roles.ContainsKey(role) ? state.Owner?.Email
            : context.Workspace.Owners.GetValueOrDefault(role),
        Written(state.Fields));

    // The role that must be asked first; null where the owner is known, or where nobody shall own it.
    private static string? Asking(DealState next, TurnContext context) =>
        (next.IsDealWanted || next.Held is not null) && next.Fields.Text(OwnerRole) is { } role && context.Workspace.Roles.ContainsKey(role)
        && (next.Owner?.Role != role || next.Held is not null)
            ? role
            : null;

    private static GrainId RoleOf(string role, TurnContext context) => GrainId.Of(context.Grain.Workspace, GrainKind.Role, role);

    private static GrainId CustomerOf(DealState state, TurnContext context) => GrainId.Of(
        context.Grain.Workspace, GrainKind.Customer,
        state.Customers is { Count: > 0 } customers ? customers[^1] : context.Grain.Key[..context.Grain.Key.IndexOf('/', StringComparison.Ordinal)]);

    // The company that the customer named last; the one of the message where it was sent before deals were told the domain.
    private static GrainId? CompanyOf(DealState state, IReadOnlyList<GrainId> companies, TurnContext context) =>
        state.Fields.Text(CustomerFields.CompanyDomain) is { } domain
            ? GrainId.Of(context.Grain.Workspace, GrainKind.Company, context.Workspace.CanonicalDomain(domain))
            : companies.Count > 0 ? companies[0] : null;

    private static bool IsOf(DealState state, GrainId customer, GrainId deal) =>
        deal.Key.AsSpan().StartsWith($"{customer.Key}/", StringComparison.Ordinal)
        || state.Customers?.Contains(customer.Key, StringComparer.Ordinal) == true;

    private static string PipelineOf(GrainId deal) => deal.Key[(deal.Key.IndexOf('/', StringComparison.Ordinal) + 1)..];

    /// <summary>What a deal says, of what is known of its customer.</summary>
    internal static Dictionary<string, FieldValue> Written(IReadOnlyDictionary<string, Field> fields)
    {
        var written = CustomerFields.OfDeal.Where(fields.ContainsKey).ToDictionary(name => name, name => fields[name].Value, StringComparer.Ordinal);
        if (CustomerFields.OfDealName.FirstOrDefault(fields.ContainsKey) is { } name)
            written[Title] = fields[name].Value;
        return written;
    }
}
