using System.Globalization;
using CrmGrains.Core.Actions;
using CrmGrains.Core.Configuration;
using CrmGrains.Core.Decisions;
using CrmGrains.Core.Events;
using CrmGrains.Core.Fields;
using CrmGrains.Core.Grains;
using CrmGrains.Core.Sequences;

namespace CrmGrains.Core.Customers;

/// <summary>
/// What is done about a customer's matters over time. A person's own behaviour begins and stops it: whatever order its events come in, a
/// sequence whose end happened after its beginning doesn't run.
/// </summary>
internal sealed class CustomerSequences(TurnContext context, List<Effect> effects)
{
    // A customer with more matters than this is a person's matter; each is a few hundred bytes of state.
    private const int MostRunning = 20;
    private const int MostStops = 50;
    private const string TimerPrefix = "sequence/";

    private readonly List<SequenceTrace> _traces = [];

    /// <summary>What was begun and stopped.</summary>
    public IReadOnlyList<SequenceTrace> Traces => _traces;

    /// <summary>What the event stops and begins.</summary>
    public CustomerState Follow(
        CustomerState state,
        ContractEvent received,
        IReadOnlyList<PlaybookConfiguration> beginning,
        IdentityMatch match,
        Watermark mark,
        bool isRepeat)
    {
        foreach (var sequence in context.Workspace.Sequences.Values)
        {
            if (sequence.StopOn.Contains(received.EventType, StringComparer.Ordinal))
                state = Stop(state, sequence, null, received);
            else if (sequence.StopOnSame.Contains(received.EventType, StringComparer.Ordinal))
                state = Stop(state, sequence, MatterOf(sequence, received) ?? "", received);
        }

        foreach (var playbook in beginning)
        {
            if (playbook.Sequence is { } name && context.Workspace.Sequences.TryGetValue(name, out var sequence))
                state = Begin(state, sequence, playbook.Name, received, match, mark, isRepeat);
        }

        return state;
    }

    /// <summary>A step's time has come.</summary>
    public static Turn<CustomerState> Fired(CustomerState state, Message.TimerFired message, TurnContext context)
    {
        var key = message.Timer.StartsWith(TimerPrefix, StringComparison.Ordinal) ? message.Timer[TimerPrefix.Length..] : "";
        if (state.Sequences?.GetValueOrDefault(key) is not { } running || message.DueAt < running.DueAt)
            return new(state, new Decision { Outcome = "record", Reason = "What the timer was for doesn't run any more." }, []);
        var (sequence, matter) = (context.Workspace.Sequences.GetValueOrDefault(running.Sequence), MatterIn(key));
        if (sequence is null || running.Step >= sequence.Steps.Count)
            return Ended(state, key, running, matter, "its configuration has no such step any more");
        var step = sequence.Steps[running.Step];
        if (step.Actions.Any(Writes) && WaitUntil(sequence, state, context.Now) is (var until, var why))
        {
            var waiting = running with { DueAt = until };
            return new(
                With(state, key, waiting),
                Decided("wait", new SequenceTrace(running.Sequence, matter, "waits", why)),
                [new Effect.SetTimer(message.Timer, until)]);
        }

        return Step(state, sequence, running, key, matter, context);
    }

    /// <summary>Takes over what ran for a customer who was merged into this one.</summary>
    public static CustomerState Take(CustomerState state, IReadOnlyDictionary<string, RunningSequence>? brought, List<Effect> effects)
    {
        foreach (var (key, running) in brought ?? new Dictionary<string, RunningSequence>())
        {
            if (state.Sequences?.ContainsKey(key) == true || state.Sequences?.Count >= MostRunning)
                continue;
            state = With(state, key, running);
            effects.Add(new Effect.SetTimer(TimerPrefix + key, running.DueAt));
        }

        return state;
    }

    /// <summary>Lets go of all that runs: another customer takes it over.</summary>
    public static CustomerState LetGo(CustomerState state, List<Effect> effects)
    {
        effects.AddRange((state.Sequences ?? new Dictionary<string, RunningSequence>()).Keys.Select(key => new Effect.CancelTimer(TimerPrefix + key)));
        return state with { Sequences = null };
    }

    private static Turn<CustomerState> Step(
        CustomerState state, SequenceConfiguration sequence, RunningSequence running, string key, string? matter, TurnContext context)
    {
        var effects = new List<Effect>();
        var actions = new CustomerActions(context, effects);
        var facts = ActionFacts.With(running.Facts, state);
        var rules = sequence.Steps[running.Step].Actions.Where(rule => rule.When.Holds(facts)).ToList();
        if (!state.IsContactWanted && state.Emails.Count > 0 && rules.Any(rule => rule.NeedsContact))
        {
            effects.Add(new Effect.Enqueue(SequenceConfiguration.ContactStep, CustomerPlan.ContactOf(state, context.Grain), running.Mark.EventId));
            state = state with { IsContactWanted = true };
        }

        foreach (var rule in rules)
            state = actions.Ask(state, new WantedAction
            {
                Rule = rule,
                From = sequence.Name,
                EventId = running.Mark.EventId,
                Step = sequence.StepOf(running.Step, rule),
                At = context.Now,
                Mark = running.Mark,
                Reason = $"Step {running.Step + 1} of the sequence {sequence.Name}, which the playbook {running.Playbook} began.",
                Match = running.Match,
                Facts = running.Facts,
            });
        state = WaitingCommands.Release(state, context.Grain, effects);

        var next = running.Step + 1;
        var did = string.Create(CultureInfo.InvariantCulture, $"step {next} of {sequence.Steps.Count}");
        var trace = new SequenceTrace(sequence.Name, matter, next < sequence.Steps.Count ? "stepped" : "ended", did);
        if (next == sequence.Steps.Count)
        {
            state = Without(state, key);
        }
        else
        {
            // After a time in which nothing ran, steps come one after the other and not at once: the day between them is what they are about.
            var gap = sequence.Steps[next].After - sequence.Steps[running.Step].After;
            var due = Later(running.BeganAt + sequence.Steps[next].After, context.Now + (gap / 2));
            state = With(state, key, running with { Step = next, DueAt = due });
            effects.Add(new Effect.SetTimer(TimerPrefix + key, due));
        }

        return new(state, Decided("step", trace) with
        {
            Plan = actions.Steps.Count == 0 ? null : actions.Steps,
            Actions = actions.Traces.Count == 0 ? null : actions.Traces,
        }, effects);
    }

    private CustomerState Begin(
        CustomerState state,
        SequenceConfiguration sequence,
        string playbook,
        ContractEvent received,
        IdentityMatch match,
        Watermark mark,
        bool isRepeat)
    {
        var matter = sequence.OneFor is null ? null : MatterOf(sequence, received) ?? "";
        var key = KeyOf(sequence, matter);
        if (state.Sequences?.GetValueOrDefault(key) is { } running)
        {
            // Of several beginnings the latest counts, whichever came first: what stops the earlier ones doesn't stop that.
            if (running.LastAt < received.OccurredAt)
                running = running with { LastAt = received.OccurredAt };
            if (running.Step == 0 && running.Mark < mark)
                running = running with { Mark = mark, Facts = FactsOf(sequence, received), Match = match, Playbook = playbook };
            state = With(state, key, running);
            _traces.Add(new SequenceTrace(sequence.Name, matter, "not_begun", "it runs already"));
            return state;
        }

        var stoppedAt = Later(StoppedAt(state, KeyOf(sequence, null)), StoppedAt(state, key));
        var why = isRepeat ? "the event was taken in before"
            : stoppedAt >= received.OccurredAt ? "what stops it happened since"
            : received.OccurredAt + sequence.Length < context.Now ? "the event is older than the whole sequence"
            : state.Sequences?.Count >= MostRunning ? $"{MostRunning} sequences run for this customer already"
            : null;
        if (why is not null)
        {
            _traces.Add(new SequenceTrace(sequence.Name, matter, "not_begun", why));
            return state;
        }

        var due = context.Now + sequence.Steps[0].After;
        effects.Add(new Effect.SetTimer(TimerPrefix + key, due));
        _traces.Add(new SequenceTrace(sequence.Name, matter, "began", $"the playbook {playbook}"));
        return With(state, key, new RunningSequence(sequence.Name, playbook, mark, mark.OccurredAt, context.Now, 0, due, FactsOf(sequence, received), match));
    }

    // A null matter stops all of the sequence's.
    private CustomerState Stop(CustomerState state, SequenceConfiguration sequence, string? matter, ContractEvent received)
    {
        var stopped = KeyOf(sequence, matter);
        foreach (var (key, running) in state.Sequences?.ToList() ?? [])
        {
            if (running.Sequence != sequence.Name || running.LastAt > received.OccurredAt || (matter is not null && key != stopped))
                continue;
            state = Without(state, key);
            effects.Add(new Effect.CancelTimer(TimerPrefix + key));
            for (var step = 0; step < sequence.Steps.Count; step++)
            {
                foreach (var rule in sequence.Steps[step].Actions)
                    state = CustomerProposals.Withdraw(
                        state, WantedAction.KeyOf(running.Mark.EventId, sequence.StepOf(step, rule)), "sequence_stopped", effects);
            }

            _traces.Add(new SequenceTrace(sequence.Name, MatterIn(key), "stopped", received.EventType));
        }

        return Later(StoppedAt(state, stopped), received.OccurredAt) == StoppedAt(state, stopped)
            ? state
            : state with { SequencesStopped = Latest(state.SequencesStopped, stopped, received.OccurredAt) };
    }

    private static Turn<CustomerState> Ended(CustomerState state, string key, RunningSequence running, string? matter, string why) =>
        new(Without(state, key), Decided("step", new SequenceTrace(running.Sequence, matter, "ended", why)), []);

    // Until when a message has to wait, and why; null where it needn't.
    private static (DateTimeOffset Until, string Why)? WaitUntil(SequenceConfiguration sequence, CustomerState state, DateTimeOffset now)
    {
        var recent = WrittenMessages.Since(state, now);
        if (recent.Count >= sequence.MaxPerWeek)
            return (recent[recent.Count - sequence.MaxPerWeek] + WrittenMessages.Window, $"{recent.Count} messages in seven days");
        return sequence.Quiet?.Next(now) is { } until && until > now ? (until, "quiet hours") : null;
    }

    private static bool Writes(ActionRule rule) => rule.Type == WrittenMessages.Action;

    private static Dictionary<string, FieldValue> FactsOf(SequenceConfiguration sequence, ContractEvent received) =>
        ActionFacts.Of(received, null, sequence.FactNames());

    private static string? MatterOf(SequenceConfiguration sequence, ContractEvent received) =>
        sequence.OneFor is { } fact ? ActionFacts.Of(received, null, [fact]).GetValueOrDefault(fact)?.ToString() : null;

    private static string KeyOf(SequenceConfiguration sequence, string? matter) => matter is null ? sequence.Name : $"{sequence.Name}/{matter}";

    private static string? MatterIn(string key) => key.IndexOf('/', StringComparison.Ordinal) is >= 0 and var slash ? key[(slash + 1)..] : null;

    private static DateTimeOffset StoppedAt(CustomerState state, string key) => state.SequencesStopped?.GetValueOrDefault(key) ?? DateTimeOffset.MinValue;

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;

    private static Decision Decided(string outcome, SequenceTrace trace) => new() { Outcome = outcome, Reason = trace.Why, Sequences = [trace] };

    private static CustomerState With(CustomerState state, string key, RunningSequence running)
    {
        var all = Sorted(state.Sequences);
        all[key] = running;
        return state with { Sequences = all };
    }

    private static CustomerState Without(CustomerState state, string key)
    {
        var all = Sorted(state.Sequences);
        all.Remove(key);
        return state with { Sequences = all.Count == 0 ? null : all };
    }

    // The oldest is forgotten where there are too many: what would begin by it would have to be older still.
    private static SortedDictionary<string, DateTimeOffset> Latest(IReadOnlyDictionary<string, DateTimeOffset>? known, string key, DateTimeOffset at)
    {
        var all = Sorted(known);
        all[key] = at;
        if (all.Count > MostStops)
            all.Remove(all.MinBy(stop => stop.Value).Key);
        return all;
    }

    private static SortedDictionary<string, T> Sorted<T>(IReadOnlyDictionary<string, T>? known)
    {
        var all = new SortedDictionary<string, T>(StringComparer.Ordinal);
        foreach (var (key, value) in known ?? new Dictionary<string, T>())
            all[key] = value;
        return all;
    }
}
