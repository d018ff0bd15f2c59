using System.Data.Common;
using System.Text.Json;
using CrmGrains.Core.Grains;
using CrmGrains.Core.Json;

namespace CrmGrains.Runtime.Mailboxes;

/// <summary>A timer that came due, as the message that it becomes.</summary>
internal static class TimerMessage
{
    /// <summary>Reads a row of <see cref="MailboxSql.PopTimers"/>.</summary>
    public static MailboxMessage Read(DbDataReader row)
    {
        var grain = row.GetString(1);
        Message fired = new Message.TimerFired(row.GetString(2), row.GetFieldValue<DateTimeOffset>(4));
        return new MailboxMessage
        {
            Id = 0,
            Partition = row.GetInt32(0),
            Workspace = GrainId.TryParse(grain, out var id) ? id.Workspace : "",
            Grain = grain,
            Kind = fired.Name,
            EventId = row.IsDBNull(3) ? null : row.GetGuid(3),
            Body = JsonSerializer.SerializeToUtf8Bytes(fired, CoreJson.Default.Message),
        };
    }
}
