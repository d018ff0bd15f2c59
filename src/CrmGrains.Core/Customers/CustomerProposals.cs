using CrmGrains.Core.Actions;
using CrmGrains.Core.Commands;
using CrmGrains.Core.Configuration;
using CrmGrains.Core.Decisions;
using CrmGrains.Core.Fields;
using CrmGrains.Core.Grains;

namespace CrmGrains.Core.Customers;

/// <summary>
/// What people are asked about a customer, and what their answers do. The grain has the last word: an answer counts once, for the round that it
/// was given to, and only while what the proposal rests on is as the person saw it.
/// </summary>
internal static class CustomerProposals
{
    /// <summary>The stable name of review items that ask for an approval.</summary>
    public const string Reason = "approval";

    // A customer about whom so many questions are open is a person's matter as a whole.
    private const int Most = 50;

    // Beyond it a replay asks once more; what was approved is still done once, by its effect key.
    private const int MostAnswered = 50;

    /// <summary>Puts a proposal before a person.</summary>
    public static CustomerState Ask(CustomerState state, Proposal proposal, List<Effect> effects)
    {
        var open = state.Proposals ?? new Dictionary<string, int>();
        if (open.ContainsKey(proposal.Key))
            return state;
        if (open.Count >= Most)
        {
            effects.Add(new Effect.OpenReview(
                $"proposals/{proposal.From}", "too_many_proposals",
                $"{Most} proposals for this customer wait for an answer already, so {proposal.From} proposes no more. Answer them, then replay the event."));
            return state;
        }

        effects.Add(Item(proposal));
        return With(state, proposal.Key, proposal.Round);
    }

    /// <summary>Takes a question back that nobody needs to answer any more.</summary>
    public static CustomerState Withdraw(CustomerState state, string key, string why, List<Effect> effects)
    {
        if (state.Proposals?.ContainsKey(key) != true)
            return state;
        effects.Add(new Effect.CloseReview(key, why));
        return Without(state, key);
    }

    /// <summary>A person answered.</summary>
    public static Turn<CustomerState> Answered(CustomerState state, Message.ReviewAnswered message, TurnContext context)
    {
        var proposal = message.Proposal;
        var isOpen = message.IsHandedOn == true || state.Proposals?.GetValueOrDefault(proposal.Key) == proposal.Round;
        if (!isOpen)
            return new(state, Decided(message, "record", "The proposal isn't open any more: it was answered or withdrawn before."), []);
        var next = Without(state, proposal.Key);
        if (state.MergedInto is { } merged)
            return new(
                next,
                Decided(message, Decision.PassedOn, $"The customer was merged into {merged.Into.Key}, who is told instead."),
                [new Effect.Send(merged.Into, message with { IsHandedOn = true })]);
        if (message.Answer is Answer.Rejected or Answer.Expired)
            return new(
                next,
                Decided(message, "reject", message.Answer == Answer.Expired ? "Nobody answered in time." : "A person rejected it.") with
                {
                    Actions = [Trace(message, Verdict.Skip)],
                },
                []);

        if (HasGap(message.Instead ?? proposal.Command))
            return ComesBack(next, message, null, "Its text still has a gap, so a person is asked again: fill it in.", context);
        return MovedSince(proposal, state) is { Count: > 0 } moved
            ? ComesBack(next, message, moved, "What it rests on moved since it was proposed, so a person is asked again.", context)
            : Execute(next, message, context);
    }

    private static Turn<CustomerState> Execute(CustomerState state, Message.ReviewAnswered message, TurnContext context)
    {
        var (proposal, effects) = (message.Proposal, new List<Effect>());
        var (verdict, reason) = proposal.Tier == RiskTier.Critical || ActionType.Find(proposal.Type) is null or { Tier: RiskTier.Critical }
            ? (Verdict.Skip, "A critical action is never done by the system, whoever approves it.")
            : (Verdict.Execute, message.Answer == Answer.Edited ? "A person approved it with changes." : "A person approved it.");
        if (verdict == Verdict.Execute)
        {
            var command = message.Instead ?? proposal.Command;
            if (command is CrmCommand.UpsertContact contact)
                state = Said(state, contact, proposal, context, effects);
            else if (state.IsContactWanted || !NeedsContact(command))
                effects.Add(new Effect.Enqueue(proposal.Step, command, proposal.EventId));
            else
                state = WaitingCommands.Keep(state, new WaitingCommand(proposal.EventId, proposal.Step, command), effects);
        }

        return new(state, Decided(message, verdict == Verdict.Execute ? "update" : "reject", reason) with { Actions = [Trace(message, verdict)] }, effects);
    }

    // What a person says of a field is a word of that moment: no event before it sets it back.
    private static CustomerState Said(
        CustomerState state, CrmCommand.UpsertContact contact, Proposal proposal, TurnContext context, List<Effect> effects)
    {
        var mark = new Watermark(context.Now, 0, proposal.EventId);
        var words = contact.Fields.Select(word => KeyValuePair.Create(word.Key, new Field(word.Value, mark)));
        state = state with { Fields = FieldSet.Merge(state.Fields, words).Fields };
        if (state.IsContactWanted)
            effects.Add(new Effect.Enqueue(proposal.Step, CustomerPlan.ContactOf(state, context.Grain), proposal.EventId));
        return state;
    }

    // Nothing leaves the house with a gap in it, whoever approved it.
    private static bool HasGap(CrmCommand command) => command switch
    {
        CrmCommand.SendMail mail => FilledText.HasGap(mail.Subject) || FilledText.HasGap(mail.Text) || FilledText.HasGap(mail.Html),
        CrmCommand.PostNotice notice => FilledText.HasGap(notice.Text),
        CrmCommand.DropFile file => FilledText.HasGap(file.FileName) || FilledText.HasGap(file.Content),
        _ => false,
    };

    // Approved was something else than what would be done now.
    private static Turn<CustomerState> ComesBack(
        CustomerState state, Message.ReviewAnswered message, IReadOnlyList<MovedFact>? moved, string why, TurnContext context)
    {
        var before = message.Proposal;
        var again = before with
        {
            Command = message.Instead ?? before.Command,
            Round = before.Round + 1,
            Moved = moved,
            Saw = CustomerFacts.Of(state, before.Saw.Keys),
            ProposedAt = context.Now,
            DueAt = context.Now + (before.DueAt - before.ProposedAt),
            ExpiresAt = context.Now + (before.ExpiresAt - before.ProposedAt),
        };
        return new(
            With(state, again.Key, again.Round),
            Decided(message, "review", why) with { Moved = moved },
            [Item(again)]);
    }

    private static IReadOnlyList<MovedFact> MovedSince(Proposal proposal, CustomerState state) =>
    [
        .. from fact in proposal.Saw
           let isNow = CustomerFacts.Of(state, fact.Key)
           where !string.Equals(fact.Value, isNow, StringComparison.Ordinal)
           select new MovedFact(fact.Key, fact.Value, isNow),
    ];

    private static Effect.OpenReview Item(Proposal proposal) => new(proposal.Key, Reason, proposal.Reason, proposal);

    private static bool NeedsContact(CrmCommand command) => command is CrmCommand.WriteNote or CrmCommand.CreateTask;

    private static Decision Decided(Message.ReviewAnswered message, string outcome, string reason) =>
        new() { Outcome = outcome, Reason = reason, Review = message.Review };

    private static ActionTrace Trace(Message.ReviewAnswered message, Verdict verdict) =>
        new(message.Proposal.From, message.Proposal.Name, message.Proposal.Type, message.Proposal.Tier, verdict, message.Proposal.Gates)
        {
            ApprovedBy = message.By.Count > 0 && message.Answer is Answer.Approved or Answer.Edited ? message.By : null,
            IsOverridden = message.Answer == Answer.Edited ? true : null,
        };

    private static CustomerState With(CustomerState state, string key, int round)
    {
        var open = new SortedDictionary<string, int>(StringComparer.Ordinal) { [key] = round };
        foreach (var (other, at) in state.Proposals ?? new Dictionary<string, int>())
            open.TryAdd(other, at);
        return state with { Proposals = open };
    }

    private static CustomerState Without(CustomerState state, string key)
    {
        if (state.Proposals?.ContainsKey(key) != true)
            return state;
        var open = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var (other, at) in state.Proposals.Where(other => other.Key != key))
            open.Add(other, at);
        return state with
        {
            Proposals = open.Count == 0 ? null : open,
            Answered = [.. (state.Answered ?? []).Where(other => other != key).TakeLast(MostAnswered - 1), key],
        };
    }
}
