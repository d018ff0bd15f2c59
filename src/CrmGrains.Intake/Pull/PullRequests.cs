using CrmGrains.Intake.Loop;
using CrmGrains.Runtime.Mailboxes;
using CrmGrains.Runtime.Storage;
using Npgsql;

namespace CrmGrains.Intake.Pull;

/// <summary>Notes, in the transaction that handles the calls, that there is something to fetch: a call that was handled is never forgotten.</summary>
internal static class PullRequests
{
    /// <summary>Writes only where there is a call among the deliveries, so that a batch without one costs nothing.</summary>
    public static async Task AskAsync(
        NpgsqlConnection connection, IReadOnlyList<MailboxMessage> messages, IReadOnlyList<Judged> judged, CancellationToken cancellationToken)
    {
        var calls = messages.Zip(judged, (message, outcome) => (Message: message, outcome.Ping))
            .Where(call => call.Ping is not null)
            .DistinctBy(call => (call.Message.Partition, call.Ping?.Webhook))
            .ToList();
        if (calls.Count == 0)
            return;
        await using var command = new NpgsqlCommand(PullSql.Ask, connection);
        command.Parameters
            .Ints(calls.ConvertAll(call => call.Message.Partition))
            .Texts(calls.ConvertAll(call => call.Ping?.Webhook))
            .Texts(calls.ConvertAll(call => (string?)call.Message.Workspace))
            .Texts(calls.ConvertAll(call => call.Message.Source))
            .Texts(calls.ConvertAll(call => call.Ping?.Base));
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
