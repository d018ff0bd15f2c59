using System.Text.Json;
using System.Text.Json.Nodes;
using CrmGrains.Connectors.Outbox;
using CrmGrains.Runtime.Silos;
using Dapper;
using Npgsql;

namespace CrmGrains.Host.Reviews;

/// <summary>Commands that the CRM refused as they are: an approval tries them once more, a rejection gives them up.</summary>
internal sealed class CommandMatter(OutboxDeadLetters commands, Wakeups wakeups) : IReviewMatter
{
    private const string Prefix = "command/";

    public bool Takes(ReviewItem item) => item.Key.StartsWith(Prefix, StringComparison.Ordinal);

    public IReadOnlyDictionary<string, string> AnswersTo(ReviewRow item) => new Dictionary<string, string>(StringComparer.Ordinal)
    {
        [Verb.Approve] = "The command is tried once more, with all its attempts; correct what the CRM named before.",
        [Verb.Reject] = "The command is given up for good.",
        [Verb.Resolve] = "It was settled in another way; the command stays refused.",
    };

    public async Task<JsonElement?> DetailAsync(NpgsqlConnection connection, ReviewRow item, CancellationToken cancellationToken)
    {
        var command = await connection.QuerySingleOrDefaultAsync<(string Object, string Operation, string State, int Attempts, string? Error, string? Detail)?>(
            new CommandDefinition(ReviewSql.Command, new { item.Workspace, effectKey = KeyOf(item) }, cancellationToken: cancellationToken));
        if (command is not { } found)
            return null;
        var detail = new JsonObject
        {
            ["effect_key"] = KeyOf(item), ["object"] = found.Object, ["operation"] = found.Operation, ["state"] = found.State,
            ["attempts"] = found.Attempts, ["error"] = found.Error, ["error_detail"] = found.Detail,
        };
        return JsonElement.Parse(detail.ToJsonString());
    }

    public async Task<Deed> DoAsync(
        NpgsqlConnection connection, ReviewRow item, IReadOnlyList<string> by, long? prepared, CancellationToken cancellationToken)
    {
        if (item.Answer == Answers.Resolved)
            return Deed.Nothing;
        var isApproved = item.Answer == Answers.Approved;
        var isDone = isApproved
            ? await OutboxDeadLetters.RetryRefusedAsync(connection, item.Workspace, KeyOf(item), cancellationToken)
            : await OutboxDeadLetters.DiscardRefusedAsync(connection, item.Workspace, KeyOf(item), cancellationToken);
        if (!isDone)
            return new Deed(ReviewRefusals.NotNow("not_refused", "The command isn't refused any more. Resolve the item instead."));
        return isApproved ? new Deed(Problem: null, Reopened) : Deed.Nothing;
    }

    private static string KeyOf(ReviewItem item) => item.Key[Prefix.Length..];

    private void Reopened()
    {
        commands.Reopened();
        wakeups.CommandsQueued();
    }
}
