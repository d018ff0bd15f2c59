using System.Globalization;
using System.Text.Json;
using CrmGrains.Core.Json;
using CrmGrains.Core.Undo;
using CrmGrains.Runtime.Mailboxes;
using CrmGrains.Runtime.Silos;
using CrmGrains.Runtime.Storage;
using Dapper;
using Npgsql;
using NpgsqlTypes;

namespace CrmGrains.Host.Undo;

/// <summary>
/// Plans to take commands back. Asking for one only plans it; a person's approval tells the grains that had asked for the commands, in the
/// transaction that takes the answer, so each is told once.
/// </summary>
internal sealed class Undos(NpgsqlDataSource database, Wakeups wakeups)
{
    private const int MostSteps = 1_000;

    // Where a customer has thousands of events, a filter may have to look at all of them.
    private const int PatienceSeconds = 20;

    /// <summary>Plans to take back what a filter chooses, and puts the plan before a person.</summary>
    /// <returns>Null where there is nothing that it chooses.</returns>
    public async Task<UndoView?> PlanAsync(ActionFilter filter, string by, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var rows = (await connection.QueryAsync<PlannedRow>(new CommandDefinition(
            UndoSql.Plan, filter.Parameters(null, MostSteps + 1), commandTimeout: PatienceSeconds, cancellationToken: cancellationToken))).AsList();
        if (rows.Count == 0)
            return null;
        var steps = UndoPlan.Of([.. rows.Take(MostSteps).Select(row => row.Command)]);

        var id = Guid.CreateVersion7();
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await connection.ExecuteAsync(new CommandDefinition(
            UndoSql.Add,
            new
            {
                id, workspace = filter.Workspace, by, hasMore = rows.Count > MostSteps, summary = Summary(steps),
                asked = JsonSerializer.Serialize(filter, UndoJson.Default.ActionFilter),
            },
            transaction, cancellationToken: cancellationToken));
        await using (var add = new NpgsqlCommand(UndoSql.AddSteps, connection))
        {
            add.Parameters.With(NpgsqlDbType.Uuid, id)
                .Longs([.. steps.Select(step => step.Command)])
                .Texts([.. steps.Select(step => step.Class)])
                .Texts([.. steps.Select(step => step.Reason)])
                .Texts([.. steps.Select(step => JsonSerializer.Serialize(step.Fields, UndoJson.Default.IReadOnlyListString))]);
            await add.ExecuteNonQueryAsync(cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        return await FindAsync(id, filter.Workspace, cancellationToken);
    }

    /// <summary>A plan with its steps; null where there is none.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="workspace">Where it must be; null: anywhere.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<UndoView?> FindAsync(Guid id, string? workspace, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        if (await connection.QuerySingleOrDefaultAsync<UndoView>(new CommandDefinition(UndoSql.Find, new { id, workspace }, cancellationToken: cancellationToken)) is not { } undo)
            return null;
        var steps = (await connection.QueryAsync<UndoStepView>(new CommandDefinition(UndoSql.Steps, new { id }, cancellationToken: cancellationToken))).AsList();
        return undo with { Steps = steps, Classes = steps.CountBy(step => step.Class).ToDictionary() };
    }

    /// <summary>A person answers a plan and not its review item, which is closed with it.</summary>
    /// <returns>False where it was answered before, or there is no such plan.</returns>
    public async Task<bool> AnswerAsync(Guid id, bool isApproved, string by, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        // The item first, as whoever answers that one does.
        await connection.ExecuteAsync(new CommandDefinition(
            UndoSql.CloseReview, new { id, answer = isApproved ? "approved" : "rejected", by }, transaction, cancellationToken: cancellationToken));
        if (!await CarryOutAsync(connection, id, isApproved, by, cancellationToken))
            return false;
        await transaction.CommitAsync(cancellationToken);
        wakeups.MailboxesFilled();
        return true;
    }

    /// <summary>Takes the answer to a plan, in the caller's transaction.</summary>
    /// <returns>False where it was answered before, or there is no such plan.</returns>
    public static async Task<bool> CarryOutAsync(
        NpgsqlConnection connection, Guid id, bool isApproved, string by, CancellationToken cancellationToken)
    {
        var answer = new { id, state = isApproved ? "approved" : "rejected", by };
        if (await connection.ExecuteScalarAsync<string?>(new CommandDefinition(
                UndoSql.Answer, answer, cancellationToken: cancellationToken)) is not { } workspace)
            return false;
        if (!isApproved)
            return true;
        var commands = (await connection.QueryAsync<UndoneRow>(new CommandDefinition(
            UndoSql.Approved, new { id }, cancellationToken: cancellationToken))).AsList();
        await Mail.SendAsync(connection, UndoMessages.Of(id, workspace, commands, by), cancellationToken);
        return true;
    }

    private static string Summary(IReadOnlyList<UndoStep> steps)
    {
        var classes = string.Join(", ", steps.CountBy(step => step.Class).OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair =>
            string.Create(CultureInfo.InvariantCulture, $"{pair.Value} {pair.Key}")));
        return $"Somebody wants what the system did to be taken back: {classes}. Approved, what is untouched_since is archived or restored; the rest stays.";
    }

    private sealed record PlannedRow
    {
        public long Id { get; init; }

        public string Object { get; init; } = "";

        public string Operation { get; init; } = "";

        public string State { get; init; } = "";

        public string? Action { get; init; }

        public bool IsUncertain { get; init; }

        public bool IsReverted { get; init; }

        public string? BeforeImage { get; init; }

        public string? AfterImage { get; init; }

        public long? LaterId { get; init; }

        public string? LaterImage { get; init; }

        public DoneCommand Command => new()
        {
            Id = Id,
            Object = Object,
            Operation = Operation,
            State = State,
            Action = Action,
            IsUncertain = IsUncertain,
            IsReverted = IsReverted,
            Before = UndoMessages.Image(BeforeImage),
            After = UndoMessages.Image(AfterImage),
            Later = LaterId is { } later ? new LaterWrite(later, UndoMessages.Image(LaterImage)) : null,
        };
    }
}
