using CrmGrains.Runtime.Storage;
using Npgsql;

namespace CrmGrains.Runtime.Mailboxes;

/// <summary>Sends messages in a transaction of the caller's own, beside a silo's batches.</summary>
public static class Mail
{
    /// <summary>Sends messages, in order. They are there once the transaction is committed.</summary>
    public static async Task SendAsync(NpgsqlConnection connection, IReadOnlyCollection<OutgoingMessage> messages, CancellationToken cancellationToken)
    {
        await using var send = new NpgsqlCommand(MailboxSql.Send, connection);
        send.Parameters
            .Ints([.. messages.Select(message => message.Partition)])
            .Texts([.. messages.Select(message => message.Workspace)])
            .Texts([.. messages.Select(message => message.Grain)])
            .Texts([.. messages.Select(message => message.Kind)])
            .Uuids([.. messages.Select(message => message.EventId)])
            .Utf8([.. messages.Select(message => message.Body)]);
        await send.ExecuteNonQueryAsync(cancellationToken);
    }
}
