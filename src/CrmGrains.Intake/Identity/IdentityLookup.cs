using CrmGrains.Runtime.Storage;
using Npgsql;

namespace CrmGrains.Intake.Identity;

/// <summary>
/// Asks whose identifiers are, in a round trip that others share. What was found is named by its place among what was asked for: four texts
/// of each row would be sent, read and kept for what is known here already.
/// </summary>
internal sealed class IdentityLookup(IEnumerable<Identifier> identifiers)
{
    private const string Sql = """
        SELECT wanted.place, i.customer
        FROM unnest($1, $2, $3) WITH ORDINALITY AS wanted (workspace, kind, value, place)
        JOIN identity i ON i.workspace = wanted.workspace AND i.kind = wanted.kind AND i.value = wanted.value
        """;

    private readonly List<Identifier> _wanted = [.. identifiers.Distinct()];

    /// <summary>The statement.</summary>
    public NpgsqlBatchCommand Statement()
    {
        var find = new NpgsqlBatchCommand(Sql);
        find.Parameters
            .Texts(_wanted.ConvertAll(identifier => identifier.Workspace))
            .Texts(_wanted.ConvertAll(identifier => identifier.Kind))
            .Texts(_wanted.ConvertAll(identifier => identifier.Value));
        return find;
    }

    /// <summary>Reads what it found, by identifier; those that nobody is known by are missing.</summary>
    public async Task<Dictionary<Identifier, string>> ReadAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        var known = new Dictionary<Identifier, string>(_wanted.Count);
        while (await reader.ReadAsync(cancellationToken))
            known[_wanted[(int)reader.GetInt64(0) - 1]] = reader.GetString(1);
        return known;
    }
}
