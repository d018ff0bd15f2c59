using Npgsql;
using NpgsqlTypes;

namespace CrmGrains.Runtime.Storage;

/// <summary>Typed parameters in the order of their numbers in the statement.</summary>
public static class Parameters
{
    /// <summary>Adds silo, workspaces and sources held back, how long another silo's message waits, and the marks of mailboxes and intake queues.</summary>
    internal static NpgsqlParameterCollection Reach(this NpgsqlParameterCollection parameters, Reach reach)
    {
        var (mailboxes, queues) = reach.Marks.Known();
        return parameters
            .With(NpgsqlDbType.Uuid, reach.Silo)
            .Texts(reach.HeldBack)
            .With(NpgsqlDbType.Interval, reach.StealAfter)
            .Longs(mailboxes)
            .Longs(queues);
    }

    /// <summary>Adds a text.</summary>
    public static NpgsqlParameterCollection Text(this NpgsqlParameterCollection parameters, string? value) =>
        parameters.With(NpgsqlDbType.Text, value);

    /// <summary>Adds texts.</summary>
    public static NpgsqlParameterCollection Texts(this NpgsqlParameterCollection parameters, IReadOnlyCollection<string?> values) =>
        parameters.With(NpgsqlDbType.Array | NpgsqlDbType.Text, values as string?[] ?? values.ToArray());

    /// <summary>Adds texts that are UTF-8 already; they go out as they are.</summary>
    public static NpgsqlParameterCollection Utf8(this NpgsqlParameterCollection parameters, IReadOnlyCollection<byte[]?> values) =>
        parameters.With(NpgsqlDbType.Array | NpgsqlDbType.Text, values as byte[]?[] ?? values.ToArray());

    /// <summary>Adds byte strings.</summary>
    public static NpgsqlParameterCollection Bytes(this NpgsqlParameterCollection parameters, IReadOnlyCollection<byte[]?> values) =>
        parameters.With(NpgsqlDbType.Array | NpgsqlDbType.Bytea, values as byte[]?[] ?? values.ToArray());

    /// <summary>Adds a 32-bit number.</summary>
    public static NpgsqlParameterCollection Int(this NpgsqlParameterCollection parameters, int value) =>
        parameters.With(NpgsqlDbType.Integer, value);

    /// <summary>Adds 32-bit numbers.</summary>
    public static NpgsqlParameterCollection Ints(this NpgsqlParameterCollection parameters, IReadOnlyCollection<int> values) =>
        parameters.With(NpgsqlDbType.Array | NpgsqlDbType.Integer, values as int[] ?? values.ToArray());

    /// <summary>Adds 64-bit numbers.</summary>
    public static NpgsqlParameterCollection Longs(this NpgsqlParameterCollection parameters, IReadOnlyCollection<long> values) =>
        parameters.With(NpgsqlDbType.Array | NpgsqlDbType.Bigint, values as long[] ?? values.ToArray());

    /// <summary>Adds uuids.</summary>
    public static NpgsqlParameterCollection Uuids(this NpgsqlParameterCollection parameters, IReadOnlyCollection<Guid?> values) =>
        parameters.With(NpgsqlDbType.Array | NpgsqlDbType.Uuid, values as Guid?[] ?? values.ToArray());

    /// <summary>Adds instants.</summary>
    public static NpgsqlParameterCollection Instants(this NpgsqlParameterCollection parameters, IReadOnlyCollection<DateTimeOffset> values) =>
        parameters.With(NpgsqlDbType.Array | NpgsqlDbType.TimestampTz, values.Select(value => value.UtcDateTime).ToArray());

    /// <summary>Adds instants, some of which may be unknown.</summary>
    public static NpgsqlParameterCollection Instants(this NpgsqlParameterCollection parameters, IReadOnlyCollection<DateTimeOffset?> values) =>
        parameters.With(NpgsqlDbType.Array | NpgsqlDbType.TimestampTz, values.Select(value => value?.UtcDateTime).ToArray());

    /// <summary>Adds a value of a named type.</summary>
    public static NpgsqlParameterCollection With(this NpgsqlParameterCollection parameters, NpgsqlDbType type, object? value)
    {
        parameters.Add(new NpgsqlParameter { NpgsqlDbType = type, Value = value ?? DBNull.Value });
        return parameters;
    }
}
