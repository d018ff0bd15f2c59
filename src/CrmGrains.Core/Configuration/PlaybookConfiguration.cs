using CrmGrains.Core.Decisions;

namespace CrmGrains.Core.Configuration;

/// <summary>What events of some types call for: the context to look at, the questions to ask and the actions to take.</summary>
public sealed record PlaybookConfiguration
{
    // Beyond the steps of what every event calls for: contact, links, note.
    private const int FirstStep = 2_000;

    /// <summary>In snake_case; part of effect keys.</summary>
    public required string Name { get; init; }

    /// <summary>The event types that it is for.</summary>
    public required IReadOnlyList<string> On { get; init; }

    /// <summary>Asked of the event's facts.</summary>
    public Condition When { get; init; } = new Condition.All([]);

    /// <summary>The facts that people are shown beside what is proposed, by name.</summary>
    public IReadOnlyList<string> Context { get; init; } = [];

    /// <summary>What is missing, as questions to people.</summary>
    public IReadOnlyList<Question> Questions { get; init; } = [];

    /// <summary>Asked for in this order; each is judged for itself.</summary>
    public IReadOnlyList<ActionRule> Actions { get; init; } = [];

    /// <summary>The sequence that it starts; null: none.</summary>
    public string? Sequence { get; init; }

    /// <summary>
    /// The step of one of its actions, which its effects are named by. It follows from the names alone, so that a replay names the same
    /// effects however the file was edited around them.
    /// </summary>
    public int StepOf(ActionRule action) => ActionRule.StepOf(FirstStep, $"{Name}/{action.Name}");

    /// <summary>All facts that its conditions, texts and people ask for, each once.</summary>
    public IReadOnlyList<string> FactNames()
    {
        IEnumerable<string> all =
        [
            .. Facts.AskedBy(When), .. Context, .. Questions.SelectMany(question => Facts.AskedBy(question.When)),
            .. Actions.SelectMany(action => action.FactNames()),
        ];
        return [.. all.Distinct(StringComparer.Ordinal)];
    }
}

/// <summary>The playbooks of a workspace by what they are for, made once for a configuration.</summary>
internal sealed class PlaybookIndex
{
    private readonly Dictionary<string, IReadOnlyList<ReadyPlaybook>> _byType = new(StringComparer.Ordinal);

    public static PlaybookIndex Empty { get; } = new([]);

    public PlaybookIndex(IReadOnlyList<PlaybookConfiguration> playbooks)
    {
        foreach (var playbook in playbooks.Select(ReadyPlaybook.Of))
        {
            foreach (var type in playbook.Configuration.On.Distinct(StringComparer.Ordinal))
                _byType[type] = [.. _byType.GetValueOrDefault(type, []), playbook];
        }
    }

    /// <summary>Those for an event type, in the order of the file.</summary>
    public IReadOnlyList<ReadyPlaybook> On(string eventType) => _byType.GetValueOrDefault(eventType, []);
}

/// <summary>A playbook with what would be worked out for each event otherwise.</summary>
internal sealed record ReadyPlaybook(PlaybookConfiguration Configuration, IReadOnlyList<string> FactNames, IReadOnlyList<(ActionRule Rule, int Step)> Actions)
{
    public static ReadyPlaybook Of(PlaybookConfiguration playbook) =>
        new(playbook, playbook.FactNames(), [.. playbook.Actions.Select(action => (action, playbook.StepOf(action)))]);
}
