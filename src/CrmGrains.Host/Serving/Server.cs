using System.Globalization;
using CrmGrains.Core.Faults;
using CrmGrains.Host.Access;
using CrmGrains.Host.Configuration;
using CrmGrains.Runtime.Postgres;
using CrmGrains.Runtime.Storage;
using Npgsql;

namespace CrmGrains.Host.Serving;

/// <summary>One running process: the database first, then everything that needs it; stopped in the opposite order.</summary>
internal static class Server
{
    private static readonly TimeSpan DatabasePatience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);

    /// <summary>Serves until it is asked to stop.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(ServeOptions options, CancellationToken cancellationToken)
    {
        using var logging = LoggerFactory.Create(ServerLogging.Configure);
        var logger = logging.CreateLogger("CrmGrains");
        try
        {
            if (CrashPoint.Fault is { } fault)
                throw new StartupException(fault);
            if (CrashPoint.ArmedWith is { } point)
                logger.CrashPointArmed(point);
            await using var postgres = options.Postgres is null
                ? await EmbeddedPostgres.StartAsync(
                    new EmbeddedPostgresOptions { DataFolder = options.Data }, logger, TimeProvider.System, cancellationToken)
                : null;
            var connectionString = postgres?.ConnectionString ?? options.Postgres ?? "";
            await using var app = ServerApplication.Build(options, connectionString);
            await PrepareAsync(app.Services, options, logger, cancellationToken);
            if (postgres is not null)
                StopWith(postgres, app.Lifetime, logger);

            await RunAsync(app, options, logger, cancellationToken);
            return 0;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return 0;
        }
        catch (Exception exception) when (exception is EmbeddedPostgresException or WorkspaceFaultsException or MigrationException or StartupException)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return 1;
        }
        catch (IOException exception) when (exception.Message.Contains("address already in use", StringComparison.OrdinalIgnoreCase))
        {
            await Console.Error.WriteLineAsync($"{exception.Message} Another program listens there: choose another address with --urls.");
            return 1;
        }
    }

    private static async Task RunAsync(WebApplication app, ServeOptions options, ILogger logger, CancellationToken cancellationToken)
    {
        try
        {
            await app.StartAsync(cancellationToken);
            logger.Serving(string.Join(", ", options.Roles.Order(StringComparer.Ordinal)), string.Join(", ", app.Urls));
            await app.WaitForShutdownAsync(cancellationToken);
        }
        catch
        {
            // What had started already ends before its database does.
            await app.StopAsync(CancellationToken.None);
            throw;
        }
    }

    /// <summary>What has to be there before anything is served: workspaces without faults, the schema, a key.</summary>
    public static async Task PrepareAsync(IServiceProvider services, ServeOptions options, ILogger logger, CancellationToken cancellationToken)
    {
        // Files with faults end it here, where they are told in so many words.
        services.GetRequiredService<Configuration.Workspaces>();
        var database = services.GetRequiredService<NpgsqlDataSource>();
        await MigrateAsync(database, logger, cancellationToken);
        var keys = services.GetRequiredService<ApiKeys>();
        if (options.ApiKey is { } given)
            await keys.RegisterAsync(given, "CRMGRAINS_API_KEY", cancellationToken);
        else if (await keys.CreateFirstAsync(cancellationToken) is { } first)
            await Console.Out.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture, $"The first API key, shown this once (scope admin): {first}"));
    }

    /// <summary>Applies pending migrations; waits for a database that is just starting.</summary>
    public static async Task MigrateAsync(NpgsqlDataSource database, ILogger logger, CancellationToken cancellationToken)
    {
        var time = TimeProvider.System;
        var began = time.GetTimestamp();
        while (true)
        {
            try
            {
                await Migrations.ApplyAsync(database, logger, cancellationToken);
                return;
            }
            catch (Exception exception) when (SqlState.IsTransient(exception) && !cancellationToken.IsCancellationRequested)
            {
                if (time.GetElapsedTime(began) > DatabasePatience)
                    throw new StartupException(
                        $"The database didn't answer for {DatabasePatience.TotalSeconds:0} seconds: {exception.Message} Check --postgres and the server.");
                logger.DatabaseAway(Retry, exception.Message);
                await Task.Delay(Retry, time, cancellationToken);
            }
        }
    }

    private static void StopWith(EmbeddedPostgres postgres, IHostApplicationLifetime lifetime, ILogger logger) =>
        _ = postgres.Exited.ContinueWith(
            ended =>
            {
                if (lifetime.ApplicationStopping.IsCancellationRequested)
                    return;
                logger.PostgresEnded(ended.Exception);
                lifetime.StopApplication();
            },
            CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
}

/// <summary>The process can't start; the message says why and what to do.</summary>
internal sealed class StartupException(string message) : Exception(message);
