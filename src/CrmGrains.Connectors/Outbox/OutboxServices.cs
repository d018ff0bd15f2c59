using CrmGrains.Core.Grains;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace CrmGrains.Connectors.Outbox;

/// <summary>What the outboxes of all accounts share.</summary>
/// <param name="MailboxesFilled">Told the partitions whose mailboxes got messages, after their commit.</param>
/// <param name="Draw">From 0 to 1, for jitter.</param>
internal sealed record OutboxServices(
    NpgsqlDataSource Database,
    OutboxOptions Options,
    Guid Silo,
    Action<IReadOnlyCollection<int>> MailboxesFilled,
    TimeProvider Time,
    Func<double> Draw,
    ILogger Logger,
    OutboxMetrics Metrics);
