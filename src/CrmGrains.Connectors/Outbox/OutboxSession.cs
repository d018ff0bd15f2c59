using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CrmGrains.Core.Commands;
using CrmGrains.Core.Faults;
using CrmGrains.Core.Grains;
using CrmGrains.Core.Json;
using Npgsql;

namespace CrmGrains.Connectors.Outbox;

/// <summary>
/// The connection that holds an account's lock, and the bookkeeping that goes through it. A holder that has lost the connection has lost
/// the account, and can't commit anything any more. Used by one loop, one call at a time. What is begun is finished: nothing here is
/// canceled.
/// </summary>
internal sealed class OutboxSession : IAsyncDisposable
{
    private const int MaxRepetitions = 10;

    private readonly NpgsqlConnection _connection;
    private readonly string _account;
    private readonly long _lockKey;

    private OutboxSession(NpgsqlConnection connection, string account, long lockKey) =>
        (_connection, _account, _lockKey) = (connection, account, lockKey);

    /// <summary>Takes the account's lock.</summary>
    /// <returns>Null where another session holds it.</returns>
    public static async Task<OutboxSession?> TryOpenAsync(NpgsqlDataSource database, string account, CancellationToken cancellationToken)
    {
        var key = LockKey(account);
        var connection = await database.OpenConnectionAsync(cancellationToken);
        var session = new OutboxSession(connection, account, key);
        var isLocked = false;
        try
        {
            await using var command = new NpgsqlCommand(OutboxSql.TryLock, connection);
            command.Parameters.AddTyped("key", key);
            isLocked = await command.ExecuteScalarAsync(CancellationToken.None) is true;
            return isLocked ? session : null;
        }
        finally
        {
            if (!isLocked)
                await connection.DisposeAsync();
        }
    }

    /// <summary>Makes the account this silo's.</summary>
    /// <returns>How many commands were left with an open outcome, and why the account is paused; null where it isn't.</returns>
    /// <param name="uncertainWait">How long a write that nobody waits for any more may still take effect.</param>
    public Task<(int Interrupted, string? PauseReason)> TakeOverAsync(Guid silo, TimeSpan uncertainWait) =>
        RepeatedAsync(() => TakeOverOnceAsync(silo, uncertainWait));

    private async Task<(int Interrupted, string? PauseReason)> TakeOverOnceAsync(Guid silo, TimeSpan uncertainWait)
    {
        await using var batch = new NpgsqlBatch(_connection);
        Add(batch, OutboxSql.LimitSession);
        var interrupted = Add(batch, OutboxSql.TakeOver);
        interrupted.Parameters.AddTyped("account", _account);
        interrupted.Parameters.AddTyped("unrepeatable", OutboxObjects.All.Where(name => !CommandRecords.IsRepeatable(name)).ToArray());
        interrupted.Parameters.AddTyped("wait", uncertainWait);
        var account = Add(batch, OutboxSql.TakeAccount);
        account.Parameters.AddTyped("account", _account);
        account.Parameters.AddTyped("silo", silo);

        CrashPoint.Pass(CrashPoint.OutboxBeforeTakeOver);
        await using var reader = await batch.ExecuteReaderAsync(CancellationToken.None);
        await reader.NextResultAsync(CancellationToken.None);
        await reader.ReadAsync(CancellationToken.None);
        var reason = reader.GetText(0);
        await reader.NextResultAsync(CancellationToken.None);
        CrashPoint.Pass(CrashPoint.OutboxAfterTakeOver);
        return (interrupted.RecordsAffected, reason);
    }

    /// <summary>Reads the oldest waiting commands of some objects, each from its own place on and at most so many.</summary>
    /// <param name="now">By this process' clock; due times are given by it.</param>
    public async Task<LoadedCommands> LoadAsync(IReadOnlyList<(string Object, long After, int Take)> places, DateTimeOffset now)
    {
        await using var command = new NpgsqlCommand(OutboxSql.Load, _connection);
        command.Parameters.AddTyped("account", _account);
        command.Parameters.AddTyped("objects", places.Select(place => place.Object).ToArray());
        command.Parameters.AddTyped("afters", places.Select(place => place.After).ToArray());
        command.Parameters.AddTyped("takes", places.Select(place => place.Take).ToArray());

        var commands = new List<QueuedCommand>();
        long xmin = 0, xmax = 0;
        await using var reader = await command.ExecuteReaderAsync(CancellationToken.None);
        while (await reader.ReadAsync(CancellationToken.None))
        {
            (xmin, xmax) = (reader.GetInt64(0), reader.GetInt64(1));
            if (reader.IsDBNull(2))
                continue;
            commands.Add(new QueuedCommand
            {
                Id = reader.GetInt64(2),
                Workspace = reader.GetString(3),
                EffectKey = reader.GetString(4),
                EventId = reader.IsDBNull(5) ? null : reader.GetGuid(5),
                Grain = reader.GetString(6),
                Partition = reader.GetInt32(7),
                Object = reader.GetString(8),
                Lane = reader.GetString(9),
                Wanted = Parse(reader.GetString(10), reader.GetString(8)),
                Attempts = reader.GetInt32(11),
                IsUncertain = reader.GetBoolean(12),
                DueAt = now + TimeSpan.FromSeconds(Math.Min(reader.GetDouble(13), TimeSpan.FromDays(1).TotalSeconds)),
            });
        }

        return new LoadedCommands(commands, xmin, xmax);
    }

    /// <summary>What is known of records; those never written are missing from the answer.</summary>
    public async Task<IReadOnlyList<BookedLink>> ReadLinksAsync(IReadOnlyCollection<RecordKey> records)
    {
        await using var command = new NpgsqlCommand(OutboxSql.ReadLinks, _connection);
        command.Parameters.AddTyped("account", _account);
        command.Parameters.AddTyped("objects", records.Select(record => record.Object).ToArray());
        command.Parameters.AddTyped("grains", records.Select(record => record.Grain).ToArray());

        var links = new List<BookedLink>();
        await using var reader = await command.ExecuteReaderAsync(CancellationToken.None);
        while (await reader.ReadAsync(CancellationToken.None))
        {
            var link = new Link(reader.GetText(2), reader.IsDBNull(3) ? null : reader.GetInt64(3));
            links.Add(new BookedLink(new RecordKey(reader.GetString(0), reader.GetString(1)), link));
        }

        return links;
    }

    /// <summary>Commits which commands are about to be sent, and which wait for a record.</summary>
    /// <returns>The ids that may be sent; one that a person took back meanwhile is missing.</returns>
    public Task<IReadOnlySet<long>> SendAsync(long[] ids, IReadOnlyList<(QueuedCommand Command, RecordKey On)> blocked) =>
        RepeatedAsync(() => SendOnceAsync(ids, blocked));

    private async Task<IReadOnlySet<long>> SendOnceAsync(long[] ids, IReadOnlyList<(QueuedCommand Command, RecordKey On)> blocked)
    {
        await using var batch = new NpgsqlBatch(_connection);
        if (blocked.Count > 0)
        {
            var block = Add(batch, OutboxSql.Block);
            block.Parameters.AddTyped("ids", blocked.Select(item => item.Command.Id).ToArray());
            block.Parameters.AddTyped("records", blocked.Select(item => item.On.ToString()).ToArray());
        }

        Add(batch, OutboxSql.Send).Parameters.AddTyped("ids", ids);
        var sent = new HashSet<long>();
        CrashPoint.Pass(CrashPoint.OutboxBeforeIntent);
        await using var reader = await batch.ExecuteReaderAsync(CancellationToken.None);
        while (await reader.ReadAsync(CancellationToken.None))
            sent.Add(reader.GetInt64(0));
        await reader.NextResultAsync(CancellationToken.None);  // to the commit's own answer
        CrashPoint.Pass(CrashPoint.OutboxAfterIntent);
        return sent;
    }

    /// <summary>
    /// Commits what became of a batch: receipts, links, calls, dead letters, messages and who need wait no longer; all of it or nothing.
    /// </summary>
    /// <returns>The commands that wait no longer for a record: their ids and objects.</returns>
    public Task<IReadOnlyList<(long Id, string Object)>> BookAsync(Booking booking) => RepeatedAsync(() => BookOnceAsync(booking));

    private async Task<IReadOnlyList<(long Id, string Object)>> BookOnceAsync(Booking booking)
    {
        await using var batch = new NpgsqlBatch(_connection);
        if (booking.Commands.Count > 0)
            BookingStatements.Commands(Add(batch, OutboxSql.BookCommands).Parameters, booking.Commands);
        if (booking.Calls.Count > 0)
            BookingStatements.Calls(Add(batch, OutboxSql.LogCalls).Parameters, _account, booking.Calls);
        if (booking.Commands.Where(command => command.State == CommandState.DeadLettered).ToList() is { Count: > 0 } dead)
            BookingStatements.DeadLetters(Add(batch, OutboxSql.DeadLetter).Parameters, dead);
        if (booking.Ended.ToList() is { Count: > 0 } ended)
            BookingStatements.Messages(Add(batch, OutboxSql.Tell).Parameters, ended);
        if (booking.PauseReason is { } reason)
            BookingStatements.AccountState(Add(batch, OutboxSql.SetAccountState).Parameters, _account, reason);
        if (booking.Links.Count > 0)
        {
            BookingStatements.Links(Add(batch, OutboxSql.Link).Parameters, _account, booking.Links);
            var unblock = Add(batch, OutboxSql.Unblock);
            unblock.Parameters.AddTyped("account", _account);
            unblock.Parameters.AddTyped("records", booking.Links.Select(link => link.Record.ToString()).ToArray());
        }

        var unblocked = new List<(long, string)>();
        if (batch.BatchCommands.Count == 0)
            return unblocked;
        CrashPoint.Pass(CrashPoint.OutboxBeforeReceipt);
        await using var reader = await batch.ExecuteReaderAsync(CancellationToken.None);
        while (await reader.ReadAsync(CancellationToken.None))
            unblocked.Add((reader.GetInt64(0), reader.GetString(1)));
        await reader.NextResultAsync(CancellationToken.None);  // to the commit's own answer
        CrashPoint.Pass(CrashPoint.OutboxAfterReceipt);
        return unblocked;
    }

    /// <summary>Notes that the account may be used again, or why it still may not.</summary>
    public Task SetAccountStateAsync(string? pauseReason) => RepeatedAsync(async () =>
    {
        await using var command = new NpgsqlCommand(OutboxSql.SetAccountState, _connection);
        BookingStatements.AccountState(command.Parameters, _account, pauseReason);
        return await command.ExecuteNonQueryAsync(CancellationToken.None);
    });

    /// <summary>Counts the open commands, each state up to a bound.</summary>
    public async Task<OpenCommands> CountAsync(IReadOnlyList<string> objects, int bound)
    {
        await using var command = new NpgsqlCommand(OutboxSql.Count, _connection);
        command.Parameters.AddTyped("account", _account);
        command.Parameters.AddTyped("bound", bound);
        command.Parameters.AddTyped("objects", objects.ToArray());
        await using var reader = await command.ExecuteReaderAsync(CancellationToken.None);
        await reader.ReadAsync(CancellationToken.None);
        var oldest = reader.IsDBNull(3) ? TimeSpan.Zero : TimeSpan.FromSeconds(reader.GetDouble(3));
        return new OpenCommands(reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2), oldest);
    }

    /// <summary>Fails where the account was lost; keeps the session from being ended as idle where it wasn't.</summary>
    public async Task HeartbeatAsync()
    {
        await using var command = new NpgsqlCommand("SELECT 1", _connection);
        await command.ExecuteNonQueryAsync(CancellationToken.None);
    }

    /// <summary>
    /// Gives the account back at once; a connection that can't do that any more must not go back into the pool with the lock.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await using var command = new NpgsqlCommand(OutboxSql.Unlock, _connection) { CommandTimeout = 5 };
            command.Parameters.AddTyped("key", _lockKey);
            await command.ExecuteNonQueryAsync(CancellationToken.None);
        }
        catch (Exception)
        {
            NpgsqlConnection.ClearPool(_connection);
        }

        await _connection.DisposeAsync();
    }

    /// <summary>
    /// A serialization failure or a deadlock undoes the transaction and leaves the session: done again, it may succeed. Given up, the account
    /// would be lost with all calls in flight, and each of their commands would lose an attempt that it made well.
    /// </summary>
    private static async Task<T> RepeatedAsync<T>(Func<Task<T>> transaction)
    {
        for (var repetition = 1; ; repetition++)
        {
            try
            {
                return await transaction();
            }
            catch (PostgresException e) when (
                e.SqlState is PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected && repetition < MaxRepetitions)
            {
                // The one that we waited for in a circle has gone on by now.
            }
        }
    }

    private static NpgsqlBatchCommand Add(NpgsqlBatch batch, string sql)
    {
        var command = new NpgsqlBatchCommand(sql);
        batch.BatchCommands.Add(command);
        return command;
    }

    /// <summary>64 bits of a hash of the name, so that two accounts never share a lock by chance.</summary>
    private static long LockKey(string account) =>
        BitConverter.ToInt64(SHA256.HashData(Encoding.UTF8.GetBytes("crm_account " + account)).AsSpan(0, sizeof(long)));

    private static CrmCommand? Parse(string body, string commandObject)
    {
        try
        {
            var command = JsonSerializer.Deserialize(body, CoreJson.Default.CrmCommand);
            return command?.Object == commandObject ? command : null;
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            return null;
        }
    }
}

/// <summary>What was read, in order of id, and which transactions were running meanwhile.</summary>
internal sealed record LoadedCommands(IReadOnlyList<QueuedCommand> Commands, long Xmin, long Xmax);

/// <summary>The open commands of an account.</summary>
internal sealed record OpenCommands(long Waiting, long Blocked, long Sent, TimeSpan Oldest);
