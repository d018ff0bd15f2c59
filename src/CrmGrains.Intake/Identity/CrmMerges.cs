using System.Text.Json;
using CrmGrains.Core.Commands;
using CrmGrains.Core.Configuration;
using CrmGrains.Core.Events;
using CrmGrains.Core.Grains;
using CrmGrains.Runtime.Mailboxes;
using CrmGrains.Runtime.Storage;
using Npgsql;

namespace CrmGrains.Intake.Identity;

/// <summary>
/// Merges that somebody made inside a CRM: <c>crm.record.changed</c> with <c>data.change</c> <c>merged</c>, the record that stays in
/// <c>data.merged_into</c> and those that went in <c>data.merged_ids</c>. Whoever the records stand for is merged here too.
/// </summary>
internal static class CrmMerges
{
    private const string RecordChanged = "crm.record.changed";

    // A CRM merges a few records at a time; a list beyond that is no merge by hand.
    private const int MostRecords = 100;

    private const string LinkedSql = """
        SELECT crm_id, grain FROM crm_link WHERE account = $1 AND object = 'contact' AND crm_id = ANY ($2)
        """;

    /// <summary>Whether the event tells of contacts that were merged.</summary>
    public static bool IsMerge(ContractEvent received) =>
        received is { EventType: RecordChanged, Data: { ValueKind: JsonValueKind.Object } data }
        && Text(data, "change") == "merged" && Text(data, "object") is null or CrmObject.Contact && Text(data, "merged_into") is not null;

    /// <summary>Merges those who are known. The workspace is held alone.</summary>
    public static async Task<FollowedMerge> FollowAsync(
        NpgsqlConnection connection, ContractEvent received, WorkspaceConfiguration workspace, CancellationToken cancellationToken)
    {
        if (received.Data is not { } data || Text(data, "merged_into") is not { } into)
            return FollowedMerge.Nothing;
        var records = Ids(data).Where(id => id != into).Prepend(into).ToList();
        var customers = await CustomersAsync(connection, received, workspace, records, cancellationToken);
        var all = customers.Values.SelectMany(keys => keys).Distinct(StringComparer.Ordinal).ToList();
        if (all.Count < 2)
            return FollowedMerge.Nothing;
        if (customers.Values.Any(keys => keys.Count > 1))
            return new FollowedMerge([], new Identification.Ambiguous(
                all.ToDictionary(key => key, IReadOnlyList<string> (_) => ["crm_merge"], StringComparer.Ordinal)));

        // Who has the record that stays, stays; where nobody has it, the same rule decides as for a proposal.
        var stays = customers.GetValueOrDefault(into) is [var only]
            ? only
            : MergeProposal.SurvivorOf(await MergeProposal.ReadAsync(connection, workspace.Name, all, cancellationToken)).Key;
        var messages = new List<OutgoingMessage>();
        foreach (var key in all.Where(key => key != stays).Order(StringComparer.Ordinal))
        {
            if (await CustomerMerges.MergeAsync(connection, workspace.Name, key, stays, "crm", received.EventId, cancellationToken) is MergeOutcome.Done done)
                messages.Add(done.Message);
        }

        return new FollowedMerge(messages, null);
    }

    // By the ids that events gave, and by the records that we wrote ourselves. What was absorbed stands for nobody any more.
    private static async Task<Dictionary<string, List<string>>> CustomersAsync(
        NpgsqlConnection connection, ContractEvent received, WorkspaceConfiguration workspace, List<string> records, CancellationToken cancellationToken)
    {
        var customers = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        void Add(string record, string customer)
        {
            if (!customers.TryGetValue(record, out var keys))
                customers[record] = keys = [];
            if (!keys.Contains(customer, StringComparer.Ordinal))
                keys.Add(customer);
        }

        var ids = records.ToDictionary(record => Identifier.External(workspace.Name, received.SourceSystem, record), record => record);
        foreach (var (identifier, customer) in await IdentityIndex.FindAsync(connection, ids.Keys, cancellationToken))
            Add(ids[identifier], customer);
        if (workspace.Crm is not { } crm || crm.Kind != received.SourceSystem)
            return customers;

        var linked = new List<(string Record, string Customer)>();
        await using (var command = new NpgsqlCommand(LinkedSql, connection))
        {
            command.Parameters.Text($"{workspace.Name}/{crm.Name}").Texts(records);
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                if (GrainId.TryParse(reader.GetString(1), out var grain) && grain.Kind == GrainKind.Customer)
                    linked.Add((reader.GetString(0), grain.Key));
            }
        }

        foreach (var (record, customer) in linked)
            Add(record, await CustomerMerges.StandingAsync(connection, workspace.Name, customer, cancellationToken));
        return customers;
    }

    private static IEnumerable<string> Ids(JsonElement data) =>
        data.TryGetProperty("merged_ids", out var ids) && ids.ValueKind == JsonValueKind.Array
            ? ids.EnumerateArray().Take(MostRecords).Select(Text).OfType<string>().Distinct(StringComparer.Ordinal)
            : [];

    private static string? Text(JsonElement data, string name) => data.TryGetProperty(name, out var value) ? Text(value) : null;

    // Ids come as texts and as numbers.
    private static string? Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString() is { Length: > 0 and <= 200 } text ? text : null,
        JsonValueKind.Number => value.GetRawText(),
        _ => null,
    };
}

/// <summary>What became of a merge that a CRM told of.</summary>
/// <param name="Messages">To the customers who go.</param>
/// <param name="Unclear">Not null where one record stands for several customers.</param>
internal readonly record struct FollowedMerge(IReadOnlyList<OutgoingMessage> Messages, Identification.Ambiguous? Unclear)
{
    public static FollowedMerge Nothing { get; } = new([], null);
}
