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

    /// <summary>The CRM's id of the deal, once known.</summary>
    public string? DealId { get; init; }
}

/// <summary>One open deal for each customer and pipeline.</summary>
public static class DealGrain
{
    private const string Title = "deal_name";
    private const string OwnerRole = "owner_role";

    /// <summary>One turn.</summary>
    public static Turn<DealState> Handle(DealState state, Message message, TurnContext context) => message switch
    {
        Message.DealWanted m => Wanted(state, m, context),
        Message.CommandCompleted { Result: var result } => new(
            result is { Object: CrmObject.Deal, CrmId: { } id } ? state with { DealId = id } : state,
            CommandDecision.Of(result), CommandDecision.Reviews(result)),
        _ => throw new UnreachableException($"A deal has no turn for {message.Name}."),
    };

    private static Turn<DealState> Wanted(DealState state, Message.DealWanted wanted, TurnContext context)
    {
        if (!context.Workspace.Pipelines.TryGetValue(wanted.Pipeline, out var pipeline))
            return new(
                state,
                new Decision { Outcome = "review", Reason = $"The workspace has no pipeline {wanted.Pipeline} any more." },
                [new Effect.OpenReview($"pipeline/{context.Grain}", "missing_pipeline", "The routing rules named a pipeline that was removed since. Add it again.")]);

        var said = wanted.OwnerRole is null
            ? wanted.Fields
            : wanted.Fields.Append(new(OwnerRole, new Field(new FieldValue.Text(wanted.OwnerRole), wanted.Mark)));
        var merge = FieldSet.Merge(state.Fields, said);
        var next = state with { Fields = merge.Fields };
        var effects = new List<Effect>();

        var deal = new RecordRef(CrmObject.Deal, context.Grain);
        var contact = new RecordRef(CrmObject.Contact, wanted.Customer);
        var company = wanted.Company is { } id ? new RecordRef(CrmObject.Company, id) : null;
        if (!state.IsDealWanted || merge.Changed.Count > 0)
        {
            var role = next.Fields.Text(OwnerRole);
            effects.Add(new Effect.Enqueue(3, new CrmCommand.UpsertDeal(
                context.Grain,
                contact,
                company is null ? null : company with { Required = false },
                pipeline.Id,
                pipeline.Stage,
                pipeline.MoveFrom,
                pipeline.ReopenFrom,
                role is null ? null : context.Workspace.Owners.GetValueOrDefault(role),
                Written(next.Fields)), wanted.Replay));
        }

        if (!state.IsDealWanted)
            effects.Add(new Effect.Enqueue(4, new CrmCommand.Associate(deal, contact), wanted.Replay));
        if (company is not null && !state.Companies.Contains(company.Grain.Key, StringComparer.Ordinal))
        {
            effects.Add(new Effect.Enqueue(4, new CrmCommand.Associate(deal, company), wanted.Replay));
            next = next with { Companies = [.. next.Companies.Append(company.Grain.Key).Order(StringComparer.Ordinal)] };
        }

        return new(next with { IsDealWanted = true }, new Decision
        {
            Outcome = state.IsDealWanted ? "update" : "create",
            Changed = merge.Changed,
            Stale = merge.Stale.Count == 0 ? null : merge.Stale,
        }, effects);
    }

    private static Dictionary<string, FieldValue> Written(IReadOnlyDictionary<string, Field> fields)
    {
        var written = CustomerFields.OfDeal.Where(fields.ContainsKey).ToDictionary(name => name, name => fields[name].Value, StringComparer.Ordinal);
        if (CustomerFields.OfDealName.FirstOrDefault(fields.ContainsKey) is { } name)
            written[Title] = fields[name].Value;
        return written;
    }
}
