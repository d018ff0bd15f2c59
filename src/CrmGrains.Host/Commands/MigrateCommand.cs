using System.CommandLine;
using CrmGrains.Host.Serving;
using CrmGrains.Runtime.Postgres;
using Npgsql;

namespace CrmGrains.Host.Commands;

/// <summary><c>crmgrains migrate</c></summary>
internal static class MigrateCommand
{
    public static Command Create()
    {
        var postgres = SharedOptions.Postgres();
        var data = SharedOptions.Data();
        var command = new Command("migrate", "Brings the database's schema up to date and exits; serve does the same when it starts.") { postgres, data };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var logging = LoggerFactory.Create(ServerLogging.Configure);
            var logger = logging.CreateLogger("CrmGrains");
            try
            {
                await using var embedded = parsed.GetValue(postgres) is null
                    ? await EmbeddedPostgres.StartAsync(
                        new EmbeddedPostgresOptions { DataFolder = parsed.GetRequiredValue(data) }, logger, TimeProvider.System, cancellationToken)
                    : null;
                await using var database = NpgsqlDataSource.Create(embedded?.ConnectionString ?? parsed.GetValue(postgres) ?? "");
                await Server.MigrateAsync(database, logger, cancellationToken);
                await Console.Out.WriteLineAsync("The schema is up to date.");
                return 0;
            }
            catch (Exception exception) when (exception is EmbeddedPostgresException or MigrationException or StartupException or ArgumentException)
            {
                await Console.Error.WriteLineAsync(exception.Message);
                return 1;
            }
        });
        return command;
    }
}
