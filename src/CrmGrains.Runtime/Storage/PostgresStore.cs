using CrmGrains.Runtime.Mailboxes;
using NpgsqlTypes;

namespace CrmGrains.Runtime.Storage;

/// <summary>The engine's store on PostgreSQL.</summary>
internal sealed class PostgresStore(EngineDatabase database, TimeProvider time) : IEngineStore
{
    private readonly Senders _senders = new(database, time);

    public async Task<Peeked> PeekAsync(Reach reach, CancellationToken cancellationToken)
    {
        await using var command = database.Source.CreateCommand(MailboxSql.Peek);
        command.Parameters.Reach(reach);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return new Peeked(
            !reader.IsDBNull(0) && reader.GetBoolean(0),
            !reader.IsDBNull(1) && reader.GetBoolean(1),
            reader.IsDBNull(2) ? [] : reader.GetFieldValue<int[]>(2));
    }

    public async Task<EngineTransaction> BeginAsync(CancellationToken cancellationToken) =>
        new PostgresTransaction(await database.Source.OpenConnectionAsync(cancellationToken), await _senders.EndedAsync(cancellationToken), _senders);

    public async Task<string[]> DeepMailboxesAsync(int messages, CancellationToken cancellationToken)
    {
        await using var command = database.Source.CreateCommand(MailboxSql.Depths);
        command.Parameters.With(NpgsqlDbType.Bigint, (long)messages);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var deep = new List<string>();
        while (await reader.ReadAsync(cancellationToken))
        {
            if (reader.GetInt64(1) >= messages)
                deep.Add(reader.GetString(0));
        }

        return [.. deep];
    }
}
