using CrmGrains.Core.Commands;
using CrmGrains.Core.Decisions;
using CrmGrains.Core.Fields;
using CrmGrains.Core.Grains;

namespace CrmGrains.Core.Customers;

/// <summary>
/// Merges, as both customers see them. What the absorbed one brings is kept apart from what is the survivor's own, and what the survivor says
/// is made of both by the marks of each word; so undoing takes back what was brought and leaves what came since.
/// </summary>
internal static class CustomerMerging
{
    // Beyond the steps of any event; without one the turn is what effects are done once for.
    private const int FirstLinkStep = 10;

    /// <summary>The absorbed customer's side.</summary>
    public static Turn<CustomerState> Merged(CustomerState state, Message.CustomerMerged message, TurnContext context)
    {
        if (state.MergedInto is { } standing)
            return Nothing(state, $"The customer was merged into {standing.Into.Key} already.");
        List<Effect> effects = [new Effect.Send(message.Into, new Message.CustomerAbsorbed(message.Merge, context.Grain, CustomerShare.Of(state)))];
        return new(
            CustomerSequences.LetGo(state, effects) with { MergedInto = new StandingMerge(message.Merge, message.Into), Waiting = null },
            new Decision { Outcome = "merge", Reason = $"Merged into {message.Into.Key} at the wish of a {message.Reason}; what comes from now on is passed on." },
            effects);
    }

    /// <summary>The absorbed customer's side of undoing it: it stands for itself again, with what it had.</summary>
    public static Turn<CustomerState> Undone(CustomerState state, Message.MergeUndone message, TurnContext context)
    {
        if (state.MergedInto is not { } merged || merged.Merge != message.Merge)
            return Nothing(state, "There is no such merge any more.");
        var next = state with { MergedInto = null };
        List<Effect> effects = [new Effect.Send(merged.Into, new Message.CustomerReleased(message.Merge, context.Grain))];
        effects.AddRange(next.Pipelines.Select(pipeline => new Effect.Send(next.DealOf(context.Grain, pipeline), Changed(next, context.Grain))));
        return new(
            next,
            new Decision { Outcome = "unmerge", Reason = $"No longer merged into {merged.Into.Key}; what came since the merge stays there." },
            effects);
    }

    /// <summary>The survivor's side.</summary>
    public static Turn<CustomerState> Absorbed(CustomerState state, Message.CustomerAbsorbed message, TurnContext context)
    {
        var merge = FieldSet.Merge(state.Fields, message.Share.Fields);
        var absorbed = (state.Absorbed ?? []).Where(other => other.Merge != message.Merge)
            .Append(new AbsorbedCustomer(message.Merge, message.From.Key, message.Share with { Mentioned = null, Waiting = null, Sequences = null }));
        var mentioned = state.Mentioned;
        foreach (var (key, mention) in message.Share.Mentioned ?? new Dictionary<string, CompanyMention>())
            mentioned = CompanyMentions.With(mentioned, key, mention);
        var next = Combined(WaitingCommands.Take(state, message.Share.Waiting) with
        {
            Mentioned = mentioned,
            Own = state.Own ?? CustomerShare.Of(state) with { Mentioned = null, Waiting = null, Sequences = null },
            Absorbed = [.. absorbed.OrderBy(other => other.From, StringComparer.Ordinal).ThenBy(other => other.Merge)],
        });
        var effects = new List<Effect>();
        next = CustomerSequences.Take(next, message.Share.Sequences, effects);
        return Followed(state, next, context, effects, new Decision
        {
            Outcome = "merge",
            Reason = $"Customer {message.From.Key} was merged into this one.",
            Changed = Differences(state.Fields, next.Fields),
            Stale = merge.Stale.Count == 0 ? null : merge.Stale,
        });
    }

    /// <summary>The survivor's side of undoing it.</summary>
    public static Turn<CustomerState> Released(CustomerState state, Message.CustomerReleased message, TurnContext context)
    {
        if (state.Absorbed?.FirstOrDefault(other => other.Merge == message.Merge) is not { } released)
            return Nothing(state, "There is no such merge any more.");
        var next = Combined(state with { Absorbed = [.. state.Absorbed.Where(other => other.Merge != message.Merge)] });
        var kept = released.Share.Fields.Keys.Count(name => next.Fields.TryGetValue(name, out var field) && state.Fields[name].Mark == field.Mark);
        return Followed(state, next, context, [], new Decision
        {
            Outcome = "unmerge",
            Reason = $"Customer {released.From} is no longer merged into this one. {kept} fields that newer words or this customer's own set stay, "
                + "and so does what came since the merge; links made in the CRM stay until a person takes them away.",
            Changed = Differences(state.Fields, next.Fields),
        });
    }

    /// <summary>What a customer's deals are told when something changed.</summary>
    public static Message.CustomerChanged Changed(CustomerState state, GrainId customer) => new(
        customer,
        [.. state.Companies.Select(key => GrainId.Of(customer.Workspace, GrainKind.Company, key))],
        CustomerFields.ForDeals(state.Fields));

    // What is the customer's own and what each absorbed one brought, put together; without any it is its own again.
    private static CustomerState Combined(CustomerState state)
    {
        if (state.Own is not { } own || state.Absorbed is not { } absorbed)
            return state;
        var deals = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (pipeline, key) in own.Deals ?? new Dictionary<string, string>())
            deals[pipeline] = key;
        var all = own;
        foreach (var (_, from, share) in absorbed)
        {
            foreach (var pipeline in share.Pipelines.Except(all.Pipelines, StringComparer.Ordinal))
                deals[pipeline] = share.Deals?.GetValueOrDefault(pipeline) ?? from;
            all = all with
            {
                Fields = FieldSet.Merge(all.Fields, share.Fields).Fields,
                Emails = Names.Union(all.Emails, share.Emails),
                Companies = Names.Union(all.Companies, share.Companies),
                Pipelines = Names.Union(all.Pipelines, share.Pipelines),
                Tasks = Names.Union(all.Tasks, share.Tasks),
            };
        }

        return state with
        {
            Fields = all.Fields,
            Emails = all.Emails,
            Companies = all.Companies,
            Pipelines = all.Pipelines,
            Tasks = all.Tasks,
            Deals = deals.Count == 0 ? null : deals,
            Own = absorbed.Count == 0 ? null : own,
            Absorbed = absorbed.Count == 0 ? null : absorbed,
        };
    }

    // Whoever was absorbed tells the survivor anew; else the contact and the deals are written as they are now.
    private static Turn<CustomerState> Followed(
        CustomerState before, CustomerState next, TurnContext context, List<Effect> effects, Decision decision)
    {
        if (next.MergedInto is { } merged)
        {
            effects.Add(new Effect.Send(merged.Into, new Message.CustomerAbsorbed(merged.Merge, context.Grain, CustomerShare.Of(next))));
            return new(CustomerSequences.LetGo(next, effects) with { Waiting = null }, decision, effects);
        }

        var changed = decision.Changed ?? [];
        var isWanted = next.Emails.Count > 0
            && (next.IsContactWanted || next.Waiting is { Count: > 0 } || next.Absorbed?.Any(other => other.Share.IsContactWanted) == true);
        if (isWanted)
        {
            if (!next.IsContactWanted || changed.Any(CustomerFields.OfContact.Contains))
                effects.Add(new Effect.Enqueue(1, CustomerPlan.ContactOf(next, context.Grain)));
            next = Linked(before, next with { IsContactWanted = true }, context, effects);
            next = WaitingCommands.Release(next, context.Grain, effects);
        }

        var isNews = changed.Any(CustomerFields.ToldToDeals.Contains) || !next.Companies.SequenceEqual(before.Companies, StringComparer.Ordinal);
        foreach (var pipeline in next.Pipelines)
        {
            if (isNews || next.DealOf(context.Grain, pipeline) != before.DealOf(context.Grain, pipeline) || !before.Pipelines.Contains(pipeline, StringComparer.Ordinal))
                effects.Add(new Effect.Send(next.DealOf(context.Grain, pipeline), Changed(next, context.Grain)));
        }

        return new(next, decision, effects);
    }

    private static CustomerState Linked(CustomerState before, CustomerState next, TurnContext context, List<Effect> effects)
    {
        var contact = new RecordRef(CrmObject.Contact, context.Grain);
        foreach (var (key, mention) in next.Mentioned ?? new Dictionary<string, CompanyMention>())
        {
            effects.Add(new Effect.Send(
                GrainId.Of(context.Grain.Workspace, GrainKind.Company, key),
                new Message.PersonSeen(context.Grain, new Events.CompanyFacts { Name = mention.Name, Domain = key }, mention.Mark)));
            next = next with
            {
                Companies = Names.With(next.Companies, key),
                Own = next.Own is { } own ? own with { Companies = Names.With(own.Companies, key) } : null,
            };
        }

        var step = FirstLinkStep;
        foreach (var key in next.Companies.Except(before.Companies, StringComparer.Ordinal))
            effects.Add(new Effect.Enqueue(step++, new CrmCommand.Associate(
                contact, new RecordRef(CrmObject.Company, GrainId.Of(context.Grain.Workspace, GrainKind.Company, key)))));
        return next with { Mentioned = null };
    }

    private static List<string> Differences(IReadOnlyDictionary<string, Field> before, IReadOnlyDictionary<string, Field> after) =>
    [
        .. before.Keys.Union(after.Keys, StringComparer.Ordinal)
            .Where(name => !(before.TryGetValue(name, out var old) && after.TryGetValue(name, out var now) && old.Value.Equals(now.Value)))
            .Order(StringComparer.Ordinal),
    ];

    private static Turn<CustomerState> Nothing(CustomerState state, string reason) =>
        new(state, new Decision { Outcome = "record", Reason = reason }, []);
}
