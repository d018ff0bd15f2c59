using System.Text.Json;
using CrmGrains.Core.Customers;
using CrmGrains.Core.Fields;
using CrmGrains.Core.Grains;
using CrmGrains.Core.Json;
using CrmGrains.Runtime.Storage;
using Npgsql;

namespace CrmGrains.Intake.Identity;

/// <summary>How customers whom one event names would be merged, for the person who decides.</summary>
/// <param name="Survivor">Key of the one who stays.</param>
/// <param name="Absorbed">The others.</param>
/// <param name="Why">Why that one stays.</param>
/// <param name="Summary">All of it in one sentence without personal data.</param>
internal sealed record MergeProposal(string Survivor, IReadOnlyList<ProposedMerge> Absorbed, string Why, string Summary)
{
    private const string Sql = """
        SELECT w.customer, coalesce(i.emails, 0), coalesce(i.ids, 0), coalesce(i.since, now()), g.state
        FROM unnest($2, $3, $4) AS w (customer, partition, grain)
        LEFT JOIN LATERAL (
            SELECT count(*) FILTER (WHERE kind = 'email') AS emails, count(*) FILTER (WHERE kind LIKE 'external:%') AS ids, min(seen_at) AS since
            FROM identity WHERE workspace = $1 AND customer = w.customer) i ON true
        LEFT JOIN LATERAL (
            SELECT x.state FROM grain x WHERE x.partition = w.partition AND x.grain = w.grain ORDER BY x.version DESC LIMIT 1) g ON true
        """;

    /// <summary>Proposes one, by what is stored of the customers now.</summary>
    /// <param name="connection">In the batch's transaction.</param>
    /// <param name="workspace">Of all of them.</param>
    /// <param name="candidates">Two or more, each with the kinds of evidence that point to it.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<MergeProposal> OfAsync(
        NpgsqlConnection connection,
        string workspace,
        IReadOnlyDictionary<string, IReadOnlyList<string>> candidates,
        CancellationToken cancellationToken)
    {
        var known = await ReadAsync(connection, workspace, [.. candidates.Keys], cancellationToken);
        var survivor = SurvivorOf(known);
        var why = survivor.Emails > 0 && known.Exists(one => one.Emails == 0)
            ? "It is known by an address and another one isn't."
            : "It is known for the longest.";
        var absorbed = known.Where(one => one != survivor).OrderBy(one => one.Key, StringComparer.Ordinal)
            .Select(one => ProposedMerge.Of(survivor.State, one, candidates[one.Key])).ToList();
        var keys = string.Join(" and ", absorbed.Select(one => one.Customer));
        return new MergeProposal(
            survivor.Key, absorbed, why,
            $"Proposed: merge {keys} into {survivor.Key}, which stays since {char.ToLowerInvariant(why[0])}{why[1..^1]}; "
            + $"it would gain {absorbed.Sum(one => one.Gained.Count)} fields, {absorbed.Sum(one => one.Replaced.Count)} would say something newer.");
    }

    /// <summary>Who stays: whoever has an address, then whoever has an external id, then who is known for longer, then the lesser key.</summary>
    public static KnownCustomer SurvivorOf(IEnumerable<KnownCustomer> customers) => customers
        .OrderByDescending(one => one.Emails > 0).ThenByDescending(one => one.ExternalIds > 0).ThenBy(one => one.Since)
        .ThenBy(one => one.Key, StringComparer.Ordinal).First();

    /// <summary>What is stored of customers.</summary>
    public static async Task<List<KnownCustomer>> ReadAsync(
        NpgsqlConnection connection, string workspace, IReadOnlyList<string> keys, CancellationToken cancellationToken)
    {
        var grains = keys.Select(key => GrainId.Of(workspace, GrainKind.Customer, key)).ToList();
        await using var command = new NpgsqlCommand(Sql, connection);
        command.Parameters.Text(workspace).Texts([.. keys]).Ints([.. grains.Select(MailboxPartition.Of)]).Texts([.. grains.Select(grain => grain.ToString())]);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var known = new List<KnownCustomer>(keys.Count);
        while (await reader.ReadAsync(cancellationToken))
        {
            var state = reader.IsDBNull(4) ? null : JsonSerializer.Deserialize(reader.GetFieldValue<byte[]>(4), CoreJson.Default.CustomerState);
            known.Add(new KnownCustomer(
                reader.GetString(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetFieldValue<DateTimeOffset>(3), state ?? new CustomerState()));
        }

        return known;
    }
}

/// <summary>One customer who would go.</summary>
/// <param name="Customer">Its key.</param>
/// <param name="Evidence">The kinds of the event's identifiers that point to it.</param>
/// <param name="Gained">Fields that only it has, by name.</param>
/// <param name="Replaced">Fields for which its word is newer and another one.</param>
/// <param name="Emails">How many addresses would come.</param>
/// <param name="Companies">Companies that would come, by grain key.</param>
/// <param name="Pipelines">Pipelines whose deals would come.</param>
internal sealed record ProposedMerge(
    string Customer,
    IReadOnlyList<string> Evidence,
    IReadOnlyList<string> Gained,
    IReadOnlyList<string> Replaced,
    int Emails,
    IReadOnlyList<string> Companies,
    IReadOnlyList<string> Pipelines)
{
    public static ProposedMerge Of(CustomerState survivor, KnownCustomer absorbed, IReadOnlyList<string> evidence)
    {
        var changed = FieldSet.Merge(survivor.Fields, absorbed.State.Fields).Changed;
        return new ProposedMerge(
            absorbed.Key,
            evidence,
            [.. changed.Where(name => !survivor.Fields.ContainsKey(name))],
            [.. changed.Where(survivor.Fields.ContainsKey)],
            absorbed.State.Emails.Except(survivor.Emails, StringComparer.Ordinal).Count(),
            [.. absorbed.State.Companies.Except(survivor.Companies, StringComparer.Ordinal)],
            [.. absorbed.State.Pipelines]);
    }
}

/// <summary>What is stored of a customer.</summary>
internal sealed record KnownCustomer(string Key, long Emails, long ExternalIds, DateTimeOffset Since, CustomerState State);
