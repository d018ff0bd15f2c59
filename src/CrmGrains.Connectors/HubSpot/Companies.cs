using CrmGrains.Core.Commands;
using CrmGrains.Core.Configuration;

namespace CrmGrains.Connectors.HubSpot;

/// <summary>
/// Companies: one search for the domains and names of the whole batch, because HubSpot's domain is not unique and can't be looked up
/// otherwise. Search lags behind writes, so what was made here lately is remembered, and our own key makes a repeated create harmless.
/// A known company that isn't there any more (deleted, or merged into another) is searched for like any other.
/// </summary>
internal sealed class Companies(CrmAccountConfiguration account, TimeProvider time)
{
    /// <summary>Companies in one search.</summary>
    public const int MostSearchedFor = 500;

    private const string Type = "companies";
    private const int MostRemembered = 2_000;

    // Reports speak of up to 30 s until search shows a new record.
    private static readonly TimeSpan SearchLag = TimeSpan.FromMinutes(2);

    private readonly FieldMap _map = new(account, CrmObject.Company);
    private readonly Queue<(CrmRecord Record, DateTimeOffset At)> _made = [];
    private readonly Lock _gate = new();

    private string[] Looked =>
        field ??= [.. ((string[])["domain", "hs_additional_domains", "name", BatchWrites.KeyProperty, BatchWrites.EffectProperty]).Union(_map.Targets)];

    /// <summary>Writes companies.</summary>
    public async Task<IReadOnlyList<WriteOutcome>> WriteAsync(
        IReadOnlyList<Write> writes, BatchReads reads, BatchWrites batches, CancellationToken cancellationToken)
    {
        var known = writes.Where(write => write.CrmId is not null).ToList();
        var unknown = writes.Except(known).ToList();
        var (gone, misled) = (new HashSet<string>(), new HashSet<string>());
        var outcomes = new List<WriteOutcome>();
        var updates = await KnownAsync(known, unknown, gone, reads, outcomes, cancellationToken);

        // Two names for one company can be in one batch: the first is written, and the other then finds it.
        while (unknown.Count > 0 || updates.Count > 0)
        {
            var later = new List<Write>();
            var creates = unknown.Count == 0 ? [] : await MatchAsync(unknown, updates, later, gone, reads, outcomes, cancellationToken);
            var sent = await Task.WhenAll(
                batches.SendAsync(Type, WriteKind.Upsert, creates, cancellationToken),
                batches.SendAsync(Type, WriteKind.Update, updates, cancellationToken));
            Remember(sent[0]);
            foreach (var row in sent.SelectMany(rows => rows))
            {
                // Search still shows what was deleted a moment ago, and so does memory: look without it, once.
                if (row is { Failure.IsGone: true, Row.Id: { } id } && misled.Add(row.Row.Write.EffectKey))
                {
                    gone.Add(id);
                    later.Add(row.Row.Write);
                }
                else
                {
                    outcomes.Add(row.Outcome);
                }
            }

            updates = [];
            unknown = later;
        }

        return outcomes;
    }

    /// <summary>Names and domains that people gave are kept, so what is there must be known before it is written.</summary>
    private async Task<List<Row>> KnownAsync(
        List<Write> known, List<Write> unknown, HashSet<string> gone, BatchReads reads, List<WriteOutcome> outcomes,
        CancellationToken cancellationToken)
    {
        var updates = new List<Row>();
        if (known.Count == 0)
            return updates;
        var found = await reads.RecordsAsync(
            Type, known.Select(write => write.CrmId).OfType<string>(), null, Looked, known, cancellationToken);
        var byId = found.Rows.ToDictionary(record => record.Id);
        foreach (var write in known)
        {
            var id = write.CrmId ?? "";
            if (byId.TryGetValue(id, out var record))
            {
                updates.Add(Update(write, record));
            }
            else if (found.Failure is not null)
            {
                outcomes.Add(found.Failure.For(write));
            }
            else
            {
                gone.Add(id);
                unknown.Add(write);
            }
        }

        return updates;
    }

    private async Task<List<Row>> MatchAsync(
        List<Write> unknown, List<Row> updates, List<Write> later, HashSet<string> gone, BatchReads reads, List<WriteOutcome> outcomes,
        CancellationToken cancellationToken)
    {
        var creates = new List<Row>();
        foreach (var part in unknown.Chunk(MostSearchedFor))
        {
            var found = await SearchAsync(part, reads, cancellationToken);
            var candidates = new CompanyMatch();
            foreach (var record in found.Rows.Concat(Remembered()).Where(record => !gone.Contains(record.Id)))
                candidates.Add(record);
            foreach (var write in part)
            {
                var matches = candidates.Best(Command(write));
                if (found.Failure is not null)
                    outcomes.Add(found.Failure.For(write));
                else if (matches.Count > 1)
                    outcomes.Add(HubSpotErrors.Ambiguous(matches.Select(record => record.Id)).For(write));
                else if (matches.Count == 0)
                    Add(creates, candidates, write);
                else if (matches[0].Id.Length == 0)
                    later.Add(write);
                else
                    updates.Add(Update(write, matches[0]));
            }
        }

        return creates;
    }

    /// <summary>Adds a company to create; as a candidate without an id it is found by the writes after it.</summary>
    private void Add(List<Row> creates, CompanyMatch candidates, Write write)
    {
        var row = Create(write);
        creates.Add(row);
        candidates.Add(new CrmRecord { Id = "", Properties = Shown(row.Properties) });
    }

    /// <summary>Searches for all at once; where HubSpot refuses so large a search, for each half by itself.</summary>
    private async Task<Found<CrmRecord>> SearchAsync(Write[] writes, BatchReads reads, CancellationToken cancellationToken)
    {
        var domains = writes.SelectMany(write => Command(write).Domains).Select(CompanyMatch.Domain)
            .Where(domain => domain.Length > 0).Distinct().ToList();
        var names = writes.Select(write => CompanyMatch.Name(Command(write))).OfType<string>().Distinct().ToList();
        Filter[] anyOf =
        [
            new("domain", "IN", [.. domains.SelectMany(domain => new[] { domain, $"www.{domain}" })]),
            new("hs_additional_domains", "IN", domains),
            new("name", "IN", names),
        ];
        var found = await reads.SearchAsync(Type, anyOf, Looked, writes, cancellationToken);
        if (found.Failure is not { IsAboutARow: true } || writes.Length == 1)
            return found;
        var first = await SearchAsync(writes[..(writes.Length / 2)], reads, cancellationToken);
        if (first.Failure is not null)
            return first;
        var second = await SearchAsync(writes[(writes.Length / 2)..], reads, cancellationToken);
        return new([.. first.Rows, .. second.Rows], second.Failure);
    }

    private Row Create(Write write)
    {
        var properties = Properties(write);
        if (Command(write).Domains is [var main, ..])
            properties["domain"] = CompanyMatch.Domain(main);
        return new Row(write, Command(write).Grain.ToString(), properties) { Map = _map };
    }

    private Row Update(Write write, CrmRecord record)
    {
        var properties = Properties(write);
        foreach (var kept in (string[])["name", "domain"])
        {
            if (record[kept] is not null)
                properties.Remove(kept);
        }

        if (record[BatchWrites.KeyProperty] is null)
            properties[BatchWrites.KeyProperty] = Command(write).Grain.ToString();

        // Of one that is only remembered, nobody knows what else it says.
        return new Row(write, record.Id, properties) { Prior = record.Raw.Length > 0 ? record : null, Map = _map };
    }

    private Dictionary<string, string> Properties(Write write)
    {
        var properties = _map.Properties(Command(write).Fields);
        properties[BatchWrites.EffectProperty] = write.EffectKey;
        return properties;
    }

    private void Remember(IEnumerable<Judged> made)
    {
        lock (_gate)
        {
            // The row sent, since an answer needn't show every property.
            foreach (var row in made)
            {
                if (row.Record is { } record)
                    _made.Enqueue((record with { Properties = Shown(row.Row.Properties, row.Row.Id), Raw = "" }, time.GetUtcNow()));
            }

            while (_made.Count > MostRemembered || (_made.TryPeek(out var oldest) && oldest.At < time.GetUtcNow() - SearchLag))
                _made.Dequeue();
        }
    }

    private List<CrmRecord> Remembered()
    {
        lock (_gate)
            return [.. _made.Where(made => made.At >= time.GetUtcNow() - SearchLag).Select(made => made.Record)];
    }

    private static Dictionary<string, string?> Shown(IReadOnlyDictionary<string, string> sent, string? key = null)
    {
        var shown = sent.ToDictionary(pair => pair.Key, string? (pair) => pair.Value);
        if (key is not null)
            shown[BatchWrites.KeyProperty] = key;
        return shown;
    }

    private static CrmCommand.UpsertCompany Command(Write write) => (CrmCommand.UpsertCompany)write.Command;
}
