using Npgsql;

namespace CrmGrains.IntegrationTests.Engine;

/// <summary>Statements with their values in order.</summary>
internal static class Queries
{
    public static async Task<int> ExecuteAsync(this NpgsqlDataSource database, string sql, params object[] values)
    {
        await using var command = Command(database, sql, values);
        return await command.ExecuteNonQueryAsync();
    }

    public static async Task<T> ValueAsync<T>(this NpgsqlDataSource database, string sql, params object[] values)
    {
        await using var command = Command(database, sql, values);
        return await command.ExecuteScalarAsync() is T value ? value : throw new InvalidOperationException($"No value came from: {sql}");
    }

    public static async Task<List<T>> ListAsync<T>(this NpgsqlDataSource database, string sql, params object[] values)
    {
        await using var command = Command(database, sql, values);
        await using var reader = await command.ExecuteReaderAsync();
        var list = new List<T>();
        while (await reader.ReadAsync())
            list.Add(reader.GetFieldValue<T>(0));
        return list;
    }

    private static NpgsqlCommand Command(NpgsqlDataSource database, string sql, object[] values)
    {
        var command = database.CreateCommand(sql);
        foreach (var value in values)
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        return command;
    }
}
