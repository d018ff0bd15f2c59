using Npgsql;

namespace CrmGrains.Faults.Cluster;

/// <summary>Waits until nothing is left to do: no message, no open command.</summary>
internal static class Drain
{
    private const string Left = """
        SELECT (SELECT count(*) FROM message), (SELECT count(*) FROM command WHERE state IN ('waiting', 'blocked', 'sent'))
        """;

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    /// <returns>Null once all is done, or what is left when the time is over.</returns>
    public static async Task<string?> WaitAsync(NpgsqlDataSource database, TimeSpan patience, CancellationToken cancellationToken)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            string left;
            try
            {
                await using var command = database.CreateCommand(Left);
                await using var reader = await command.ExecuteReaderAsync(cancellationToken);
                await reader.ReadAsync(cancellationToken);
                if (reader.GetInt64(0) == 0 && reader.GetInt64(1) == 0)
                    return null;
                left = $"{reader.GetInt64(0)} messages and {reader.GetInt64(1)} commands were left after {patience.TotalSeconds:0} s.";
            }
            catch (NpgsqlException exception)
            {
                // Just started again, or it ended the session of this question too.
                left = $"PostgreSQL didn't answer: {exception.Message}";
            }

            if (TimeProvider.System.GetElapsedTime(began) > patience)
                return left;
            await Task.Delay(Look, TimeProvider.System, cancellationToken);
        }
    }
}
