using System.Text;
using CrmGrains.Core.Actions;
using CrmGrains.Core.Decisions;
using CrmGrains.Core.Fields;

namespace CrmGrains.Core.Configuration;

/// <summary>One action that a playbook or a sequence asks for. Whether it is asked for is a matter of the event and of this rule alone.</summary>
public sealed record ActionRule
{
    /// <summary>In snake_case; with the playbook's name it names the action for ever: effect keys are made of it.</summary>
    public required string Name { get; init; }

    /// <summary>One of <see cref="ActionType.All"/>, by name.</summary>
    public required string Type { get; init; }

    /// <summary>Asked of the event's facts, never of what else is known: events come in any order.</summary>
    public Condition When { get; init; } = new Condition.All([]);

    /// <summary>What is written; null for actions that write nothing.</summary>
    public MessageTemplate? Template { get; init; }

    /// <summary>The workspace's name of the channel that carries it; null where the CRM or a person does.</summary>
    public string? Channel { get; init; }

    /// <summary>Who shall do it, or have it, by role; null: nobody is set.</summary>
    public string? OwnerRole { get; init; }

    /// <summary>How long there is time for a task.</summary>
    public TimeSpan DueIn { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Of a task: <c>low</c>, <c>medium</c> or <c>high</c>.</summary>
    public string Priority { get; init; } = "medium";

    /// <summary>What <c>classify</c> and <c>update_contact</c> write, by contract name.</summary>
    public IReadOnlyDictionary<string, FieldWord> Fields { get; init; } = new Dictionary<string, FieldWord>();

    /// <summary>The workspace's name of the pipeline that the deal is in.</summary>
    public string? Pipeline { get; init; }

    /// <summary>The CRM's id of the stage that the deal shall be in: an open one, as a closed deal is done with.</summary>
    public string? Stage { get; init; }

    /// <summary>The CRM's ids of the stages that it may be moved from; a deal in another one stays.</summary>
    public IReadOnlyList<string> MoveFrom { get; init; } = [];

    /// <summary>Whether it goes without a person where its tier leaves that to the rule.</summary>
    public bool IsAutomatic { get; init; }

    /// <summary>True: once for a customer, ever; false: once for each event.</summary>
    public bool OncePerCustomer { get; init; }

    /// <summary>What a person should find out, beside what the playbook asks.</summary>
    public IReadOnlyList<Question> Questions { get; init; } = [];

    /// <summary>All facts that its condition, texts and questions ask for.</summary>
    public IEnumerable<string> FactNames() =>
    [
        .. Facts.AskedBy(When), .. Questions.SelectMany(question => Facts.AskedBy(question.When)),
        .. Template?.Subject?.Names ?? [], .. Template?.Text.Names ?? [],
        .. Fields.Values.SelectMany(word => word.Template?.Names ?? []),
    ];

    /// <summary>A step that follows from names alone: one of the million from <paramref name="first"/> on.</summary>
    internal static int StepOf(int first, string names)
    {
        var hash = 2166136261u;
        foreach (var value in Encoding.UTF8.GetBytes(names))
            hash = unchecked((hash ^ value) * 16777619u);
        return first + (int)(hash % 1_000_000);
    }

    /// <summary>Whether it puts something on the contact, so that there must be one. What is critical becomes a task.</summary>
    public bool NeedsContact => Type is "add_note" or "create_task" || ActionType.Find(Type)?.Tier == RiskTier.Critical;

    /// <summary>Whether it sets fields of the contact.</summary>
    public bool SetsFields => Type is "classify" or "update_contact";
}

/// <summary>Something that is missing, as a question to a person.</summary>
/// <param name="When">It is asked where this holds; may ask for what is known of the customer too.</param>
/// <param name="Ask">The question.</param>
public sealed record Question(Condition When, string Ask);

/// <summary>What a field is set to: a value, or a text with facts of the event.</summary>
/// <param name="Value">Null where it is a template.</param>
/// <param name="Template">Null where it is a value.</param>
public sealed record FieldWord(FieldValue? Value, ITextTemplate? Template);
