using System.Data;
using CrmGrains.Core.Faults;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace CrmGrains.Runtime.Postgres;

/// <summary>
/// Brings a database to this program's schema: the scripts <c>Schema/NNNN_name.sql</c>, forward only, each in a transaction.
/// Any number of processes may try at once; one does it, and the others find it done.
/// </summary>
public static class Migrations
{
    // While a script waits for a table, everyone who comes after it waits too. So it waits briefly, lets them pass, and
    // tries again.
    private const int MaxAttempts = 20;

    /// <summary>Applies what this database lacks.</summary>
    /// <returns>How many scripts were applied.</returns>
    /// <exception cref="MigrationException">A script failed, or what was applied earlier differs from this program's scripts.</exception>
    public static Task<int> ApplyAsync(NpgsqlDataSource db, ILogger logger, CancellationToken cancellationToken) =>
        ApplyAsync(db, MigrationScript.Embedded, logger, TimeProvider.System, cancellationToken);

    /// <summary>How many scripts this database lacks; zero where it is newer than the program, which then can run on it.</summary>
    public static Task<int> CountPendingAsync(NpgsqlDataSource db, CancellationToken cancellationToken) =>
        CountPendingAsync(db, MigrationScript.Embedded, cancellationToken);

    internal static async Task<int> ApplyAsync(
        NpgsqlDataSource db, IReadOnlyList<MigrationScript> scripts, ILogger logger, TimeProvider time, CancellationToken cancellationToken)
    {
        await using var connection = await db.OpenConnectionAsync(cancellationToken);
        await ExecuteAsync(connection, MigrationSql.TakeLock, cancellationToken);
        try
        {
            await ExecuteAsync(connection, MigrationSql.CreateTable, cancellationToken);
            var applied = await ReadAppliedAsync(connection, cancellationToken);
            Check(applied, scripts, logger);

            var pending = scripts.Where(script => !applied.ContainsKey(script.Number)).OrderBy(script => script.Number).ToList();
            foreach (var script in pending)
            {
                var start = time.GetTimestamp();
                await ApplyAsync(connection, script, logger, cancellationToken);
                PostgresLog.MigrationApplied(logger, script.Name, time.GetElapsedTime(start).TotalMilliseconds);
            }

            return pending.Count;
        }
        finally
        {
            // Back in the pool, the session would keep the lock. A broken session has lost it already.
            if (connection.State == ConnectionState.Open)
            {
                await ExecuteAsync(connection, MigrationSql.ReleaseLock, CancellationToken.None);
            }
        }
    }

    internal static async Task<int> CountPendingAsync(
        NpgsqlDataSource db, IReadOnlyList<MigrationScript> scripts, CancellationToken cancellationToken)
    {
        await using var connection = await db.OpenConnectionAsync(cancellationToken);
        await using var question = new NpgsqlCommand(MigrationSql.TableExists, connection);
        if (await question.ExecuteScalarAsync(cancellationToken) is not true) return scripts.Count;
        var applied = await ReadAppliedAsync(connection, cancellationToken);
        return scripts.Count(script => !applied.ContainsKey(script.Number));
    }

    private static void Check(Dictionary<int, (string Name, string Sha256)> applied, IReadOnlyList<MigrationScript> scripts, ILogger logger)
    {
        foreach (var script in scripts)
        {
            if (applied.TryGetValue(script.Number, out var was) && was.Sha256 != script.Sha256)
            {
                throw new MigrationException(
                    $"The migration {script.Name} was changed after it was applied to this database (as {was.Name}). "
                    + "Restore its text, and put the change into a new migration.");
            }
        }

        var newest = scripts.Max(script => (int?)script.Number) ?? 0;
        foreach (var (number, was) in applied.Where(a => scripts.All(script => script.Number != a.Key)))
        {
            if (number < newest)
            {
                throw new MigrationException(
                    $"The database has a migration {was.Name} that this program lacks, although it knows newer ones. "
                    + "The database belongs to another line of development; use another database, or the program that made it.");
            }

            PostgresLog.DatabaseIsNewer(logger, number, newest);
        }
    }

    private static async Task ApplyAsync(
        NpgsqlConnection connection, MigrationScript script, ILogger logger, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
                await ExecuteAsync(connection, MigrationSql.WaitBriefly, cancellationToken);
                await ExecuteAsync(connection, script.Text, cancellationToken);
                await using var record = new NpgsqlCommand(MigrationSql.Record, connection, transaction);
                record.Parameters.Add(new NpgsqlParameter<int>("number", script.Number));
                record.Parameters.Add(new NpgsqlParameter<string>("name", script.Name));
                record.Parameters.Add(new NpgsqlParameter<string>("sha256", script.Sha256));
                await record.ExecuteNonQueryAsync(cancellationToken);
                CrashPoint.Pass(CrashPoint.MigrationBeforeCommit);
                await transaction.CommitAsync(cancellationToken);
                CrashPoint.Pass(CrashPoint.MigrationAfterCommit);
                return;
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.LockNotAvailable && attempt < MaxAttempts)
            {
                PostgresLog.MigrationWaits(logger, script.Name, attempt, MaxAttempts);
            }
            catch (PostgresException e)
            {
                throw new MigrationException(
                    $"The migration {script.Name} failed and changed nothing: {e.MessageText} "
                    + $"({e.SqlState}, at character {e.Position})", e);
            }
        }
    }

    private static async Task<Dictionary<int, (string Name, string Sha256)>> ReadAppliedAsync(
        NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var applied = new Dictionary<int, (string Name, string Sha256)>();
        await using var command = new NpgsqlCommand(MigrationSql.ReadApplied, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken)) applied.Add(reader.GetInt32(0), (reader.GetString(1), reader.GetString(2)));
        return applied;
    }

    /// <summary>Without a time-out: another process may take long under the lock, and so may a script. The token ends it.</summary>
    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}

/// <summary>The database can't be brought to this program's schema; the message names the script and says what to do.</summary>
public sealed class MigrationException(string message, Exception? inner = null) : Exception(message, inner);
