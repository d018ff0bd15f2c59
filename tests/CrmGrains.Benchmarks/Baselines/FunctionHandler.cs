using Npgsql;
using NpgsqlTypes;

namespace CrmGrains.Benchmarks.Baselines;

/// <summary>The same in one call of a PL/pgSQL function: the strongest plain design.</summary>
internal static class FunctionHandler
{
    public static async Task<BaselineAnswer> HandleAsync(NpgsqlDataSource database, BaselineEvent received, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("SELECT accept($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)");
        foreach (var (type, value) in (ReadOnlySpan<(NpgsqlDbType, object)>)[
            (NpgsqlDbType.Uuid, received.EventId), (NpgsqlDbType.Text, received.DeliveryId), (NpgsqlDbType.Text, received.Headers),
            (NpgsqlDbType.Bytea, received.Body), (NpgsqlDbType.Bytea, received.BodyHash), (NpgsqlDbType.Text, received.EventType),
            (NpgsqlDbType.TimestampTz, received.OccurredAt.UtcDateTime), (NpgsqlDbType.Text, received.Normalized),
            (NpgsqlDbType.Integer, received.Partition), (NpgsqlDbType.Text, received.Customer), (NpgsqlDbType.Text, received.Name),
            (NpgsqlDbType.Text, received.Profile), (NpgsqlDbType.Text, received.Command)])
        {
            command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = type, Value = value });
        }

        var first = await command.ExecuteScalarAsync(cancellationToken) is Guid id ? id : Guid.Empty;
        return new BaselineAnswer(first, first != received.EventId);
    }
}
