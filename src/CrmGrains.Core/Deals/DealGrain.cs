using System.Diagnostics;
using CrmGrains.Core.Commands;
using CrmGrains.Core.Customers;
using CrmGrains.Core.Decisions;
using CrmGrains.Core.Fields;
using CrmGrains.Core.Grains;

namespace CrmGrains.Core.Deals;

/// <summary>What is known of one customer's deal in one pipeline.</summary>
public sealed record DealState
{
    /// <summary>What shall be in the deal, newest word each.</summary>
    public IReadOnlyDictionary<string, Field> Fields { get; init; } = FieldSet.Empty;

    /// <summary>Whether writing the deal was asked for already.</summary>
    public bool IsDealWanted { get; init; }

    /// <summary>The companies that the deal was linked to, by grain key.</summary>
    public IReadOnlyList<string> Companies { get; init; } = [];

    /// <summary>Customers whom it was linked to, beside the one that its key names: who that one was merged into. By grain key.</summary>
    public IReadOnlyList<string>? Customers { get; init; }

    /// <summary>The CRM's id of the deal, once known.</summary>
    public string? DealId { get; init; }
}

/// <summary>One open deal for each customer and pipeline.</summary>
public static class DealGrain
{
    private const string Title = "deal_name";
    private const string OwnerRole = "owner_role";

    // Several links of one turn are several effects.
    private const int FirstOtherStep = 10;

    /// <summary>One turn.</summary>
    public static Turn<DealState> Handle(DealState state, Message message, TurnContext context) => message switch
    {
        Message.DealWanted m => Wanted(state, m, context),
        Message.CustomerChanged m => Changed(state, m, context),
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
        if (!next.IsDealWanted)
            return new(next, decision, []);

        var effects = new List<Effect>();
        var deal = new RecordRef(CrmObject.Deal, context.Grain);
        var contact = new RecordRef(CrmObject.Contact, customer);
        if (!before.IsDealWanted || merge.Changed.Count > 0)
        {
            var role = next.Fields.Text(OwnerRole);
            effects.Add(new Effect.Enqueue(3, new CrmCommand.UpsertDeal(
                context.Grain,
                contact,
                CompanyOf(next, companies, context) is { } company ? new RecordRef(CrmObject.Company, company, Required: false) : null,
                pipeline.Id,
                pipeline.Stage,
                pipeline.MoveFrom,
                pipeline.ReopenFrom,
                role is null ? null : context.Workspace.Owners.GetValueOrDefault(role),
                Written(next.Fields)), Replay: replay));
        }

        if (!before.IsDealWanted || !IsOf(before, customer, context.Grain))
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
