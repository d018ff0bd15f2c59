using System.Text.Json;
using CrmGrains.Core.Commands;
using CrmGrains.Core.Configuration;
using CrmGrains.Core.Undo;

namespace CrmGrains.Connectors.HubSpot;

/// <summary>
/// Takes writes back: reads the records as they are now, leaves those that were changed since, archives what was made and gives the others
/// what they had. Repeating any of it is harmless: what is gone or restored already is found so.
/// </summary>
internal sealed class Reversals(HubSpotHttp http, CrmAccountConfiguration account)
{
    private const int MostArchived = 100;
    private const int MostPairs = 1_000;

    // What a record may be tied to; for other types the token may lack the scope, and asking would pause the account.
    private static readonly string[] Tied = [CrmObject.Contact, CrmObject.Company, CrmObject.Deal, CrmObject.Note, CrmObject.Task];

    /// <summary>Takes back writes of one object.</summary>
    public async Task<IReadOnlyList<WriteOutcome>> WriteAsync(
        string commandObject, IReadOnlyList<Write> writes, ICallLog log, BatchReads reads, BatchWrites batches, CancellationToken cancellationToken)
    {
        if (commandObject == CrmObject.Association)
            return await UnlinkAsync(writes, log, cancellationToken);
        var outcomes = new List<WriteOutcome>(writes.Count);
        var open = writes.ToList();
        while (open.Count > 0)
        {
            // Of several on one record each sees what the one before it did.
            var round = open.DistinctBy(write => Command(write).CrmId).ToList();
            open = [.. open.Except(round)];
            outcomes.AddRange(await RoundAsync(commandObject, round, log, reads, batches, cancellationToken));
        }

        return outcomes;
    }

    private async Task<IEnumerable<WriteOutcome>> RoundAsync(
        string commandObject, List<Write> writes, ICallLog log, BatchReads reads, BatchWrites batches, CancellationToken cancellationToken)
    {
        var type = Plural(commandObject);
        var map = account.Fields.ContainsKey(commandObject) ? new FieldMap(account, commandObject) : null;
        var properties = writes.SelectMany(write => Command(write).After.Fields.Select(field => field.Property)).Union(map?.Targets ?? []).ToList();
        var found = await reads.RecordsAsync(type, writes.Select(Id), null, properties, writes, cancellationToken);
        if (found.Failure is { } failure)
            return writes.Select(failure.For);

        var now = found.Rows.ToDictionary(record => record.Id);
        var plans = writes.Select(write => (Write: write, Plan: RevertMatch.Decide(Command(write), now.GetValueOrDefault(Id(write)), map))).ToList();
        var outcomes = new List<WriteOutcome>();
        foreach (var (write, plan) in plans)
        {
            if (plan is RevertPlan.Nothing nothing)
                outcomes.Add(Done(write, nothing.Action));
            else if (plan is RevertPlan.Changed changed)
                outcomes.Add(Changed(write, changed.Fields));
        }

        var restored = plans.Select(pair => pair.Plan is RevertPlan.Restore restore ? new Row(pair.Write, Id(pair.Write), restore.Properties) : null);
        outcomes.AddRange((await batches.SendAsync(type, WriteKind.Update, [.. restored.OfType<Row>()], cancellationToken)).Select(Judge));
        var archived = plans.Where(pair => pair.Plan is RevertPlan.Archive).Select(pair => pair.Write).ToList();
        var free = await UntiedAsync(commandObject, archived, outcomes, reads, cancellationToken);
        foreach (var part in free.Chunk(MostArchived))
            outcomes.AddRange(await ArchiveAsync(type, part, log, cancellationToken));
        return outcomes;
    }

    /// <summary>Those that are tied to nothing but what goes with them; of the others it is told.</summary>
    private static async Task<List<Write>> UntiedAsync(
        string commandObject, List<Write> writes, List<WriteOutcome> outcomes, BatchReads reads, CancellationToken cancellationToken)
    {
        if (commandObject is CrmObject.Note or CrmObject.Task)
            return writes;
        var free = writes;
        foreach (var other in Tied)
        {
            if (free.Count == 0)
                break;
            var links = await reads.LinksAsync(Plural(commandObject), Plural(other), free.Select(Id), free, cancellationToken);
            var ties = links.Rows.SelectMany(row => row.To.Select(link => (row.From.Id, Tie: RecordImage.Name(other, link.ToObjectId))))
                .ToLookup(pair => pair.Id, pair => pair.Tie);
            var tied = free.Where(write => ties[Id(write)].Except(Command(write).GoingToo, StringComparer.Ordinal).Any()).ToList();
            if (links.Failure is { } failure)
                (outcomes, tied) = (Add(outcomes, free.Select(failure.For)), free);
            else
                Add(outcomes, tied.Select(write => Changed(write, [RevertMatch.Ties])));
            free = [.. free.Except(tied)];
        }

        return free;
    }

    private async Task<IEnumerable<WriteOutcome>> ArchiveAsync(string type, Write[] writes, ICallLog log, CancellationToken cancellationToken)
    {
        var body = new ArchiveBody([.. writes.Select(write => new IdBody { Id = Id(write) })]);
        var answer = await http.SendAsync(
            new HubSpotCall(
                HttpMethod.Post, $"/crm/objects/{HubSpotPaths.Version}/{type}/batch/archive",
                JsonSerializer.SerializeToUtf8Bytes(body, HubSpotJson.Readable.ArchiveBody), Keys(writes)) { IsWrite = true },
            log, cancellationToken);
        return writes.Select(write => answer.Failure?.For(write) ?? Done(write, "archived"));
    }

    private async Task<IReadOnlyList<WriteOutcome>> UnlinkAsync(IReadOnlyList<Write> writes, ICallLog log, CancellationToken cancellationToken)
    {
        var outcomes = new List<WriteOutcome>(writes.Count);
        var made = writes.Where(write => Ends(write) is not null).ToList();
        outcomes.AddRange(writes.Except(made).Select(write => Done(write, "found")));
        foreach (var kind in made.GroupBy(write => Ends(write) is var (from, to) ? (from.Type, to.Type) : default))
        {
            foreach (var part in kind.Chunk(MostPairs))
            {
                var inputs = part.Select(Ends).OfType<((string Type, string Id) From, (string Type, string Id) To)>()
                    .GroupBy(pair => pair.From.Id, pair => pair.To.Id)
                    .Select(same => new UnlinkInput(new IdBody { Id = same.Key }, [.. same.Distinct().Select(id => new IdBody { Id = id })]));
                var answer = await http.SendAsync(
                    new HubSpotCall(
                        HttpMethod.Post, $"/crm/associations/{HubSpotPaths.Version}/{kind.Key.Item1}/{kind.Key.Item2}/batch/archive",
                        JsonSerializer.SerializeToUtf8Bytes(new UnlinkBody([.. inputs]), HubSpotJson.Readable.UnlinkBody), Keys(part)) { IsWrite = true },
                    log, cancellationToken);
                outcomes.AddRange(part.Select(write => answer.Failure?.For(write) ?? Done(write, "unlinked")));
            }
        }

        return outcomes;
    }

    // Null where the link was there before, and so stays.
    private static ((string Type, string Id) From, (string Type, string Id) To)? Ends(Write write) =>
        Command(write) is { Before.IsThere: false, After.Links: [var from, var to] } ? (End(from), End(to)) : null;

    private static (string Type, string Id) End(string name)
    {
        var colon = name.IndexOf(':', StringComparison.Ordinal);
        return (Plural(name[..colon]), name[(colon + 1)..]);
    }

    private static WriteOutcome Judge(Judged row) =>
        row.Record is not null ? Done(row.Row.Write, "restored")
        : row.Failure is { IsGone: true } ? Done(row.Row.Write, "gone")
        : (row.Failure ?? HubSpotErrors.Unmentioned).For(row.Row.Write);

    private static WriteOutcome Done(Write write, string action) => new WriteOutcome.Succeeded(null, action, null, null) { EffectKey = write.EffectKey };

    private static WriteOutcome Changed(Write write, IEnumerable<string> fields) =>
        new WriteOutcome.ManualReview(CrmCommand.Revert.ChangedSince, $"Changed since: {string.Join(", ", fields)}.") { EffectKey = write.EffectKey };

    private static List<WriteOutcome> Add(List<WriteOutcome> outcomes, IEnumerable<WriteOutcome> more)
    {
        outcomes.AddRange(more);
        return outcomes;
    }

    private static string[] Keys(IEnumerable<Write> writes) => [.. writes.Select(write => write.EffectKey)];

    private static string Id(Write write) => Command(write).CrmId ?? "";

    private static string Plural(string commandObject) => commandObject == CrmObject.Company ? "companies" : commandObject + "s";

    private static CrmCommand.Revert Command(Write write) => (CrmCommand.Revert)write.Command;
}
