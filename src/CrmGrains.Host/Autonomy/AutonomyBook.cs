using System.Globalization;
using System.Text.Json;
using CrmGrains.Core.Actions;
using CrmGrains.Core.Autonomy;
using CrmGrains.Core.Configuration;
using CrmGrains.Core.Grains;
using CrmGrains.Core.Json;
using CrmGrains.Runtime.Mailboxes;
using CrmGrains.Runtime.Silos;
using Dapper;
using Npgsql;

namespace CrmGrains.Host.Autonomy;

/// <summary>
/// What goes without a person, what speaks for it and against it, and who says so. Nothing is granted here: a person's signature is a message
/// to the workspace's own grain, in the transaction that takes it.
/// </summary>
internal sealed class AutonomyBook(NpgsqlDataSource database, Wakeups wakeups, TimeProvider time)
{
    // So long something that ended isn't proposed anew, whatever earlier answers say.
    private static readonly TimeSpan Rest = TimeSpan.FromDays(30);

    /// <summary>The key of the review item that asks for a signature.</summary>
    public static string KeyOf(string action) => $"autonomy/{action}";

    /// <summary>Every kind of action for which something can be granted, with its tally.</summary>
    public async Task<IReadOnlyList<AutonomyView>> ListAsync(WorkspaceConfiguration workspace, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var (state, tallies) = await ReadAsync(connection, workspace, cancellationToken);
        var proposed = (await connection.QueryAsync<string>(new CommandDefinition(
            AutonomySql.Proposed, new { workspace = workspace.Name }, cancellationToken: cancellationToken))).ToHashSet();
        return [.. tallies.Select(tally => AutonomyView.Of(tally, state.Granted.GetValueOrDefault(tally.Action), proposed.Contains(KeyOf(tally.Action))))];
    }

    /// <summary>Ends what goes wrong; proposes what may go by itself, where that is asked for.</summary>
    /// <returns>The kinds of actions that were demoted; null where another process is looking.</returns>
    public async Task<IReadOnlyList<(string Action, string Why)>?> LookAsync(
        WorkspaceConfiguration workspace, bool proposes, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (!await connection.ExecuteScalarAsync<bool>(new CommandDefinition(AutonomySql.TryLock, null, transaction, cancellationToken: cancellationToken)))
            return null;
        var (state, tallies) = await ReadAsync(connection, workspace, cancellationToken);
        var (grain, demoted) = (PolicyGrain.Of(workspace.Name), new List<(string Action, string Why)>());
        foreach (var tally in tallies)
        {
            if (ActionType.Find(tally.Action) is not { } type)
                continue;
            var (step, why) = AutonomyRule.Judge(type, workspace.Risk, tally, state.Granted.ContainsKey(tally.Action));
            if (step == AutonomyStep.Demote)
                demoted.Add((tally.Action, why));
            else if (step == AutonomyStep.Propose && proposes && !IsResting(state, tally.Action))
                await connection.ExecuteAsync(new CommandDefinition(
                    AutonomySql.Propose,
                    new
                    {
                        workspace = workspace.Name, key = KeyOf(tally.Action), grain = grain.ToString(),
                        detail = JsonSerializer.Serialize(tally, AutonomyJson.Default.ActionTally),
                        summary = $"{tally.Action} may go without a person: {why} Sign it, or say no; it ends at once when it goes wrong.",
                    },
                    transaction, cancellationToken: cancellationToken));
        }

        await SendAsync(connection, grain, [.. demoted.Select(one => new Message.AutonomyRevoked(one.Action, one.Why))], cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        if (demoted.Count > 0)
            wakeups.MailboxesFilled();
        return demoted;
    }

    /// <summary>A person answers a proposal. What the answer to its review item calls too: the item's key is <c>autonomy/</c> and the action.</summary>
    /// <returns>False where nothing of the kind is proposed, or somebody answered it before.</returns>
    public async Task<bool> AnswerAsync(string workspace, string action, bool isSigned, string by, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await connection.ExecuteAsync(new CommandDefinition(AutonomySql.Lock, null, transaction, cancellationToken: cancellationToken));
        var answered = new { workspace, key = KeyOf(action), by, answer = isSigned ? "approved" : "rejected" };
        if (await connection.ExecuteScalarAsync<string?>(new CommandDefinition(
                AutonomySql.Answer, answered, transaction, cancellationToken: cancellationToken)) is not { } detail)
            return false;
        var tally = JsonSerializer.Deserialize(detail, AutonomyJson.Default.ActionTally) ?? new ActionTally(action, 0, 0);
        if (isSigned)
            await SendAsync(connection, PolicyGrain.Of(workspace), [new Message.AutonomyGranted(action, by, tally.Decided, tally.Accepted)], cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        wakeups.MailboxesFilled();
        return true;
    }

    /// <summary>A person ends it.</summary>
    public async Task RevokeAsync(string workspace, string action, string by, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await SendAsync(connection, PolicyGrain.Of(workspace), [new Message.AutonomyRevoked(action, $"{by} wants it so.", by)], cancellationToken);
        wakeups.MailboxesFilled();
    }

    private bool IsResting(PolicyState state, string action) =>
        state.Ended is { } ended && ended.TryGetValue(action, out var at) && time.GetUtcNow() - at < Rest;

    private static async Task<(PolicyState State, IReadOnlyList<ActionTally> Tallies)> ReadAsync(
        NpgsqlConnection connection, WorkspaceConfiguration workspace, CancellationToken cancellationToken)
    {
        var grain = PolicyGrain.Of(workspace.Name);
        var stored = await connection.ExecuteScalarAsync<string?>(new CommandDefinition(
            AutonomySql.State, new { partition = MailboxPartition.Of(grain), grain = grain.ToString() }, cancellationToken: cancellationToken));
        var state = (stored is null ? null : JsonSerializer.Deserialize(stored, CoreJson.Default.PolicyState)) ?? new PolicyState();
        var types = ActionType.All.Where(type => AutonomyRule.IsGrantable(type) || state.Granted.ContainsKey(type.Name)).ToList();
        var rows = await connection.QueryAsync<TallyRow>(new CommandDefinition(
            AutonomySql.Tallies,
            new
            {
                workspace = workspace.Name,
                window = workspace.Risk.Autonomy.Window,
                actions = types.Select(type => type.Name).ToArray(),
                granted = types.Select(type => state.Granted.GetValueOrDefault(type.Name)?.At.ToString("O", CultureInfo.InvariantCulture)).ToArray(),
            },
            cancellationToken: cancellationToken));
        return (state, [.. rows.Select(row => row.Tally)]);
    }

    private static Task SendAsync(NpgsqlConnection connection, GrainId grain, IReadOnlyCollection<Message> messages, CancellationToken cancellationToken) =>
        messages.Count == 0 ? Task.CompletedTask : Mail.SendAsync(
            connection,
            [
                .. messages.Select(message => new OutgoingMessage(
                    MailboxPartition.Of(grain), grain.Workspace, grain.ToString(), message.Name, null,
                    JsonSerializer.SerializeToUtf8Bytes(message, CoreJson.Default.Message))),
            ],
            cancellationToken);

    private sealed record TallyRow
    {
        public string Action { get; init; } = "";

        public int Decided { get; init; }

        public int Accepted { get; init; }

        public int DecidedSince { get; init; }

        public int AcceptedSince { get; init; }

        public int Undone { get; init; }

        public int Failed { get; init; }

        public ActionTally Tally => new(Action, Decided, Accepted)
        {
            DecidedSince = DecidedSince, AcceptedSince = AcceptedSince, Undone = Undone, Failed = Failed,
        };
    }
}
