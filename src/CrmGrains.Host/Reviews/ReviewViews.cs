using System.Text.Json;
using CrmGrains.Core.Actions;
using CrmGrains.Core.Customers;
using CrmGrains.Core.Grains;
using CrmGrains.Core.Json;
using Dapper;
using Npgsql;

namespace CrmGrains.Host.Reviews;

/// <summary>Puts together what a person sees of an item.</summary>
internal sealed class ReviewViews(NpgsqlDataSource database, ReviewDesk desk)
{
    private const string Fields = "fields.";

    /// <summary>One item; null where there is none.</summary>
    public async Task<ReviewView?> FindAsync(Guid id, string? workspace, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        if (await ReviewDesk.ReadAsync(connection, ReviewSql.Get, id, workspace, cancellationToken) is not { } row)
            return null;
        var matter = desk.MatterOf(row);
        return new ReviewView
        {
            Item = row,
            Asked = row.Asked,
            AnswerReason = row.AnswerReason,
            Outcome = row.Proposal is null || row.Answer is null ? null : await OutcomeAsync(connection, row, cancellationToken),
            Proposal = row.ReadProposal() is { } proposal ? Of(proposal, row, await StateAsync(connection, row, cancellationToken)) : null,
            Detail = await matter.DetailAsync(connection, row, cancellationToken),
            Answers = row.IsClosed ? new Dictionary<string, string>() : matter.AnswersTo(row),
            History =
            [
                .. await connection.QueryAsync<ReviewStep>(new CommandDefinition(
                    ReviewSql.History, new { row.Id, eventId = row.EventId, row.Workspace, row.Key, row.Round }, cancellationToken: cancellationToken)),
            ],
            Links = LinksOf(row),
        };
    }

    private static ProposalView Of(Proposal proposal, ReviewRow row, CustomerState state)
    {
        var proposed = CommandPaths.Of(proposal.Command);
        var edited = row.ReadInstead() is { } instead
            ? CommandPaths.Changed(proposal.Command, instead).ToDictionary(change => change.Path, change => change.IsNow ?? "", StringComparer.Ordinal)
            : [];
        return new ProposalView
        {
            From = proposal.From,
            Name = proposal.Name,
            Type = proposal.Type,
            About = ActionType.Find(proposal.Type)?.About,
            Tier = proposal.Tier.Name(),
            Reason = proposal.Reason,
            NeedsTwoPeople = proposal.FourEyes,
            ProposedAt = proposal.ProposedAt,
            Values =
            [
                .. from path in proposed.Select(value => value.Key).Union(edited.Keys, StringComparer.Ordinal)
                   let value = proposed.FirstOrDefault(value => value.Key == path).Value
                   select new ProposedValue(path, BeforeOf(path, state), value, edited.GetValueOrDefault(path)),
            ],
            Editable = CommandEdits.PathsOf(proposal.Command),
            RestsOn =
            [
                .. from fact in proposal.Saw
                   let isNow = CustomerFacts.Of(state, fact.Key)
                   select new SeenFact(fact.Key, fact.Value, isNow, !string.Equals(fact.Value, isNow, StringComparison.Ordinal)),
            ],
            Moved = proposal.Moved,
            Context = proposal.Context,
            Questions = proposal.Questions,
            Gates = proposal.Gates,
        };
    }

    // The fields of commands and of customers are both named as in the contract.
    private static string? BeforeOf(string path, CustomerState state) =>
        path.StartsWith(Fields, StringComparison.Ordinal) ? CustomerFacts.Of(state, $"{CustomerFacts.Prefix}{path[Fields.Length..]}") : null;

    private static async Task<CustomerState> StateAsync(NpgsqlConnection connection, ReviewRow row, CancellationToken cancellationToken)
    {
        if (!GrainId.TryParse(row.Grain, out var grain) || grain.Kind != GrainKind.Customer)
            return new CustomerState();
        var state = await connection.ExecuteScalarAsync<string?>(new CommandDefinition(
            ReviewSql.State, new { partition = MailboxPartition.Of(grain), grain = row.Grain }, cancellationToken: cancellationToken));
        return (state is null ? null : JsonSerializer.Deserialize(state, CoreJson.Default.CustomerState)) ?? new CustomerState();
    }

    private static Task<string?> OutcomeAsync(NpgsqlConnection connection, ReviewRow row, CancellationToken cancellationToken) =>
        connection.ExecuteScalarAsync<string?>(new CommandDefinition(
            ReviewSql.Outcome, new { row.Id, row.Workspace, eventId = row.EventId }, cancellationToken: cancellationToken));

    private static Dictionary<string, string> LinksOf(ReviewItem item)
    {
        var links = new Dictionary<string, string>(StringComparer.Ordinal) { ["self"] = $"/v1/reviews/{item.Id}" };
        if (item.EventId is { } eventId)
            links["event"] = $"/v1/events/{eventId}";
        if (GrainId.TryParse(item.Grain, out var grain) && grain.Kind == GrainKind.Customer)
            links["customer"] = $"/v1/customers/{Uri.EscapeDataString(grain.Key)}?workspace={Uri.EscapeDataString(item.Workspace)}";
        return links;
    }
}
