using CrmGrains.Core.Configuration;
using CrmGrains.Core.Customers;
using CrmGrains.Core.Decisions;

namespace CrmGrains.Host.Configuration.Reading;

/// <summary>Reads <c>playbooks</c>.</summary>
/// <param name="choices">The values that facts can have, by fact.</param>
/// <param name="sequences">The names of the sequences that they can begin.</param>
/// <param name="actions">Reads their actions.</param>
internal sealed class PlaybookReader(
    IReadOnlyDictionary<string, IReadOnlyList<string>> choices, IReadOnlyList<string> sequences, ActionReader actions)
{
    private const int MostPlaybooks = 200;
    private const int MostActions = 20;
    private const int MostShown = 20;

    private readonly ConditionReader _conditions = new(choices, ActionFacts.OfEvent, Facts.DataPrefix);
    private readonly QuestionReader _questions = new(choices);

    public IReadOnlyList<PlaybookConfiguration> Read(Value? value)
    {
        if (value is null)
            return [];
        var playbooks = value.Named(Playbook).Values.ToList();
        if (playbooks.Count > MostPlaybooks)
            value.Fault($"There are more than {MostPlaybooks} playbooks. Join some.");
        CheckNames(value, playbooks);
        return playbooks;
    }

    private PlaybookConfiguration Playbook(Entry entry)
    {
        var section = entry.Value.Section(["on", "actions"], ["when", "context", "questions", "sequence"]);
        var named = section["actions"]?.Named(action => actions.Read(action, _conditions, _questions)).Values.ToList() ?? [];
        if (named.Count > MostActions)
            section["actions"]?.Fault($"There are more than {MostActions} actions. Make two playbooks of it.");
        var context = section["context"]?.Distinct(Fact) ?? [];
        if (context.Count > MostShown)
            section["context"]?.Fault($"A person can't look at more than {MostShown} facts at once. Leave the least important out.");
        var playbook = new PlaybookConfiguration
        {
            Name = entry.Key,
            On = section["on"]?.Distinct(SourceReader.EventTypeOf) ?? [],
            When = section["when"] is { } when ? _conditions.Read(when) : new Condition.All([]),
            Context = context,
            Questions = _questions.Read(section["questions"]),
            Actions = named,
            Sequence = section["sequence"]?.OneOf(sequences, "the sequence"),
        };
        if (section["on"]?.Items() is [])
            section["on"]?.Fault("There must be an event type at least, else the playbook does nothing.");
        if (named.Count == 0)
            section["actions"]?.Fault("There must be an action at least, else the playbook does nothing.");
        foreach (var name in playbook.FactNames().Where(name => playbook.On.Count > 0 && !playbook.On.Any(type => TemplateReader.IsFactOf(type, name))))
            entry.KeyValue.Fault($"It asks for `{Value.Clipped(name)}`, which events of {Value.OrList(playbook.On)} don't have. See `crmgrains contract` for what they have.");
        return playbook;
    }

    private static string? Fact(Value value) => value.Line() is not { } name ? null
        : TemplateReader.IsFact(name) ? name
        : value.OneOf([.. ActionFacts.OfEvent, .. Facts.OfCustomers], "the fact");

    // What is once for a customer is known by its name alone, and effects by a number made of both names.
    private static void CheckNames(Value value, IReadOnlyList<PlaybookConfiguration> playbooks)
    {
        var once = new Dictionary<string, string>();
        var steps = new Dictionary<(string Type, int Step), string>();
        foreach (var playbook in playbooks)
        {
            foreach (var action in playbook.Actions)
            {
                if (action.OncePerCustomer && !once.TryAdd(action.Name, playbook.Name))
                    value.Fault($"The action `{action.Name}` is once for a customer in `{once[action.Name]}` and in `{playbook.Name}`, and would be done for one of them only. Rename one.");
                foreach (var type in playbook.On)
                {
                    if (!steps.TryAdd((type, playbook.StepOf(action)), action.Name))
                        value.Fault($"The action `{action.Name}` of `{playbook.Name}` and the action `{steps[(type, playbook.StepOf(action))]}` can't be told apart by their numbers. Rename one.");
                }
            }
        }
    }
}

/// <summary>Reads <c>questions</c>, which may ask for what is known of the customer too.</summary>
internal sealed class QuestionReader(IReadOnlyDictionary<string, IReadOnlyList<string>> choices)
{
    private const int Most = 10;

    private readonly ConditionReader _conditions = new(choices, [.. ActionFacts.OfEvent, .. Facts.OfCustomers], Facts.DataPrefix);

    public IReadOnlyList<Question> Read(Value? value)
    {
        var questions = value?.Items()?.Select(item =>
        {
            var section = item.Section(["ask"], ["when"]);
            var when = section["when"] is { } asked ? _conditions.Read(asked) : new Condition.All([]);
            return new Question(when, section["ask"]?.Line() ?? "");
        }).ToList() ?? [];
        if (questions.Count > Most)
            value?.Fault($"There are more than {Most} questions, and nobody answers so many. Leave the least important out.");
        return questions;
    }
}
