using Npgsql;

namespace CrmGrains.Checker;

/// <summary>Rows of <see cref="HistorySql"/> as the history has them. Names that come again and again are kept once.</summary>
internal sealed class HistoryRows(TextFile texts)
{
    private readonly Dictionary<string, string> _names = [];

    public PartitionHead Partition(NpgsqlDataReader row) =>
        new(row.GetInt32(0), NameOrNull(row, 1), NameOrNull(row, 2), row.GetInt64(3), row.GetFieldValue<byte[]>(4));

    public RawEvent RawEvent(NpgsqlDataReader row) => new(row.GetGuid(0), row.GetInt32(1), row.GetString(2));

    public LogicalEvent Event(NpgsqlDataReader row) => new(row.GetGuid(0), Name(row, 1), row.GetString(2), Text(row, 3));

    public LedgerEntry Turn(NpgsqlDataReader row) => new()
    {
        Partition = row.GetInt32(0),
        Position = row.GetInt64(1),
        Workspace = Name(row, 2),
        Grain = Name(row, 3),
        Version = row.GetInt64(4),
        MessageId = row.GetInt64(5),
        Kind = Name(row, 6),
        Outcome = Name(row, 7),
        EventId = IdOrNull(row, 8),
        Configuration = Name(row, 9),
        Silo = row.GetGuid(10),
        BeganAt = row.GetFieldValue<DateTimeOffset>(11),
        WrittenAt = row.GetFieldValue<DateTimeOffset>(12),
        Detail = row.IsDBNull(13) ? null : Text(row, 13),
        Salt = row.IsDBNull(14) ? null : row.GetFieldValue<byte[]>(14),
        DetailHash = row.GetFieldValue<byte[]>(15),
        Hash = row.GetFieldValue<byte[]>(16),
    };

    public GrainState State(NpgsqlDataReader row) => new(row.GetInt32(0), Name(row, 1), row.GetInt64(2), Text(row, 3));

    public MessageLeft MessageLeft(NpgsqlDataReader row) =>
        new(row.GetInt64(0), row.GetInt32(1), Name(row, 2), Name(row, 3), Name(row, 4), IdOrNull(row, 5));

    public QueuedEffect Command(NpgsqlDataReader row) => new(
        row.GetInt64(0), Name(row, 1), Name(row, 2), row.GetString(3), IdOrNull(row, 4), Name(row, 5), Name(row, 6), Name(row, 7),
        Name(row, 8), row.IsDBNull(9) ? null : row.GetString(9), Text(row, 10));

    public CrmLink Link(NpgsqlDataReader row) => new(Name(row, 0), Name(row, 1), Name(row, 2), row.IsDBNull(3) ? null : row.GetString(3));

    public DeadLetter DeadLetter(NpgsqlDataReader row) =>
        new(row.GetInt64(0), Name(row, 1), Name(row, 2), Name(row, 3), IdOrNull(row, 4), row.GetString(5), NameOrNull(row, 6));

    public Review Review(NpgsqlDataReader row) => new(Name(row, 0), row.GetString(1), Name(row, 2), IdOrNull(row, 3), row.GetBoolean(4));

    public KeyValuePair<string, ConfigurationText> Configuration(NpgsqlDataReader row) =>
        new(row.GetString(0), new ConfigurationText(Name(row, 1), row.GetString(2)));

    private StoredText Text(NpgsqlDataReader row, int column) => texts.Add(row.GetFieldValue<byte[]>(column));

    private string Name(NpgsqlDataReader row, int column)
    {
        var name = row.GetString(column);
        return _names.TryGetValue(name, out var known) ? known : _names[name] = name;
    }

    private string? NameOrNull(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : Name(row, column);

    private static Guid? IdOrNull(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetGuid(column);
}
