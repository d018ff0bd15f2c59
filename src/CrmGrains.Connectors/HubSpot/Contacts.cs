using CrmGrains.Core.Commands;
using CrmGrains.Core.Configuration;

namespace CrmGrains.Connectors.HubSpot;

/// <summary>
/// Contacts: found by any of their addresses in a batch read, which sees what was just written; those not found are made by our own key,
/// which makes a repeat harmless. Who was made by somebody else in between is found by a second look.
/// </summary>
internal sealed class Contacts(CrmAccountConfiguration account)
{
    private const string Type = "contacts";
    private static readonly string[] Looked = ["email", "hs_additional_emails", BatchWrites.KeyProperty];

    private readonly FieldMap _map = new(account, CrmObject.Contact);

    /// <summary>Writes contacts.</summary>
    public async Task<IReadOnlyList<WriteOutcome>> WriteAsync(
        IReadOnlyList<Write> writes, BatchReads reads, BatchWrites batches, CancellationToken cancellationToken)
    {
        var known = writes.Where(write => write.CrmId is not null).ToList();
        List<Row> updates = [.. known.Select(write => Update(write, null))];
        var (judged, outcomes) = await FindAndWriteAsync([.. writes.Except(known)], reads, batches, updates, cancellationToken);

        // Somebody made it in between, or its address is a second one of another contact: look again, once.
        var clashes = judged.Where(row => row.Failure is { IsConflict: true } && row.Row.Write.CrmId is null).ToList();
        if (clashes.Count > 0)
        {
            var existing = clashes.ToDictionary(row => row.Row.Write, row => row.Failure?.ExistingId);
            var (again, refused) = await FindAndWriteAsync([.. existing.Keys], reads, batches, [], cancellationToken, existing);
            outcomes.AddRange(refused);
            judged = [.. judged.Except(clashes), .. again];
        }

        return [.. outcomes, .. judged.Select(row => row.Outcome)];
    }

    private async Task<(List<Judged> Judged, List<WriteOutcome> Refused)> FindAndWriteAsync(
        IReadOnlyList<Write> unknown, BatchReads reads, BatchWrites batches, List<Row> updates, CancellationToken cancellationToken,
        Dictionary<Write, string?>? existing = null)
    {
        var (creates, refused) = (new List<Row>(), new List<WriteOutcome>());
        var found = unknown.Count == 0
            ? new([], null)
            : await reads.RecordsAsync(Type, unknown.SelectMany(Emails), "email", Looked, unknown, cancellationToken);
        var byEmail = found.Rows.SelectMany(record => EmailsOf(record).Select(email => (email, record)))
            .ToLookup(pair => pair.email, pair => pair.record);
        foreach (var write in unknown)
        {
            if (found.Failure is not null)
            {
                refused.Add(found.Failure.For(write));
                continue;
            }

            var matches = Emails(write).SelectMany(email => byEmail[email]).DistinctBy(record => record.Id).ToList();
            if (matches.Count > 1)
                refused.Add(HubSpotErrors.Ambiguous(matches.Select(record => record.Id)).For(write));
            else if (matches.Count == 1)
                updates.Add(Update(write, matches[0]));
            else if (existing?[write] is { } id)
                updates.Add(Update(write with { CrmId = id }, null));
            else
                creates.Add(Create(write));
        }

        var sent = await Task.WhenAll(
            batches.SendAsync(Type, WriteKind.Update, updates, cancellationToken),
            batches.SendAsync(Type, WriteKind.Upsert, creates, cancellationToken));
        return ([.. sent[0], .. sent[1]], refused);
    }

    private Row Create(Write write)
    {
        var properties = Properties(write);
        if (Command(write).Email is [var main, ..])
            properties.TryAdd("email", main);
        return new Row(write, Command(write).Grain.ToString(), properties);
    }

    private Row Update(Write write, CrmRecord? record)
    {
        var properties = Properties(write);

        // A contact that another customer's grain was linked to first keeps that key; its id is enough from now on.
        if (record is not null && record[BatchWrites.KeyProperty] is null)
            properties[BatchWrites.KeyProperty] = Command(write).Grain.ToString();
        return new Row(write, record?.Id ?? write.CrmId, properties);
    }

    private Dictionary<string, string> Properties(Write write)
    {
        var properties = _map.Properties(Command(write).Fields);
        properties[BatchWrites.EffectProperty] = write.EffectKey;
        return properties;
    }

    private static CrmCommand.UpsertContact Command(Write write) => (CrmCommand.UpsertContact)write.Command;

    private static IEnumerable<string> Emails(Write write) => Command(write).Email.Select(Normal).Where(email => email.Length > 0);

    private static IEnumerable<string> EmailsOf(CrmRecord record) =>
        $"{record["email"]};{record["hs_additional_emails"]}".Split(';', StringSplitOptions.RemoveEmptyEntries).Select(Normal).Distinct();

    private static string Normal(string email) => email.Trim().ToLowerInvariant();
}
