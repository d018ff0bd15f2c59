using CrmGrains.Runtime.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace CrmGrains.Runtime.Silos;

/// <summary>
/// Wakes the other processes on the database, and is woken by them. NOTIFY makes commits wait for each other, so it is never part of a
/// batch: it follows in a statement of its own, at most one every few milliseconds. Polling finds what a lost signal would have told.
/// </summary>
public sealed class OtherProcesses(string connectionString, Wakeups wakeups, TimeProvider time, ILogger<OtherProcesses> logger) : BackgroundService
{
    private const string Channel = "crmgrains";

    private static readonly TimeSpan BetweenSignals = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);

    private readonly string _me = Guid.NewGuid().ToString("N");

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken) =>
        await Task.WhenAll(ListenAsync(stoppingToken), NotifyAsync(stoppingToken));

    private async Task ListenAsync(CancellationToken stoppingToken)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString)
        {
            ApplicationName = "crmgrains-listener", Pooling = false, KeepAlive = 10,
        }.WithTcpKeepalive();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await using var connection = new NpgsqlConnection(settings.ConnectionString);
                await connection.OpenAsync(stoppingToken);
                connection.Notification += (_, notification) =>
                {
                    if (News.Read(notification.Payload, _me) is not { } news)
                        return;
                    if (news.Filled is null)
                        wakeups.Mailboxes.Signal();
                    else if (news.Filled.Count > 0)
                        wakeups.Call(news.Filled);
                    if (news.HasCommands)
                        wakeups.Commands.Signal();
                };
                await using (var listen = new NpgsqlCommand($"LISTEN {Channel}", connection))
                    await listen.ExecuteNonQueryAsync(stoppingToken);
                while (true)
                    await connection.WaitAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                logger.ListeningFailed(exception.Message);
                await Task.Delay(Retry, time, stoppingToken).ContinueWith(_ => { }, TaskScheduler.Default);
            }
        }
    }

    private async Task NotifyAsync(CancellationToken stoppingToken)
    {
        await using var database = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connectionString)
        {
            ApplicationName = "crmgrains-notifier", MaxPoolSize = 1, NoResetOnClose = true, MaxAutoPrepare = 2, AutoPrepareMinUsages = 2,
        });
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await wakeups.Others.WaitAsync(Timeout.InfiniteTimeSpan, stoppingToken);
                await using (var notify = database.CreateCommand("SELECT pg_notify($1, $2)"))
                {
                    notify.Parameters.Text(Channel).Text(wakeups.TakeNews().ToPayload(_me));
                    await notify.ExecuteNonQueryAsync(stoppingToken);
                }

                await Task.Delay(BetweenSignals, time, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                logger.NotifyingFailed(exception.Message);
                await Task.Delay(Retry, time, stoppingToken).ContinueWith(_ => { }, TaskScheduler.Default);
            }
        }
    }
}
