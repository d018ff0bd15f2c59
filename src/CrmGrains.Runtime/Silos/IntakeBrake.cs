using CrmGrains.Runtime.Mailboxes;
using CrmGrains.Runtime.Storage;
using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;

namespace CrmGrains.Runtime.Silos;

/// <summary>Holds the intake of a workspace back while its grains' mailboxes are deep: a backlog waits at the door, not in the way of others.</summary>
internal sealed class IntakeBrake(EngineDatabase database, SiloOptions options, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    private long _measuredAt;
    private string[] _heldBack = [];

    /// <summary>The workspaces whose intake waits.</summary>
    public string[] HeldBack => Volatile.Read(ref _heldBack);

    /// <summary>Measures, at most four times a second.</summary>
    public async Task MeasureAsync(CancellationToken cancellationToken)
    {
        var last = Volatile.Read(ref _measuredAt);
        var now = time.GetTimestamp();
        if (time.GetElapsedTime(last, now) < Interval || Interlocked.CompareExchange(ref _measuredAt, now, last) != last)
            return;
        try
        {
            await using var command = database.Source.CreateCommand(MailboxSql.Depths);
            command.Parameters.With(NpgsqlDbType.Bigint, options.MailboxDepth * 4L);
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            var deep = new List<string>();
            while (await reader.ReadAsync(cancellationToken))
            {
                if (reader.GetInt64(1) >= options.MailboxDepth)
                    deep.Add(reader.GetString(0));
            }

            Volatile.Write(ref _heldBack, [.. deep]);
        }
        catch (Exception exception) when (SqlState.IsTransient(exception) && !cancellationToken.IsCancellationRequested)
        {
            logger.MeasuringFailed(exception.Message);
        }
    }
}
