using System.Diagnostics;
using CrmGrains.Core.Commands;
using CrmGrains.Core.Decisions;
using CrmGrains.Core.Fields;
using CrmGrains.Core.Grains;
using CrmGrains.Core.Undo;

namespace CrmGrains.Core.Companies;

/// <summary>What is known of one company.</summary>
public sealed record CompanyState
{
    /// <summary>What sources said, newest word each.</summary>
    public IReadOnlyDictionary<string, Field> Fields { get; init; } = FieldSet.Empty;

    /// <summary>Whether writing the company was asked for already.</summary>
    public bool IsCompanyWanted { get; init; }

    /// <summary>True where a person had something of the company taken back: it is written whole with the next word of it. Else null.</summary>
    public bool? IsCompanyTakenBack { get; init; }

    /// <summary>The CRM's id of the company, once known.</summary>
    public string? CompanyId { get; init; }

    /// <summary>How often somebody of the company turned up.</summary>
    public long Seen { get; init; }
}

/// <summary>One company, by its domain: two people of one company never make two, because both tell the same grain.</summary>
public static class CompanyGrain
{
    private const string Domain = "company_domain";

    /// <summary>One turn.</summary>
    public static Turn<CompanyState> Handle(CompanyState state, Message message, TurnContext context) => message switch
    {
        Message.PersonSeen m => Seen(state, m, context),
        Message.UndoWanted m => new(TakenBack(state, m), Undoing.Decided(m), Undoing.Reverts(m, context.Grain)),
        Message.CommandCompleted { Result: var result } => new(
            result.CrmId is { } id ? state with { CompanyId = id } : state, CommandDecision.Of(result), CommandDecision.Reviews(result)),
        _ => throw new UnreachableException($"A company has no turn for {message.Name}."),
    };

    private static Turn<CompanyState> Seen(CompanyState state, Message.PersonSeen seen, TurnContext context)
    {
        // The grain's key is the domain that counts, whoever says so and whenever; what a person wrote may be an alias of it.
        var merge = FieldSet.Merge(state.Fields, Said(seen));
        if (!merge.Fields.ContainsKey(Domain))
        {
            var added = FieldSet.Merge(merge.Fields, [new(Domain, new Field(new FieldValue.Text(context.Grain.Key), default))]);
            merge = merge with { Fields = added.Fields, Changed = [.. merge.Changed, Domain] };
        }

        // A replay tells of a person who was counted, unless the company hears of anybody for the first time.
        var isCounted = seen.Replay is null || state.Seen == 0;
        var next = state with { Fields = merge.Fields, Seen = isCounted ? state.Seen + 1 : state.Seen };
        var decision = new Decision
        {
            Outcome = state.Seen == 0 ? "create" : "update",
            Changed = merge.Changed,
            Stale = merge.Stale.Count == 0 ? null : merge.Stale,
        };

        if (state is { IsCompanyWanted: true, IsCompanyTakenBack: null } && merge.Changed.Count == 0)
            return new(next, decision, []);
        var command = new CrmCommand.UpsertCompany(
            context.Grain,
            context.Workspace.DomainsOf(context.Grain.Key),
            next.Fields.ToDictionary(field => field.Key, field => field.Value.Value, StringComparer.Ordinal));
        return new(next with { IsCompanyWanted = true, IsCompanyTakenBack = null }, decision, [new Effect.Enqueue(2, command, Replay: seen.Replay)]);
    }

    private static CompanyState TakenBack(CompanyState state, Message.UndoWanted message) =>
        message.Commands.Any(command => command.MadeIt)
            ? state with { IsCompanyWanted = false, CompanyId = null, IsCompanyTakenBack = null }
            : state.IsCompanyWanted ? state with { IsCompanyTakenBack = true } : state;

    private static IEnumerable<KeyValuePair<string, Field>> Said(Message.PersonSeen seen)
    {
        if (FieldValue.Of(seen.Company.Name) is { } name)
            yield return new("company_name", new Field(name, seen.Mark));
    }
}
