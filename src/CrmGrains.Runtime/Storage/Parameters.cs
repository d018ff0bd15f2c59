using Npgsql;
using NpgsqlTypes;

namespace CrmGrains.Runtime.Storage;

/// <summary>Typed parameters in the order of their numbers in the statement.</summary>
public static class Parameters
{
    /// <summary>Adds a text.</summary>
    public static NpgsqlParameterCollection Text(this NpgsqlParameterCollection parameters, string? value) =>
        parameters.With(NpgsqlDbType.Text, value);

    /// <summary>Adds texts.</summary>
    public static NpgsqlParameterCollection Texts(this NpgsqlParameterCollection parameters, IReadOnlyCollection<string?> values) =>
        parameters.With(NpgsqlDbType.Array | NpgsqlDbType.Text, values.ToArray());

    /// <summary>Adds texts that are UTF-8 already; they go out as they are.</summary>
    public static NpgsqlParameterCollection Utf8(this NpgsqlParameterCollection parameters, IReadOnlyCollection<byte[]?> values) =>
        parameters.With(NpgsqlDbType.Array | NpgsqlDbType.Text, values.ToArray());

    /// <summary>Adds byte strings.</summary>
    public static NpgsqlParameterCollection Bytes(this NpgsqlParameterCollection parameters, IReadOnlyCollection<byte[]?> values) =>
        parameters.With(NpgsqlDbType.Array | NpgsqlDbType.Bytea, values.ToArray());

    /// <summary>Adds 32-bit numbers.</summary>
    public static NpgsqlParameterCollection Ints(this NpgsqlParameterCollection parameters, IReadOnlyCollection<int> values) =>
        parameters.With(NpgsqlDbType.Array | NpgsqlDbType.Integer, values.ToArray());

    /// <summary>Adds 64-bit numbers.</summary>
    public static NpgsqlParameterCollection Longs(this NpgsqlParameterCollection parameters, IReadOnlyCollection<long> values) =>
        parameters.With(NpgsqlDbType.Array | NpgsqlDbType.Bigint, values.ToArray());

    /// <summary>Adds transaction ids.</summary>
    public static NpgsqlParameterCollection TransactionIds(this NpgsqlParameterCollection parameters, IReadOnlyCollection<ulong> values) =>
        parameters.With(NpgsqlDbType.Array | NpgsqlDbType.Xid8, values.ToArray());

    /// <summary>Adds uuids.</summary>
    public static NpgsqlParameterCollection Uuids(this NpgsqlParameterCollection parameters, IReadOnlyCollection<Guid?> values) =>
        parameters.With(NpgsqlDbType.Array | NpgsqlDbType.Uuid, values.ToArray());

    /// <summary>Adds instants.</summary>
    public static NpgsqlParameterCollection Instants(this NpgsqlParameterCollection parameters, IReadOnlyCollection<DateTimeOffset> values) =>
        parameters.With(NpgsqlDbType.Array | NpgsqlDbType.TimestampTz, values.Select(value => value.UtcDateTime).ToArray());

    /// <summary>Adds a value of a named type.</summary>
    public static NpgsqlParameterCollection With(this NpgsqlParameterCollection parameters, NpgsqlDbType type, object? value)
    {
        parameters.Add(new NpgsqlParameter { NpgsqlDbType = type, Value = value ?? DBNull.Value });
        return parameters;
    }
}
