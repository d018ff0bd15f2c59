using CrmGrains.Runtime.Storage;
using Npgsql;

namespace CrmGrains.Intake.Lanes;

/// <summary>A connection that holds a lane's lock, so that one process at a time runs the lane; with the connection both are gone.</summary>
internal static class LaneConnection
{
    // Two numbers, so that it is none of the locks that have one.
    private const string TryLock = "SELECT pg_try_advisory_lock(18513, $1)";

    /// <summary>Opens it and waits until the lock is ours.</summary>
    /// <param name="connectionString">Of the database.</param>
    /// <param name="lane">What its session is called.</param>
    /// <param name="number">The lane's own, of the locks'.</param>
    /// <param name="askEvery">How often it is asked for while another process has it.</param>
    /// <param name="time">What waits.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public static async Task<NpgsqlConnection> OpenAsync(
        string connectionString, string lane, int number, TimeSpan askEvery, TimeProvider time, CancellationToken cancellationToken)
    {
        // Outside any pool: the lock ends with the connection.
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString)
        {
            ApplicationName = $"crmgrains-{lane}", Pooling = false, KeepAlive = 10,
        }.ConnectionString);
        try
        {
            await connection.OpenAsync(cancellationToken);
            while (!await IsLockedAsync(connection, number, cancellationToken))
                await Task.Delay(askEvery, time, cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private static async Task<bool> IsLockedAsync(NpgsqlConnection connection, int number, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(TryLock, connection);
        command.Parameters.Int(number);
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }
}
