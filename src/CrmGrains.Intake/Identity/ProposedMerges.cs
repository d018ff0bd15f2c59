using System.Text.Json;
using CrmGrains.Runtime.Storage;
using Npgsql;
using NpgsqlTypes;

namespace CrmGrains.Intake.Identity;

/// <summary>A merge that was proposed because one event names several customers.</summary>
/// <param name="Survivor">Key of the one who stays.</param>
/// <param name="Absorbed">Keys of the others.</param>
/// <param name="Document">All that is known of it, as JSON without personal data.</param>
public sealed record ProposedMerges(string Survivor, IReadOnlyList<string> Absorbed, JsonElement Document)
{
    // A delivery of several events has one entry, in which each has a part.
    private const string Sql = """
        SELECT l.detail FROM ledger l
        WHERE l.event_id = coalesce((SELECT e.part_of FROM event e WHERE e.event_id = $1), $1) AND l.outcome IN ('review', 'split') AND l.detail IS NOT NULL
        ORDER BY l.written_at DESC, l.position DESC LIMIT 20
        """;

    /// <summary>What was proposed last for an event.</summary>
    /// <returns>Null where nothing was, or it isn't kept any more.</returns>
    public static async Task<ProposedMerges?> FindAsync(NpgsqlConnection connection, Guid eventId, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Sql, connection);
        command.Parameters.With(NpgsqlDbType.Uuid, eventId);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            if (Read(JsonElement.Parse(reader.GetString(0)), eventId) is { } proposed)
                return proposed;
        }

        return null;
    }

    private static ProposedMerges? Read(JsonElement detail, Guid eventId)
    {
        var proposal = detail.Deserialize(IntakeJson.Default.IntakeDetail) switch
        {
            { Proposal: { } whole } => whole,
            { Parts: { } parts } => parts.FirstOrDefault(part => part.EventId == eventId)?.Detail?.Proposal,
            _ => null,
        };
        return proposal is null
            ? null
            : new ProposedMerges(
                proposal.Survivor, [.. proposal.Absorbed.Select(one => one.Customer)],
                JsonSerializer.SerializeToElement(proposal, IntakeJson.Default.MergeProposal));
    }
}
