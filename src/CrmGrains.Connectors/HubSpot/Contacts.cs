using CrmGrains.Core.Commands;
using CrmGrains.Core.Configuration;

namespace CrmGrains.Connectors.HubSpot;

/// <summary>
/// Contacts: found by any of their addresses in a batch read, which sees what was just written; those not found are made by our own key,
/// which makes a repeat harmless. Who was made by somebody else in between is found by a second look, and so is who was deleted, or merged
/// into another, since its id was learned.
/// </summary>
internal sealed class Contacts(CrmAccountConfiguration account)
{
    private const string Type = "contacts";

    private readonly FieldMap _map = new(account, CrmObject.Contact);

    private string[] Looked =>
        field ??= [.. ((string[])["email", "hs_additional_emails", BatchWrites.KeyProperty, BatchWrites.EffectProperty]).Union(_map.Targets)];

    /// <summary>Writes contacts.</summary>
    public async Task<IReadOnlyList<WriteOutcome>> WriteAsync(
        IReadOnlyList<Write> writes, BatchReads reads, BatchWrites batches, CancellationToken cancellationToken)
    {
        var outcomes = new List<WriteOutcome>(writes.Count);
        List<Sought> open = [.. writes.Select(write => new Sought(write))];
        while (open.Count > 0)
        {
            var judged = await FindAndWriteAsync(open, outcomes, reads, batches, cancellationToken);
            var byKey = open.ToDictionary(sought => sought.Write.EffectKey);
            open = [];
            foreach (var row in judged)
            {
                if (byKey[row.Row.Write.EffectKey].After(row.Failure) is { } again)
                    open.Add(again);
                else
                    outcomes.Add(row.Outcome);
            }
        }

        return outcomes;
    }

    /// <summary>A contact to write, and what was learned of it so far.</summary>
    /// <param name="ExistingId">Who has its address, as the refusal to make it told.</param>
    /// <param name="HasClashed">Somebody made it in between, or its address is a second one of another contact.</param>
    /// <param name="WasGone">It isn't there under the id that was known or found.</param>
    private sealed record Sought(Write Write, string? ExistingId = null, bool HasClashed = false, bool WasGone = false)
    {
        /// <summary>Looks again, once for each reason; null where the answer stands.</summary>
        public Sought? After(Failure? failure) => failure switch
        {
            { IsGone: true } when !WasGone => this with { Write = Write with { CrmId = null }, ExistingId = null, WasGone = true },
            { IsConflict: true } when !HasClashed && Write.CrmId is null =>
                this with { ExistingId = failure.ExistingId, HasClashed = true },
            _ => null,
        };
    }

    private async Task<IEnumerable<Judged>> FindAndWriteAsync(
        IReadOnlyList<Sought> open, List<WriteOutcome> refused, BatchReads reads, BatchWrites batches, CancellationToken cancellationToken)
    {
        var unknown = open.Where(sought => sought.Write.CrmId is null).ToList();
        List<Row> updates = [.. await KnownAsync([.. open.Except(unknown).Select(sought => sought.Write)], refused, reads, cancellationToken)];
        var creates = new List<Row>();
        List<Write> writes = [.. unknown.Select(sought => sought.Write)];
        var found = unknown.Count == 0
            ? new([], null)
            : await reads.RecordsAsync(Type, writes.SelectMany(Emails), "email", Looked, writes, cancellationToken);
        var byEmail = found.Rows.SelectMany(record => EmailsOf(record).Select(email => (email, record)))
            .ToLookup(pair => pair.email, pair => pair.record);
        foreach (var (write, existingId, _, _) in unknown)
        {
            var matches = Emails(write).SelectMany(email => byEmail[email]).DistinctBy(record => record.Id).ToList();
            if (found.Failure is not null)
                refused.Add(found.Failure.For(write));
            else if (matches.Count > 1)
                refused.Add(HubSpotErrors.Ambiguous(matches.Select(record => record.Id)).For(write));
            else if (matches.Count == 1)
                updates.Add(Update(write, matches[0]));
            else if (existingId is not null)
                updates.Add(Update(write, existingId));
            else
                creates.Add(Create(write));
        }

        var sent = await Task.WhenAll(
            batches.SendAsync(Type, WriteKind.Update, updates, cancellationToken),
            batches.SendAsync(Type, WriteKind.Upsert, creates, cancellationToken));
        return sent.SelectMany(rows => rows);
    }

    /// <summary>Reads what is there, so that it can be given back later; one that isn't found under its id has nothing to give back.</summary>
    private async Task<IEnumerable<Row>> KnownAsync(
        IReadOnlyList<Write> known, List<WriteOutcome> refused, BatchReads reads, CancellationToken cancellationToken)
    {
        if (known.Count == 0)
            return [];
        var found = await reads.RecordsAsync(Type, known.Select(write => write.CrmId).OfType<string>(), null, Looked, known, cancellationToken);
        if (found.Failure is { } failure)
        {
            refused.AddRange(known.Select(failure.For));
            return [];
        }

        var byId = found.Rows.ToDictionary(record => record.Id);
        return known.Select(write => Update(write, write.CrmId) with { Prior = byId.GetValueOrDefault(write.CrmId ?? "") });
    }

    private Row Create(Write write)
    {
        var properties = Properties(write);
        if (Command(write).Email is [var main, ..])
            properties.TryAdd("email", main);
        return new Row(write, Command(write).Grain.ToString(), properties) { Map = _map };
    }

    private Row Update(Write write, string? id) => new(write, id, Properties(write)) { Map = _map };

    private Row Update(Write write, CrmRecord record)
    {
        var properties = Properties(write);

        // A contact that another customer's grain was linked to first keeps that key; its id is enough from now on.
        if (record[BatchWrites.KeyProperty] is null)
            properties[BatchWrites.KeyProperty] = Command(write).Grain.ToString();
        return new Row(write, record.Id, properties) { Prior = record, Map = _map };
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
