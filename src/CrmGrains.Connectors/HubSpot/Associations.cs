using System.Text.Json;
using CrmGrains.Core.Commands;
using CrmGrains.Core.Undo;

namespace CrmGrains.Connectors.HubSpot;

/// <summary>Links between records, of HubSpot's default type for the pair; making one again is harmless.</summary>
internal sealed class Associations(HubSpotHttp http, MadeLately made)
{
    /// <summary>Pairs in one call; HubSpot takes 2,000.</summary>
    public const int MostPairs = 1_000;

    private static readonly Dictionary<string, string> Types = new()
    {
        [CrmObject.Contact] = "contacts",
        [CrmObject.Company] = "companies",
        [CrmObject.Deal] = "deals",
    };

    /// <summary>Links records.</summary>
    public async Task<IReadOnlyList<WriteOutcome>> WriteAsync(
        IReadOnlyList<Write> writes, ICallLog log, BatchReads reads, CancellationToken cancellationToken)
    {
        var outcomes = new List<WriteOutcome>();
        var open = new List<(Write Write, string From, string To)>();
        foreach (var write in writes)
        {
            var command = Command(write);
            if (!Types.ContainsKey(command.From.Object) || !Types.ContainsKey(command.To.Object))
                outcomes.Add(NoSuchLink(command).For(write));
            else if (write.Linked(command.From) is not { } from)
                outcomes.Add(HubSpotErrors.Missing(command.From.Object).For(write));
            else if (write.Linked(command.To) is not { } to)
                outcomes.Add(HubSpotErrors.Missing(command.To.Object).For(write));
            else
                open.Add((write, from, to));
        }

        var were = await WereThereAsync(open, reads, cancellationToken);
        var kinds = open.GroupBy(pair => (From: Types[Command(pair.Write).From.Object], To: Types[Command(pair.Write).To.Object]));
        var sent = await Task.WhenAll(kinds.SelectMany(kind => kind
            .GroupBy(pair => (pair.From, pair.To), (pair, same) => new PairWrites(pair.From, pair.To, [.. same.Select(one => one.Write)]))
            .Chunk(MostPairs)
            .Select(part => SendAsync(kind.Key.From, kind.Key.To, part, log, cancellationToken))));
        return [.. outcomes, .. sent.SelectMany(part => part).Select(WithImages)];

        WriteOutcome WithImages(WriteOutcome outcome)
        {
            if (outcome is not WriteOutcome.Succeeded done || !were.TryGetValue(done.EffectKey, out var link))
                return outcome;
            var (before, after) = Images.OfLink(link.From, link.To, link.WasThere);
            return done with { Before = before, After = after };
        }
    }

    /// <summary>
    /// Which links are there already, by effect key; of some it isn't known. What was made a moment ago has no links but ours, so in most
    /// batches there is nothing to ask.
    /// </summary>
    private async Task<Dictionary<string, (string From, string To, bool WasThere)>> WereThereAsync(
        List<(Write Write, string From, string To)> open, BatchReads reads, CancellationToken cancellationToken)
    {
        var were = new Dictionary<string, (string From, string To, bool WasThere)>();
        foreach (var kind in open.GroupBy(pair => (From: Command(pair.Write).From.Object, To: Command(pair.Write).To.Object)))
        {
            string From(string id) => RecordImage.Name(kind.Key.From, id);
            string To(string id) => RecordImage.Name(kind.Key.To, id);
            var fresh = kind.ToLookup(pair => made.Contains(From(pair.From)) || made.Contains(To(pair.To)));
            foreach (var (write, from, to) in fresh[true])
                were[write.EffectKey] = (From(from), To(to), false);

            // After an attempt without an answer the link may be ours.
            var asked = fresh[false].Where(pair => !pair.Write.IsUncertain).ToList();
            if (asked.Count == 0)
                continue;
            var links = await reads.LinksAsync(
                Types[kind.Key.From], Types[kind.Key.To], asked.Select(pair => pair.From), [.. asked.Select(pair => pair.Write)], cancellationToken);
            if (links.Failure is not null)
                continue;
            var there = links.Rows.SelectMany(row => row.To.Select(link => (row.From.Id, link.ToObjectId))).ToHashSet();
            foreach (var (write, from, to) in asked)
                were[write.EffectKey] = (From(from), To(to), there.Contains((from, to)));
        }

        return were;
    }

    private sealed record PairWrites(string From, string To, IReadOnlyList<Write> Writes);

    private async Task<List<WriteOutcome>> SendAsync(
        string from, string to, PairWrites[] pairs, ICallLog log, CancellationToken cancellationToken)
    {
        var outcomes = new List<WriteOutcome>(pairs.Length);
        var parts = new Stack<PairWrites[]>([pairs]);
        var callsLeft = 1 + (8 * (int)Math.Ceiling(Math.Log2(pairs.Length + 1)));
        while (parts.TryPop(out var part))
        {
            var answer = await http.SendAsync(Call(from, to, part), log, cancellationToken);
            if (answer.Failure is { IsAboutARow: true } && part.Length > 1 && callsLeft-- > 0)
            {
                parts.Push(part[(part.Length / 2)..]);
                parts.Push(part[..(part.Length / 2)]);
            }
            else
            {
                outcomes.AddRange(Judge(part, answer));
            }
        }

        return outcomes;
    }

    private static HubSpotCall Call(string from, string to, PairWrites[] pairs)
    {
        var body = new PairsBody([.. pairs.Select(pair => new Pair(new IdBody { Id = pair.From }, new IdBody { Id = pair.To }))]);
        return new HubSpotCall(
            HttpMethod.Post,
            $"/crm/associations/{HubSpotPaths.Version}/{from}/{to}/batch/associate/default",
            JsonSerializer.SerializeToUtf8Bytes(body, HubSpotJson.Readable.PairsBody),
            [.. pairs.SelectMany(pair => pair.Writes).Select(write => write.EffectKey)]) { IsWrite = true };
    }

    private static IEnumerable<WriteOutcome> Judge(PairWrites[] pairs, Answer answer)
    {
        // HubSpot tells a pair in both directions, in any order.
        var made = answer.Rows(element => element.Deserialize(HubSpotJson.Default.Pair))
            .Select(pair => (pair.From.Id, pair.To.Id)).ToHashSet();
        var errors = (answer.Body.Errors ?? [])
            .Select(error => (
                From: error.InContext("fromObjectId").ToHashSet(),
                To: error.InContext("toObjectId").ToHashSet(),
                Failure: Reason(HubSpotErrors.OfRow(error))))
            .ToList();
        foreach (var pair in pairs)
        {
            var isMade = made.Contains((pair.From, pair.To)) || made.Contains((pair.To, pair.From));
            var failure = isMade ? null
                : answer.Failure is not null ? Reason(answer.Failure)
                : errors.Find(error => error.From.Contains(pair.From) && error.To.Contains(pair.To)).Failure
                    ?? (pairs.Length == 1 && errors.Count == 1 ? errors[0].Failure : HubSpotErrors.Unmentioned);
            foreach (var write in pair.Writes)
                yield return failure?.For(write)
                    ?? new WriteOutcome.Succeeded(null, "linked", null, $"{pair.From}>{pair.To}") { EffectKey = write.EffectKey };
        }
    }

    private static Failure NoSuchLink(CrmCommand.Associate command) =>
        new(FailureClass.ManualReview, "association_type_error", $"HubSpot has no link from {command.From.Object} to {command.To.Object}.");

    // What HubSpot refuses here without a better word is the kind of link.
    private static Failure Reason(Failure failure) =>
        failure.Error == "invalid_request" ? failure with { Error = "association_type_error" } : failure;

    private static CrmCommand.Associate Command(Write write) => (CrmCommand.Associate)write.Command;
}
