using Microsoft.Extensions.Logging;

namespace CrmGrains.Runtime.Postgres;

/// <summary>
/// A private PostgreSQL, run from the machine's own binaries in a data folder: a child process, reached by a Unix socket
/// only, restarted when it dies, stopped with us. An orphan of a CrmGrains that was killed is stopped by the next start.
/// </summary>
public sealed class EmbeddedPostgres : IAsyncDisposable
{
    private const int MaxRestarts = 8;
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan HealthyAfter = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan LogCheckedEvery = TimeSpan.FromMinutes(1);

    private readonly DataFolderLock _ownership;
    private readonly Cluster _cluster;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly ITimer _logCheck;
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _supervision;
    private int _isDisposed;

    private EmbeddedPostgres(DataFolderLock ownership, Cluster cluster, ServerProcess server, ILogger logger, TimeProvider time)
    {
        (_ownership, _cluster, _logger, _time) = (ownership, cluster, logger, time);
        _logCheck = time.CreateTimer(_ => BoundLog(), state: null, LogCheckedEvery, LogCheckedEvery);
        _supervision = SuperviseAsync(server, _stopping.Token);
    }

    /// <summary>Connects to the database <c>crmgrains</c> as the plain role that owns it. Restarts don't change it.</summary>
    public string ConnectionString => _cluster.ConnectionString;

    /// <summary>
    /// Completes when the server has been stopped, and fails when it died so often that it is not restarted any more: then
    /// the host had better end.
    /// </summary>
    public Task Exited => _exited.Task;

    /// <summary>Starts the server on a data folder, which is made on first use, and returns when it takes connections.</summary>
    /// <exception cref="PostgresMissingException">PostgreSQL 15 or newer isn't installed.</exception>
    /// <exception cref="DataFolderInUseException">Another process owns the data folder.</exception>
    /// <exception cref="EmbeddedPostgresException">It can't be run; the message says why and what to do.</exception>
    public static async Task<EmbeddedPostgres> StartAsync(
        EmbeddedPostgresOptions options, ILogger logger, TimeProvider time, CancellationToken cancellationToken)
    {
        if (OperatingSystem.IsWindows()) throw new EmbeddedPostgresException("The private PostgreSQL needs Linux or macOS. Name a PostgreSQL server to use.");

        var ownership = DataFolderLock.Take(Path.GetFullPath(options.DataFolder));
        try
        {
            var cluster = await Cluster.OpenAsync(
                await PhysicalPathAsync(options.DataFolder, cancellationToken), options, logger, time, cancellationToken);
            var server = await cluster.StartAsync(cancellationToken);
            try
            {
                await cluster.MakeDatabaseAsync(cancellationToken);
                return new EmbeddedPostgres(ownership, cluster, server, logger, time);
            }
            catch
            {
                await cluster.StopAsync(server);
                throw;
            }
        }
        catch
        {
            ownership.Dispose();
            throw;
        }
    }

    /// <summary>Stops the server: fast, which ends open sessions and saves their committed work; at once if that takes too long.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0) return;
        await _stopping.CancelAsync();
        await _logCheck.DisposeAsync();
        try
        {
            await _supervision;
        }
        finally
        {
            _ownership.Dispose();
            _stopping.Dispose();
            _exited.TrySetResult();
        }
    }

    /// <summary>Owns the server process: waits for its end, and starts the next one.</summary>
    private async Task SuperviseAsync(ServerProcess? server, CancellationToken stopping)
    {
        try
        {
            var restarts = 0;
            while (true)
            {
                var startedAt = _time.GetTimestamp();
                var exitCode = server is null ? -1 : await server.WaitAsync(stopping);
                server?.Dispose();
                server = null;

                if (_time.GetElapsedTime(startedAt) > HealthyAfter) restarts = 0;
                if (++restarts > MaxRestarts) break;
                var delay = TimeSpan.FromTicks(Math.Min(FirstDelay.Ticks << restarts, LongestDelay.Ticks));
                PostgresLog.Died(_logger, exitCode, restarts, MaxRestarts, delay, _cluster.Log.Path, _cluster.Log.Tail());
                await Task.Delay(delay, _time, stopping);
                server = await TryStartAsync(stopping);
            }

            PostgresLog.GivenUp(_logger, MaxRestarts, _cluster.Log.Path);
            _exited.TrySetException(new EmbeddedPostgresException($"PostgreSQL keeps ending by itself. See {_cluster.Log.Path}."));
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            await _cluster.StopAsync(server);
        }
    }

    private async Task<ServerProcess?> TryStartAsync(CancellationToken stopping)
    {
        try
        {
            return await _cluster.StartAsync(stopping);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            PostgresLog.RestartFailed(_logger, e);
            return null;
        }
    }

    private void BoundLog()
    {
        try
        {
            _cluster.Log.Bound();
        }
        catch (Exception e)
        {
            PostgresLog.LogNotBounded(_logger, e);
        }
    }

    /// <summary>The path with its links resolved: the one that the kernel shows as a process's current folder.</summary>
    private static async Task<string> PhysicalPathAsync(string folder, CancellationToken cancellationToken)
    {
        var physical = await Command.RunAsync(["sh", "-c", "cd \"$0\" && pwd -P", Path.GetFullPath(folder)], cancellationToken);
        return physical.ExitCode == 0
            ? physical.Output
            : throw new EmbeddedPostgresException($"The data folder {folder} can't be entered: {physical.Error}");
    }
}
