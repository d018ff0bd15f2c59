using CrmGrains.Runtime.Storage;
using Npgsql;
using NpgsqlTypes;

namespace CrmGrains.Intake.Identity;

/// <summary>Finds the customers of a batch of events, and remembers what they are known by, in the batch's transaction.</summary>
internal static class IdentityIndex
{
    // Each repetition means that another transaction committed an identifier of ours in between; it can't go on for ever.
    private const int MaxRepetitions = 20;

    // An identifier isn't added to a customer who was absorbed by another one in between: it would stay behind there. $6 whether the customer
    // was known before.
    private const string Add = """
        INSERT INTO identity (workspace, kind, value, customer, event_id)
        SELECT i.workspace, i.kind, i.value, i.customer, i.event_id
        FROM unnest($1, $2, $3, $4, $5, $6) WITH ORDINALITY AS i (workspace, kind, value, customer, event_id, is_known, place)
        WHERE NOT (i.is_known AND EXISTS (
            SELECT FROM customer_merge m WHERE m.workspace = i.workspace AND m.absorbed = i.customer AND m.undone_at IS NULL))
        ORDER BY i.place
        ON CONFLICT (workspace, kind, value) DO NOTHING
        """;

    /// <summary>One identification for each event, in order. Later events see what earlier ones of the batch added.</summary>
    /// <param name="connection">The batch's transaction.</param>
    /// <param name="events">Those that are new, each with its id and what it gives to know its person by.</param>
    /// <param name="known">What <see cref="IdentityLookup"/> found of all their identifiers; what is added comes into it.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<IReadOnlyList<Identification>> IdentifyAsync(
        NpgsqlConnection connection,
        IReadOnlyList<(Guid EventId, IReadOnlyList<Evidence> Evidence)> events,
        Dictionary<Identifier, string> known,
        CancellationToken cancellationToken)
    {
        for (var repetition = 0; repetition < MaxRepetitions; repetition++)
        {
            var added = new SortedDictionary<Identifier, Addition>(Identifier.InsertOrder);
            var identifications = new List<Identification>(events.Count);
            foreach (var (eventId, evidence) in events)
            {
                var identification = Identification.Of(evidence, known);
                identifications.Add(identification);
                if (identification is not Identification.Customer customer)
                    continue;
                foreach (var identifier in customer.New)
                {
                    known[identifier] = customer.Key;
                    added[identifier] = new Addition(customer.Key, eventId, !customer.IsNew);
                }
            }

            if (added.Count == 0 || await AddAsync(connection, added, cancellationToken))
                return identifications;
            known = await FindAgainAsync(connection, events.SelectMany(one => one.Evidence), cancellationToken);
        }

        throw new TimeoutException("Other transactions kept adding the identifiers of this batch.");
    }

    /// <summary>The customers of what events give to know their persons by.</summary>
    public static Task<Dictionary<Identifier, string>> FindAgainAsync(
        NpgsqlConnection connection, IEnumerable<Evidence> evidence, CancellationToken cancellationToken) =>
        FindAsync(connection, evidence.Select(one => one.Identifier), cancellationToken);

    /// <summary>The customers of identifiers; those that nobody is known by are missing.</summary>
    public static async Task<Dictionary<Identifier, string>> FindAsync(
        NpgsqlConnection connection, IEnumerable<Identifier> identifiers, CancellationToken cancellationToken)
    {
        var lookup = new IdentityLookup(identifiers);
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(lookup.Statement());
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        return await lookup.ReadAsync(reader, cancellationToken);
    }

    // False where another transaction added one of them first, or absorbed a customer: nothing of ours stays, and everybody is identified anew.
    private static async Task<bool> AddAsync(
        NpgsqlConnection connection, SortedDictionary<Identifier, Addition> added, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(new NpgsqlBatchCommand("SAVEPOINT identity"));
        var changed = added.Where(one => one.Value.IsKnown).Select(one => one.Key.Workspace).Distinct(StringComparer.Ordinal).ToList();
        if (changed.Count > 0)
            batch.BatchCommands.Add(IdentityLock.Shared(changed));
        var insert = new NpgsqlBatchCommand(Add);
        insert.Parameters
            .Texts([.. added.Keys.Select(identifier => identifier.Workspace)])
            .Texts([.. added.Keys.Select(identifier => identifier.Kind)])
            .Texts([.. added.Keys.Select(identifier => identifier.Value)])
            .Texts([.. added.Values.Select(value => value.Customer)])
            .Uuids([.. added.Values.Select(value => (Guid?)value.EventId)])
            .With(NpgsqlDbType.Array | NpgsqlDbType.Boolean, added.Values.Select(value => value.IsKnown).ToArray());
        batch.BatchCommands.Add(insert);
        await batch.ExecuteNonQueryAsync(cancellationToken);
        if (insert.Rows == (ulong)added.Count)
            return true;

        await using var undo = new NpgsqlCommand("ROLLBACK TO SAVEPOINT identity", connection);
        await undo.ExecuteNonQueryAsync(cancellationToken);
        return false;
    }

    private readonly record struct Addition(string Customer, Guid EventId, bool IsKnown);
}
