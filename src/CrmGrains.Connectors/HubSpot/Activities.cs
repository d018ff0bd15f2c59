using System.Globalization;
using CrmGrains.Core.Commands;
using CrmGrains.Core.Undo;

namespace CrmGrains.Connectors.HubSpot;

/// <summary>
/// Notes and tasks, made together with their associations. Nothing makes a repeat of these harmless, so an attempt that may have been
/// carried out is looked for among the activities of its records before it is repeated.
/// </summary>
internal sealed class Activities(Owners owners)
{
    private const string Owner = "hubspot_owner_id";
    private const int MostLookedAt = 1_000;

    private static readonly Dictionary<(string Activity, string Record), int> AssociationTypes = new()
    {
        [(CrmObject.Note, CrmObject.Contact)] = 202,
        [(CrmObject.Note, CrmObject.Company)] = 190,
        [(CrmObject.Note, CrmObject.Deal)] = 214,
        [(CrmObject.Task, CrmObject.Contact)] = 204,
        [(CrmObject.Task, CrmObject.Company)] = 192,
        [(CrmObject.Task, CrmObject.Deal)] = 216,
    };

    /// <summary>Writes notes, or tasks.</summary>
    public async Task<IReadOnlyList<WriteOutcome>> WriteAsync(
        IReadOnlyList<Write> writes, ICallLog log, BatchReads reads, BatchWrites batches, CancellationToken cancellationToken)
    {
        var outcomes = new List<WriteOutcome>();
        var attached = writes.Where(write => Targets(write).Count > 0).ToList();
        outcomes.AddRange(writes.Except(attached)
            .Select(write => HubSpotErrors.Missing(On(write) is [var first, ..] ? first.Object : "record").For(write)));

        var (roster, failure) = await RosterAsync(attached, isDoubted: false, log, cancellationToken);
        var stuck = failure is null ? [] : attached.Where(write => OwnerOf(write) is not null).ToList();
        outcomes.AddRange(stuck.Select(write => failure?.For(write)).OfType<WriteOutcome>());

        var open = new List<Write>(attached.Except(stuck).Where(write => !write.IsUncertain));
        var uncertain = attached.Except(stuck).Where(write => write.IsUncertain);
        foreach (var kind in uncertain.GroupBy(write => write.Command.Object))
            outcomes.AddRange(await FindAsync([.. kind], open, reads, cancellationToken));

        foreach (var kind in open.GroupBy(write => write.Command.Object))
            outcomes.AddRange(await CreateAsync(Plural(kind.Key), [.. kind], roster, log, batches, cancellationToken));
        return outcomes;
    }

    private async Task<IEnumerable<WriteOutcome>> CreateAsync(
        string type, List<Write> writes, Roster roster, ICallLog log, BatchWrites batches, CancellationToken cancellationToken)
    {
        var judged = await batches.SendAsync(
            type, WriteKind.Create, [.. writes.Select(write => Row(write, roster, null))], cancellationToken);
        var refused = judged.Where(row => row.Failure?.Error == "inactive_owner" && row.Row.Properties.ContainsKey(Owner)).ToList();
        if (refused.Count == 0)
            return judged.Select(row => row.Outcome);

        // Somebody left since the roster was read; the task is written for nobody rather than not at all.
        var ids = refused.Select(row => row.Row.Properties[Owner]).ToHashSet();
        var (fresh, _) = await RosterAsync([.. refused.Select(row => row.Row.Write)], isDoubted: true, log, cancellationToken);
        var again = await batches.SendAsync(
            type, WriteKind.Create, [.. refused.Select(row => Row(row.Row.Write, fresh, ids))], cancellationToken);
        return judged.Except(refused).Concat(again).Select(row => row.Outcome);
    }

    /// <summary>
    /// Looks for what may have been written already; what isn't there is added to the writes to make. Each of its records is asked: the
    /// attempt may have known fewer of them, and one may have been made anew since.
    /// </summary>
    private static async Task<List<WriteOutcome>> FindAsync(
        List<Write> missing, List<Write> open, BatchReads reads, CancellationToken cancellationToken)
    {
        var outcomes = new List<WriteOutcome>();
        foreach (var target in missing.SelectMany(Targets).Select(on => on.Record.Object).Distinct().ToList())
        {
            var asked = missing.Where(write => Targets(write).Any(on => on.Record.Object == target)).ToList();
            var activities = await OnAsync(target, asked, reads, cancellationToken);
            foreach (var write in asked)
            {
                if (activities.Failure is not null)
                    outcomes.Add(activities.Failure.For(write));
                else if (activities.Rows.FirstOrDefault(record => IsOf(record, write)) is { } found)
                    outcomes.Add(Found(write, found));
                else
                    continue;
                missing.Remove(write);
            }
        }

        open.AddRange(missing);
        return outcomes;
    }

    // Whoever made it, it was an attempt of this write.
    private static WriteOutcome.Succeeded Found(Write write, CrmRecord found)
    {
        var (before, after) = Images.Made([BodyProperty(write)], property => found[property] ?? "", null, LinksOf(write));
        return new WriteOutcome.Succeeded(found.Id, "found", null, found.Raw) { EffectKey = write.EffectKey, Before = before, After = after };
    }

    private static IReadOnlyList<string> LinksOf(Write write) =>
        [.. Targets(write).Select(target => RecordImage.Name(target.Record.Object, target.Id))];

    private static bool IsOf(CrmRecord record, Write write) => ActivityText.IsOf(record[BodyProperty(write)], write.EffectKey);

    /// <summary>The activities on records of one kind, of all that writes of one kind are attached to.</summary>
    private static async Task<Found<CrmRecord>> OnAsync(
        string target, IReadOnlyList<Write> writes, BatchReads reads, CancellationToken cancellationToken)
    {
        if (writes.Count == 0)
            return new([], null);
        var type = Plural(writes[0].Command.Object);
        var ids = writes.SelectMany(Targets).Where(on => on.Record.Object == target).Select(on => on.Id);
        var links = await reads.LinksAsync(Plural(target), type, ids, writes, cancellationToken);
        if (links.Failure is not null)
            return new([], links.Failure);

        // The newest first: ids grow, and what is looked for is seldom old.
        var newest = links.Rows.SelectMany(row => row.To.Select(link => link.ToObjectId)
            .OrderByDescending(id => id.Length).ThenByDescending(id => id, StringComparer.Ordinal).Take(MostLookedAt));
        return await reads.RecordsAsync(type, newest, null, [BodyProperty(writes[0])], writes, cancellationToken);
    }

    private static Row Row(Write write, Roster roster, IReadOnlySet<string>? refused)
    {
        var owner = roster.Find(OwnerOf(write), refused);
        var properties = write.Command switch
        {
            CrmCommand.WriteNote note => new Dictionary<string, string>
            {
                ["hs_timestamp"] = Instant(note.At),
                ["hs_note_body"] = ActivityText.Of(note, write.EffectKey),
            },
            CrmCommand.CreateTask task => new Dictionary<string, string>
            {
                ["hs_timestamp"] = Instant(task.DueAt),
                ["hs_task_subject"] = task.Subject,
                ["hs_task_body"] = ActivityText.Of(task, write.EffectKey),
                ["hs_task_status"] = "NOT_STARTED",
                ["hs_task_priority"] = task.Priority.ToUpperInvariant(),
                ["hs_task_type"] = "TODO",
            },
            _ => [],
        };
        if (owner.Id is not null)
            properties[Owner] = owner.Id;
        return new Row(write, null, properties)
        {
            OwnerStatus = owner.Status,
            Links = LinksOf(write),
            Associations =
            [
                .. Targets(write).Select(target => new AssociationInput(
                    new IdBody { Id = target.Id },
                    [new AssociationSpec("HUBSPOT_DEFINED", AssociationTypes[(write.Command.Object, target.Record.Object)])])),
            ],
        };
    }

    private Task<(Roster Roster, Failure? Failure)> RosterAsync(
        IReadOnlyList<Write> writes, bool isDoubted, ICallLog log, CancellationToken cancellationToken)
    {
        var wanting = writes.Where(write => OwnerOf(write) is not null).ToList();
        return owners.KnowAsync([.. wanting.Select(OwnerOf).OfType<string>()], wanting, isDoubted, log, cancellationToken);
    }

    /// <summary>The records that it is attached to, as far as they are there.</summary>
    private static List<(RecordRef Record, string Id)> Targets(Write write) =>
    [
        .. On(write).Where(record => AssociationTypes.ContainsKey((write.Command.Object, record.Object)))
            .Select(record => (record, Id: write.Linked(record) ?? ""))
            .Where(target => target.Id.Length > 0)
            .Distinct(),
    ];

    private static IReadOnlyList<RecordRef> On(Write write) => write.Command switch
    {
        CrmCommand.WriteNote note => note.On,
        CrmCommand.CreateTask task => task.On,
        _ => [],
    };

    private static string? OwnerOf(Write write) => write.Command is CrmCommand.CreateTask task ? task.OwnerEmail : null;

    private static string BodyProperty(Write write) => write.Command.Object == CrmObject.Task ? "hs_task_body" : "hs_note_body";

    private static string Plural(string commandObject) => commandObject == CrmObject.Company ? "companies" : commandObject + "s";

    private static string Instant(DateTimeOffset at) =>
        at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
