using CrmGrains.Core.Commands;
using CrmGrains.Core.Configuration;

namespace CrmGrains.Connectors.HubSpot;

/// <summary>
/// Deals: what is there is read first, by batch reads that see what was just written; a deal is made, by our own key, only where none
/// fits. Owners come from the roster and are never guessed.
/// </summary>
internal sealed class Deals(CrmAccountConfiguration account, Owners owners)
{
    private const string Type = "deals";
    private const string Owner = "hubspot_owner_id";

    private readonly FieldMap _map = new(account, CrmObject.Deal);

    private string[] Looked => field ??= [.. DealMatch.Looked.Append(BatchWrites.EffectProperty).Union(_map.Targets)];

    /// <summary>Writes deals.</summary>
    public async Task<IReadOnlyList<WriteOutcome>> WriteAsync(
        IReadOnlyList<Write> writes, ICallLog log, BatchReads reads, BatchWrites batches, CancellationToken cancellationToken)
    {
        var (roster, failure) = await RosterAsync(writes, isDoubted: false, log, cancellationToken);
        var stuck = failure is null ? [] : writes.Where(write => Command(write).OwnerEmail is not null).ToList();
        var plans = await PlanAsync([.. writes.Except(stuck)], reads, cancellationToken);
        var outcomes = stuck.Select(write => failure?.For(write)).OfType<WriteOutcome>().ToList();
        outcomes.AddRange(plans.Select(plan => Refusal(plan.Plan)?.For(plan.Write)).OfType<WriteOutcome>());

        var judged = await SendAsync(plans, roster, null, batches, cancellationToken);

        // Somebody left since the roster was read: without them the deal is written all the same.
        var refused = judged.Where(row => row.Failure?.Error == "inactive_owner" && row.Row.Properties.ContainsKey(Owner)).ToList();
        if (refused.Count > 0)
        {
            var again = refused.Select(row => row.Row.Write.EffectKey).ToHashSet();
            var ids = refused.Select(row => row.Row.Properties[Owner]).ToHashSet();
            var (fresh, _) = await RosterAsync([.. refused.Select(row => row.Row.Write)], isDoubted: true, log, cancellationToken);
            var open = plans.Where(plan => again.Contains(plan.Write.EffectKey)).ToList();
            judged = [.. judged.Except(refused), .. await SendAsync(open, fresh, ids, batches, cancellationToken)];
        }

        return [.. outcomes, .. judged.Select(row => row.Outcome)];
    }

    private readonly record struct Planned(Write Write, DealPlan Plan);

    private Task<(Roster Roster, Failure? Failure)> RosterAsync(
        IReadOnlyList<Write> writes, bool isDoubted, ICallLog log, CancellationToken cancellationToken)
    {
        var wanting = writes.Where(write => Command(write).OwnerEmail is not null).ToList();
        return owners.KnowAsync(
            [.. wanting.Select(write => Command(write).OwnerEmail).OfType<string>()], wanting, isDoubted, log, cancellationToken);
    }

    /// <summary>
    /// Reads the deals that are known, then those of the contacts whose deal isn't known, is closed or is gone, and decides.
    /// </summary>
    private async Task<List<Planned>> PlanAsync(IReadOnlyList<Write> writes, BatchReads reads, CancellationToken cancellationToken)
    {
        var known = writes.Where(write => write.CrmId is not null).ToList();
        var byId = known.Count == 0
            ? new([], null)
            : await reads.RecordsAsync(
                Type, known.Select(write => write.CrmId).OfType<string>(), null, Looked, known, cancellationToken);
        var own = byId.Rows.ToDictionary(record => record.Id);

        var plans = new List<Planned>();
        var searched = new List<(Write Write, CrmRecord? Known)>();
        foreach (var write in writes)
        {
            var record = write.CrmId is null ? null : own.GetValueOrDefault(write.CrmId);
            if (write.CrmId is null || record?["hs_is_closed"] == "true")
                searched.Add((write, record));
            else if (record is not null)
                plans.Add(new(write, DealMatch.Decide(Command(write), record, [])));
            else if (byId.Failure is not null)
                plans.Add(new(write, new DealPlan.Fail(byId.Failure)));
            else
                searched.Add((Unlinked(write), null));
        }

        var candidates = await DealCandidates.ReadAsync([.. searched.Select(pair => pair.Write)], Looked, reads, cancellationToken);
        plans.AddRange(searched.Select(pair => new Planned(
            pair.Write,
            candidates.Failure is { } failure
                ? new DealPlan.Fail(failure)
                : DealMatch.Decide(Command(pair.Write), pair.Known, candidates.Of(pair.Write)))));
        return plans;
    }

    /// <summary>
    /// A deal that isn't there any more under its id: it was deleted, or merged into another one, which may have our key. So it is looked
    /// for by that too, as after an attempt without an answer.
    /// </summary>
    private static Write Unlinked(Write write) => write with { CrmId = null, IsUncertain = true };

    private static Failure? Refusal(DealPlan plan) => plan switch
    {
        DealPlan.Fail fail => fail.Failure,
        DealPlan.Choose choose => HubSpotErrors.Ambiguous(choose.Among.Select(record => record.Id)),
        _ => null,
    };

    private async Task<List<Judged>> SendAsync(
        IReadOnlyList<Planned> plans, Roster roster, IReadOnlySet<string>? refused, BatchWrites batches,
        CancellationToken cancellationToken)
    {
        var updates = plans.Select(plan => plan.Plan is DealPlan.Update update ? Update(plan.Write, update, roster, refused) : null);
        var creates = plans.Select(plan => plan.Plan is DealPlan.Create create ? Create(plan.Write, create, roster, refused) : null);
        var sent = await Task.WhenAll(
            batches.SendAsync(Type, WriteKind.Update, [.. updates.OfType<Row>()], cancellationToken),
            batches.SendAsync(Type, WriteKind.Upsert, [.. creates.OfType<Row>()], cancellationToken));
        return [.. sent[0], .. sent[1]];
    }

    private Row Create(Write write, DealPlan.Create plan, Roster roster, IReadOnlySet<string>? refused)
    {
        var command = Command(write);
        var properties = Properties(write);
        properties.TryAdd("dealname", command.Fields.GetValueOrDefault("deal_name")?.ToString() ?? "Deal");
        (properties["pipeline"], properties["dealstage"]) = (command.Pipeline, command.Stage);
        var owner = roster.Find(command.OwnerEmail, refused);
        if (owner.Id is not null)
            properties[Owner] = owner.Id;
        return new Row(write, plan.Key, properties) { OwnerStatus = owner.Status, Map = _map };
    }

    private Row Update(Write write, DealPlan.Update plan, Roster roster, IReadOnlySet<string>? refused)
    {
        var command = Command(write);
        var properties = Properties(write);
        if (plan.Record["dealname"] is not null)
            properties.Remove("dealname");
        if (plan.Record[BatchWrites.KeyProperty] is null)
            properties[BatchWrites.KeyProperty] = command.Grain.ToString();
        if (plan.Action != "updated")
            (properties["pipeline"], properties["dealstage"]) = (command.Pipeline, command.Stage);

        // A person who works on the deal keeps it, unless handing it over is what is wanted.
        var owner = roster.Find(command.OwnerEmail, refused);
        if (owner.Id is not null && (command.HandsOver == true || !roster.IsActive(plan.Record[Owner])))
            properties[Owner] = owner.Id;
        return new Row(write, plan.Record.Id, properties) { Action = plan.Action, OwnerStatus = owner.Status, Prior = plan.Record, Map = _map };
    }

    private Dictionary<string, string> Properties(Write write)
    {
        var properties = _map.Properties(Command(write).Fields);
        properties[BatchWrites.EffectProperty] = write.EffectKey;
        return properties;
    }

    private static CrmCommand.UpsertDeal Command(Write write) => (CrmCommand.UpsertDeal)write.Command;
}
