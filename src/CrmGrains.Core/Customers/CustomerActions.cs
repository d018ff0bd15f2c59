using CrmGrains.Core.Actions;
using CrmGrains.Core.Commands;
using CrmGrains.Core.Configuration;
using CrmGrains.Core.Decisions;
using CrmGrains.Core.Fields;
using CrmGrains.Core.Grains;

namespace CrmGrains.Core.Customers;

/// <summary>
/// Judges actions that are asked for and does what the gates say: carries them out, asks a person, makes a task of them, or leaves them. One
/// of a kind for a turn; what it did is in <see cref="Traces"/>.
/// </summary>
/// <remarks>
/// Whether an action is asked for follows from the event and the configuration alone, so any order of events asks for the same. The state
/// decides only what may differ: texts with facts of the customer, the recipient, whether there is one, that the customer refused to be
/// contacted, that there is no deal to move, and that the same was asked for before.
/// </remarks>
internal sealed class CustomerActions(TurnContext context, List<Effect> effects)
{
    private readonly List<ActionTrace> _traces = [];
    private readonly List<PlanStep> _steps = [];

    /// <summary>Every action that was asked for, with its gates and what became of it.</summary>
    public IReadOnlyList<ActionTrace> Traces => _traces;

    /// <summary>What is carried out.</summary>
    public IReadOnlyList<PlanStep> Steps => _steps;

    /// <summary>
    /// Judges an action that sets fields, and sets them where nobody has to be asked; where somebody has to be, or nothing is to be set, the
    /// action is left for <see cref="Ask"/>. So fields are set before what the event itself says is taken in, and the contact is written once.
    /// </summary>
    /// <returns>The customer, and what was set; null where the action is left.</returns>
    public (CustomerState State, IReadOnlyDictionary<string, Field>? Set) Set(CustomerState state, WantedAction wanted)
    {
        if (!wanted.Rule.SetsFields || Judge(state, wanted) is not { Verdict: Verdict.Execute, Draft.Command: CrmCommand.UpsertContact contact } judged)
            return (state, null);
        _traces.Add(judged.Trace);
        var words = contact.Fields.ToDictionary(word => word.Key, word => new Field(word.Value, wanted.Mark), StringComparer.Ordinal);
        return (state with { Fields = FieldSet.Merge(state.Fields, words).Fields }, words);
    }

    /// <summary>Judges one action and does what the gates say.</summary>
    public CustomerState Ask(CustomerState state, WantedAction wanted)
    {
        if (Judge(state, wanted) is not { } judged)
            return state;
        _traces.Add(judged.Trace);
        if (judged.Verdict == Verdict.Skip || judged.Draft.Command is not { } command)
            return state;

        var next = judged.Verdict == Verdict.Review
            ? CustomerProposals.Ask(state, Proposal(wanted, judged, command), effects)
            : Carry(state, wanted, command);

        // What too many open questions kept from being asked may still be asked.
        var isAsked = judged.Verdict != Verdict.Review || next.Proposals?.ContainsKey(wanted.Key) == true;
        return wanted.Rule.OncePerCustomer && isAsked ? next with { Tasks = Names.With(next.Tasks, wanted.Rule.Name) } : next;
    }

    private JudgedAction? Judge(CustomerState state, WantedAction wanted)
    {
        var rule = wanted.Rule;
        if (ActionType.Find(rule.Type) is not { } type)
            return null;
        var facts = ActionFacts.With(wanted.Facts, state);
        var questions = QuestionsOf(wanted, facts);
        var draft = ActionCommands.Draft(type, wanted, facts, questions, state, context);
        var (verdict, tier, gates) = Gates.Ask(new GateQuestion(type, context.Workspace.Risk, wanted.Match)
        {
            IsAutomatic = rule.IsAutomatic,
            IsGranted = context.Granted.Contains(type.Name),
            IsRepeat = IsRepeat(state, wanted),
            Obstacle = draft.Obstacle,
            Doubt = Doubt(type, draft, state),
        });
        return new JudgedAction(new ActionTrace(wanted.From, rule.Name, type.Name, tier, verdict, gates), draft, facts, questions);
    }

    private CustomerState Carry(CustomerState state, WantedAction wanted, CrmCommand command)
    {
        if (command is CrmCommand.UpsertContact contact)
        {
            var merge = FieldSet.Merge(state.Fields, contact.Fields.Select(word => KeyValuePair.Create(word.Key, new Field(word.Value, wanted.Mark))));
            state = state with { Fields = merge.Fields };
            if (!state.IsContactWanted || merge.Changed.Count == 0)
                return state;
            command = CustomerPlan.ContactOf(state, context.Grain);
        }

        state = WrittenMessages.Count(state, wanted.Rule.Type, context.Now);
        _steps.Add(new PlanStep(wanted.Step, command.Object, command.Operation, Required: true));
        if (wanted.Rule.NeedsContact && !state.IsContactWanted)
            return WaitingCommands.Keep(state, new WaitingCommand(wanted.EventId, wanted.Step, command), effects);
        effects.Add(new Effect.Enqueue(wanted.Step, command, wanted.EventId == context.EventId ? null : wanted.EventId));
        return state;
    }

    private Proposal Proposal(WantedAction wanted, JudgedAction judged, CrmCommand command)
    {
        var policy = context.Workspace.Risk.Of(wanted.Rule.Type);
        var (trace, draft, facts, questions) = judged;
        return new Proposal
        {
            Key = wanted.Key,
            EventId = wanted.EventId,
            Step = wanted.Step,
            From = wanted.From,
            Name = wanted.Rule.Name,
            Type = wanted.Rule.Type,
            Tier = trace.Tier,
            Command = command,
            Reason = wanted.Reason,
            Saw = draft.RestsOn(wanted).ToDictionary(name => name, name => facts.GetValueOrDefault(name)?.ToString(), StringComparer.Ordinal),
            Context = wanted.Context.ToDictionary(name => name, name => ActionFacts.Shown(facts, name), StringComparer.Ordinal),
            Questions = [.. draft.Missing.Select(name => $"What is `{name}`? The text has a gap there."), .. questions],
            Gates = trace.Gates,
            FourEyes = policy.FourEyes,
            ProposedAt = context.Now,
            DueAt = context.Now + policy.DueIn,
            ExpiresAt = context.Now + policy.ExpiresAfter,
        };
    }

    private static IReadOnlyList<string> QuestionsOf(WantedAction wanted, IReadOnlyDictionary<string, FieldValue> facts) =>
        wanted.Questions.Count + wanted.Rule.Questions.Count == 0
            ? []
            :
            [
                .. wanted.Questions.Concat(wanted.Rule.Questions)
                    .Where(question => question.When.Holds(facts)).Select(question => question.Ask).Distinct(StringComparer.Ordinal),
            ];

    private static bool IsRepeat(CustomerState state, WantedAction wanted) =>
        state.Proposals?.ContainsKey(wanted.Key) == true
        || state.Answered?.Contains(wanted.Key, StringComparer.Ordinal) == true
        || (wanted.Rule.OncePerCustomer && state.Tasks.Contains(wanted.Rule.Name, StringComparer.Ordinal));

    // A person looks at whatever would leave the house with a gap, or to somebody who never said that they may be written to.
    private static string? Doubt(ActionType type, DraftedAction draft, CustomerState state) =>
        type.Channel is ActionType.Crm or ActionType.Person ? null
        : draft.Missing.Count > 0 ? "its text has gaps"
        : type.Name == "send_message" && state.Fields.Text("consent_to_contact") is null ? "nobody asked for consent"
        : null;

    private sealed record JudgedAction(
        ActionTrace Trace, DraftedAction Draft, IReadOnlyDictionary<string, FieldValue> Facts, IReadOnlyList<string> Questions)
    {
        public Verdict Verdict => Trace.Verdict;
    }
}
