using CrmGrains.Core.Events;
using CrmGrains.Runtime.Storage;
using Npgsql;

namespace CrmGrains.Intake.Identity;

/// <summary>Finds the customers of a batch of events, and remembers what they are known by, in the batch's transaction.</summary>
internal static class IdentityIndex
{
    // Each repetition means that another transaction committed an identifier of ours in between; it can't go on for ever.
    private const int MaxRepetitions = 20;

    private const string FindSql = """
        SELECT i.workspace, i.kind, i.value, i.customer
        FROM unnest($1, $2, $3) AS wanted (workspace, kind, value)
        JOIN identity i ON i.workspace = wanted.workspace AND i.kind = wanted.kind AND i.value = wanted.value
        """;

    private const string Add = """
        INSERT INTO identity (workspace, kind, value, customer, event_id)
        SELECT workspace, kind, value, customer, event_id
        FROM unnest($1, $2, $3, $4, $5) WITH ORDINALITY AS i (workspace, kind, value, customer, event_id, place)
        ORDER BY i.place
        ON CONFLICT (workspace, kind, value) DO NOTHING
        """;

    /// <summary>One identification for each event, in order. Later events see what earlier ones of the batch added.</summary>
    /// <param name="connection">The batch's transaction.</param>
    /// <param name="events">Those that are new.</param>
    /// <param name="known">What <see cref="Find"/> found of all their identifiers; what is added comes into it.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<IReadOnlyList<Identification>> IdentifyAsync(
        NpgsqlConnection connection,
        IReadOnlyList<ContractEvent> events,
        Dictionary<Identifier, string> known,
        CancellationToken cancellationToken)
    {
        var identifiers = events.Select(Identifier.Of).ToList();
        for (var repetition = 0; repetition < MaxRepetitions; repetition++)
        {
            var added = new SortedDictionary<Identifier, (string Customer, Guid EventId)>(Identifier.InsertOrder);
            var identifications = new List<Identification>(events.Count);
            for (var i = 0; i < events.Count; i++)
            {
                var identification = Identification.Of(identifiers[i], known);
                identifications.Add(identification);
                if (identification is not Identification.Customer customer)
                    continue;
                foreach (var identifier in customer.New)
                {
                    known[identifier] = customer.Key;
                    added[identifier] = (customer.Key, events[i].EventId);
                }
            }

            if (added.Count == 0 || await AddAsync(connection, added, cancellationToken))
                return identifications;
            known = await FindAsync(connection, events, cancellationToken);
        }

        throw new TimeoutException("Other transactions kept adding the identifiers of this batch.");
    }

    /// <summary>The statement that finds the customers of the events' identifiers.</summary>
    public static NpgsqlBatchCommand Find(IEnumerable<ContractEvent> events)
    {
        var wanted = events.SelectMany(Identifier.Of).Distinct().ToList();
        var find = new NpgsqlBatchCommand(FindSql);
        find.Parameters
            .Texts(wanted.ConvertAll(identifier => identifier.Workspace))
            .Texts(wanted.ConvertAll(identifier => identifier.Kind))
            .Texts(wanted.ConvertAll(identifier => identifier.Value));
        return find;
    }

    /// <summary>Reads what <see cref="Find"/> found.</summary>
    public static async Task<Dictionary<Identifier, string>> ReadAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        var known = new Dictionary<Identifier, string>();
        while (await reader.ReadAsync(cancellationToken))
            known[new Identifier(reader.GetString(0), reader.GetString(1), reader.GetString(2))] = reader.GetString(3);
        return known;
    }

    /// <summary>Asks whose the events' identifiers are.</summary>
    public static async Task<Dictionary<Identifier, string>> FindAsync(
        NpgsqlConnection connection, IReadOnlyList<ContractEvent> events, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(Find(events));
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        return await ReadAsync(reader, cancellationToken);
    }

    // False where another transaction added one of them first: nothing of ours stays, and everybody is identified anew.
    private static async Task<bool> AddAsync(
        NpgsqlConnection connection, SortedDictionary<Identifier, (string Customer, Guid EventId)> added, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(new NpgsqlBatchCommand("SAVEPOINT identity"));
        var insert = new NpgsqlBatchCommand(Add);
        insert.Parameters
            .Texts([.. added.Keys.Select(identifier => identifier.Workspace)])
            .Texts([.. added.Keys.Select(identifier => identifier.Kind)])
            .Texts([.. added.Keys.Select(identifier => identifier.Value)])
            .Texts([.. added.Values.Select(value => value.Customer)])
            .Uuids([.. added.Values.Select(value => (Guid?)value.EventId)]);
        batch.BatchCommands.Add(insert);
        await batch.ExecuteNonQueryAsync(cancellationToken);
        if (insert.Rows == (ulong)added.Count)
            return true;

        await using var undo = new NpgsqlCommand("ROLLBACK TO SAVEPOINT identity", connection);
        await undo.ExecuteNonQueryAsync(cancellationToken);
        return false;
    }
}
