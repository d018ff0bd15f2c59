using System.Text.Json;
using CrmGrains.Core.Actions;
using CrmGrains.Core.Grains;
using CrmGrains.Core.Json;
using CrmGrains.Runtime.Mailboxes;
using CrmGrains.Runtime.Silos;
using Dapper;
using Npgsql;

namespace CrmGrains.Host.Reviews;

/// <summary>
/// Answers proposals that nobody answered in time, and wakes what was snoozed. Any number of processes may do it at once: what one has locked
/// the others leave out. What is due is judged by the database's clock.
/// </summary>
internal sealed class ReviewClock(NpgsqlDataSource database, Wakeups wakeups, ReviewMetrics metrics, TimeProvider time, ILogger<ReviewClock> logger)
    : BackgroundService
{
    private const int BatchSize = 100;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var rest = Interval;
            try
            {
                if (await RunAsync(stoppingToken))
                    rest = TimeSpan.Zero;
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                rest = Retry;
                metrics.RoundFailed();
                logger.RoundFailed(Retry, exception.Message);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            await Task.Delay(rest, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>One round: a batch of each.</summary>
    /// <returns>Whether there may be more.</returns>
    internal async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        if (!await connection.ExecuteScalarAsync<bool>(new CommandDefinition(ReviewSql.IsAnyDue, cancellationToken: cancellationToken)))
            return false;
        var woken = await connection.ExecuteAsync(new CommandDefinition(ReviewSql.Wake, new { limit = BatchSize }, cancellationToken: cancellationToken));
        return await ExpireAsync(connection, cancellationToken) || woken == BatchSize;
    }

    private async Task<bool> ExpireAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var due = (await connection.QueryAsync<(Guid Id, string Grain, string? Proposal, TimeSpan Waited)>(new CommandDefinition(
            ReviewSql.Expired, new { limit = BatchSize }, cancellationToken: cancellationToken))).AsList();
        if (due.Count == 0)
            return false;

        var (messages, expired, unreadable) = (new List<OutgoingMessage>(), new List<Guid>(), new List<Guid>());
        foreach (var (id, grain, text, _) in due)
        {
            if (Read(text) is { } proposal && GrainId.TryParse(grain, out var to))
            {
                messages.Add(AnsweredMessage.Of(to, new Message.ReviewAnswered(id, Answer.Expired, proposal, [])));
                expired.Add(id);
            }
            else
            {
                unreadable.Add(id);
                logger.Unreadable(id);
            }
        }

        await connection.ExecuteAsync(new CommandDefinition(ReviewSql.Expire, new { ids = expired }, cancellationToken: cancellationToken));
        if (unreadable.Count > 0)
            await connection.ExecuteAsync(new CommandDefinition(ReviewSql.Keep, new { ids = unreadable }, cancellationToken: cancellationToken));
        await Mail.SendAsync(connection, messages, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        wakeups.MailboxesFilled(messages.Select(message => message.Partition).Distinct().ToList());
        foreach (var one in due.Where(one => expired.Contains(one.Id)))
            metrics.Answered(Answers.Expired, one.Waited);
        return due.Count == BatchSize;
    }

    private static Proposal? Read(string? text)
    {
        try
        {
            return text is null ? null : JsonSerializer.Deserialize(text, CoreJson.Default.Proposal);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
