using System.Globalization;
using CrmGrains.Core.Configuration;
using CrmGrains.Core.Customers;
using CrmGrains.Core.Decisions;
using CrmGrains.Core.Sequences;

namespace CrmGrains.Host.Configuration.Reading;

/// <summary>Reads <c>sequences</c>.</summary>
/// <param name="choices">The values that facts can have, by fact.</param>
/// <param name="actions">Reads their actions.</param>
internal sealed class SequenceReader(IReadOnlyDictionary<string, IReadOnlyList<string>> choices, ActionReader actions)
{
    private const int MostSteps = 50;
    private const int MostActions = 10;

    private static readonly TimeSpan Longest = TimeSpan.FromDays(366);

    // A step looks at the customer as it is then; the event that began it is long over.
    private readonly ConditionReader _conditions = new(choices, [.. ActionFacts.OfEvent, .. Facts.OfCustomers], Facts.DataPrefix);
    private readonly QuestionReader _questions = new(choices);

    public IReadOnlyDictionary<string, SequenceConfiguration> Read(Value? value) =>
        value?.Named(Sequence) ?? new Dictionary<string, SequenceConfiguration>();

    private SequenceConfiguration? Sequence(Entry entry)
    {
        var section = entry.Value.Section(["steps"], ["one_for", "stop_on", "stop_on_same", "quiet", "max_per_week"]);
        var steps = section["steps"]?.Items()?.Select(Step).ToList() ?? [];
        if (steps.Count is 0 or > MostSteps)
            section["steps"]?.Fault($"There must be 1 to {MostSteps} steps.");
        for (var i = 1; i < steps.Count; i++)
        {
            if (steps[i].After <= steps[i - 1].After)
                section["steps"]?.Fault($"Step {i + 1} isn't later than the one before. Both count from the beginning: put them in order.");
        }

        var sequence = steps.Count == 0 ? null : new SequenceConfiguration
        {
            Name = entry.Key,
            OneFor = section["one_for"] is { } matter ? Matter(matter) : null,
            StopOn = section["stop_on"]?.Distinct(SourceReader.EventTypeOf) ?? [],
            StopOnSame = section["stop_on_same"]?.Distinct(SourceReader.EventTypeOf) ?? [],
            Quiet = section["quiet"] is { } quiet ? Quiet(quiet) : null,
            MaxPerWeek = section["max_per_week"]?.Whole(1, 20) ?? 3,
            Steps = steps,
        };
        if (section["stop_on_same"] is { } same && section["one_for"] is null)
            same.Fault("Without `one_for` there is one for a customer, and nothing to be the same. Say `stop_on`.");
        if (sequence is { StopOn: [], StopOnSame: [] })
            entry.KeyValue.Fault("Nothing stops it, so people would be written to who did what was wanted. Say with `stop_on` or `stop_on_same` what does.");
        CheckNumbers(entry.KeyValue, sequence);
        return sequence;
    }

    private SequenceStep Step(Value value)
    {
        var section = value.Section(["after", "actions"], []);
        var after = section["after"]?.Duration(TimeSpan.FromSeconds(1), Longest) ?? TimeSpan.Zero;
        var named = section["actions"]?.Named(action => actions.Read(action, _conditions, _questions)).Values.ToList() ?? [];
        if (named.Count is 0 or > MostActions)
            section["actions"]?.Fault($"There must be 1 to {MostActions} actions.");
        return new SequenceStep(after, named);
    }

    private static string? Matter(Value value) => value.Line() is not { } name ? null
        : ActionFacts.OfEvent.Contains(name) || name.StartsWith(Facts.DataPrefix, StringComparison.Ordinal) ? name
        : value.OneOf(ActionFacts.OfEvent, "the fact");

    private static QuietHours? Quiet(Value value)
    {
        var section = value.Section(["time_zone"], ["from", "to", "days"]);
        var zone = section["time_zone"] is { } named ? Zone(named) : null;
        var days = (section["days"]?.Distinct(day => day.OneOf(Days, "the day")) ?? []).Select(day => (DayOfWeek)Array.IndexOf(Days, day)).ToList();
        var (from, to) = (Time(section["from"]), Time(section["to"]));
        if ((section["from"] is null) != (section["to"] is null))
            value.Fault("`from` and `to` go together. Add the other one, or leave both out.");
        if (days.Count == Days.Length)
            section["days"]?.Fault("Every day is quiet, so nothing would ever be sent. Leave a day out.");
        if (zone is null || from is null || to is null)
            return null;
        return new QuietHours(from.Value, to.Value, days, zone);
    }

    private static readonly string[] Days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

    private static TimeZoneInfo? Zone(Value value) => value.Line() is not { } name ? null
        : TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone) ? zone
        : value.Wrong<TimeZoneInfo>("must be a time zone such as `Europe/Berlin`");

    private static TimeOnly? Time(Value? value) => value is null ? TimeOnly.MinValue
        : value.Line() is not { } text ? null
        : TimeOnly.TryParseExact(text, "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var time) ? time
        : value.Wrong<TimeOnly?>("must be a time of day such as \"08:00\", in quotes");

    private static void CheckNumbers(Value name, SequenceConfiguration? sequence)
    {
        var known = new HashSet<int>();
        for (var step = 0; step < sequence?.Steps.Count; step++)
        {
            foreach (var action in sequence.Steps[step].Actions.Where(action => !known.Add(sequence.StepOf(step, action))))
                name.Fault($"The action `{action.Name}` of step {step + 1} can't be told apart from another by its number. Rename it.");
        }
    }
}
