using CrmGrains.Core.Configuration;
using CrmGrains.Core.Fields;
using CrmGrains.Core.Grains;

namespace CrmGrains.Core.Customers;

/// <summary>An action that a playbook or a sequence asks for, with all that is needed to judge it.</summary>
internal sealed record WantedAction
{
    /// <summary>What is asked for.</summary>
    public required ActionRule Rule { get; init; }

    /// <summary>The playbook or sequence that asks.</summary>
    public required string From { get; init; }

    /// <summary>The event behind it, and the place in what it calls for: together they name the effects.</summary>
    public required Guid EventId { get; init; }

    /// <summary>Unlike that of any other action of the event.</summary>
    public required int Step { get; init; }

    /// <summary>UTC; what due times are counted from.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Under which fields are set, where it sets any.</summary>
    public required Watermark Mark { get; init; }

    /// <summary>Why it is asked for, in one sentence without personal data.</summary>
    public required string Reason { get; init; }

    /// <summary>How the event was matched; null where no event is being handled.</summary>
    public IdentityMatch? Match { get; init; }

    /// <summary>The facts of the event, without those of the customer.</summary>
    public required IReadOnlyDictionary<string, FieldValue> Facts { get; init; }

    /// <summary>The facts that people are shown, by name.</summary>
    public IReadOnlyList<string> Context { get; init; } = [];

    /// <summary>What is missing, beside what the action itself asks.</summary>
    public IReadOnlyList<Question> Questions { get; init; } = [];

    /// <summary>The first lines of a note: where it comes from.</summary>
    public IReadOnlyList<Commands.NoteLine> Source { get; init; } = [];

    /// <summary>Names the question where a person is asked.</summary>
    public string Key => KeyOf(EventId, Step);

    /// <summary>The question about an action of an event.</summary>
    public static string KeyOf(Guid eventId, int step) => $"action/{eventId:N}/{step}";
}
