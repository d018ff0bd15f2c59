using CrmGrains.Core.Actions;
using CrmGrains.Core.Configuration;
using CrmGrains.Core.Customers;
using CrmGrains.Core.Decisions;
using CrmGrains.Core.Fields;

namespace CrmGrains.Host.Configuration.Reading;

/// <summary>What the rest of the file has that an action can name.</summary>
/// <param name="Templates">Those without a fault.</param>
/// <param name="TemplateNames">All of them.</param>
/// <param name="Channels">The names of channels, by their kind.</param>
/// <param name="Roles">The roles that somebody holds.</param>
/// <param name="Pipelines">The workspace's names.</param>
/// <param name="Choices">The values that facts can have.</param>
internal sealed record Named(
    IReadOnlyDictionary<string, MessageTemplate> Templates,
    IReadOnlyList<string> TemplateNames,
    ILookup<string, string> Channels,
    IReadOnlyList<string> Roles,
    IReadOnlyList<string> Pipelines,
    IReadOnlyDictionary<string, IReadOnlyList<string>> Choices);

/// <summary>Reads one action, and refuses what its kind doesn't do: it would look as if it did something.</summary>
internal sealed class ActionReader(Named named)
{
    private static readonly string[] Common = ["when", "questions", "once_per"];
    private static readonly string[] Written = ["template", "subject", "text"];
    private static readonly string[] Assigned = [.. Written, "owner_role", "due_in", "priority"];
    private static readonly string[] Priorities = ["low", "medium", "high"];

    // What the rules make, and what names the contact, isn't for playbooks to say.
    private static readonly IReadOnlyList<string> Settable = [.. CustomerFields.OfContact.Except(
        ["email", "phone", "lead_score", "routing_tier", "lead_source", "correlation_id", "last_invoice", "last_invoice_status", "detected_stack"])];

    public ActionRule Read(Entry entry, ConditionReader conditions, QuestionReader questions)
    {
        var type = (entry.Value.Node as YamlNode.Map)?.Entries.Any(key => key.Key == "type") == true ? TypeOf(entry.Value) : null;
        var (required, optional) = KeysOf(type);
        var section = entry.Value.Section(["type", .. required], [.. Common, .. optional]);
        var rule = new ActionRule
        {
            Name = entry.Key,
            Type = type?.Name ?? "",
            When = section["when"] is { } when ? conditions.Read(when) : new Condition.All([]),
            Template = type is null ? null : Template(entry, type, section),
            Channel = type is null ? null : Channel(type, section["channel"]),
            OwnerRole = section["owner_role"]?.OneOf(named.Roles, "the role"),
            DueIn = section["due_in"]?.Duration(TimeSpan.FromMinutes(1), TimeSpan.FromDays(366)) ?? TimeSpan.FromDays(1),
            Priority = section["priority"]?.OneOf(Priorities, "the priority") ?? "medium",
            Fields = section["fields"] is { } fields ? Fields(fields) : new Dictionary<string, FieldWord>(),
            Pipeline = section["pipeline"]?.OneOf(named.Pipelines, "the pipeline"),
            Stage = section["stage"]?.Line(),
            MoveFrom = section["move_from"]?.Distinct(item => item.Line()) ?? [],
            IsAutomatic = section["automatic"]?.Flag() ?? false,
            OncePerCustomer = section["once_per"]?.OneOf(["customer", "event"], "the scope") == "customer",
            Questions = questions.Read(section["questions"]),
        };
        if (rule.Stage is { } stage && rule.MoveFrom.Contains(stage))
            section["move_from"]?.Fault("It names the stage that the deal is moved to. Take it out.");
        if (rule.OncePerCustomer && rule.SetsFields)
            section["once_per"]?.Fault("A field has its newest word, however often it is said. Take it out.");
        CheckAutomatic(type, section["automatic"]);
        return rule;
    }

    private static ActionType? TypeOf(Value value)
    {
        var type = value.Entries()?.FirstOrDefault(key => key.Key == "type")?.Value;
        return type?.OneOf([.. ActionType.All.Select(each => each.Name)], "the kind of action") is { } name ? ActionType.Find(name) : null;
    }

    private static (string[] Required, string[] Optional) KeysOf(ActionType? type) => type switch
    {
        null => ([], [.. Assigned, "channel", "fields", "pipeline", "stage", "move_from", "automatic"]),
        { Tier: RiskTier.Critical } => ([], Assigned),
        { Name: "create_task" } => ([], Assigned),
        { Name: "add_note" } => ([], Written),
        { Name: "classify" or "update_contact" } => (["fields"], ["automatic"]),
        { Name: "move_stage" } => (["pipeline", "stage", "move_from"], ["automatic"]),
        { Name: "set_owner" } => (["pipeline", "owner_role"], ["automatic"]),
        { Channel: "webhook" } => (["channel"], ["automatic"]),
        _ => (["channel"], [.. Written, "automatic"]),
    };

    private static void CheckAutomatic(ActionType? type, Value? automatic)
    {
        if (type is null || automatic is null)
            return;
        if (type.EffectiveTier == RiskTier.Low)
            automatic.Fault($"`{type.Name}` is of low risk and goes by itself. Take it out.");
        if (type.EffectiveTier == RiskTier.High)
            automatic.Fault($"`{type.Name}` is of high risk: a person approves it. That it goes without one is said in `risk`, or signed by a person.");
    }

    private MessageTemplate? Template(Entry entry, ActionType type, Section section)
    {
        var isWritten = KeysOf(type) is var (required, optional) && required.Concat(optional).Contains("text");
        if (!isWritten)
            return null;
        if (section["template"] is { } reference)
        {
            foreach (var key in (string[])["subject", "text"])
                section[key]?.Fault("The template says it already. Take out one of the two.");
            if (reference.OneOf(named.TemplateNames, "the template") is not { } name || named.Templates.GetValueOrDefault(name) is not { } template)
                return null;
            if (NeedsSubject(type) && template.Subject is null)
                reference.Fault($"The template `{name}` has no `subject`, which `{type.Name}` needs. Give it one.");
            return template;
        }

        var needed = NeedsSubject(type) ? "subject" : "text";
        if (section[needed] is null)
            entry.Value.Fault($"The key `{needed}` is missing, or a `template`. Add one of them.");

        var text = section["text"] is { } value ? TemplateReader.Text(value) : TextTemplate.Read("", _ => false, out _);
        return text is null ? null : new MessageTemplate(entry.Key, TemplateReader.Line(section["subject"]), text);
    }

    private static bool NeedsSubject(ActionType type) => type.Tier == RiskTier.Critical || type.Name is "create_task" or "add_note" or "send_message" or "drop_file";

    private string? Channel(ActionType type, Value? value) => !KeysOf(type).Required.Contains("channel") ? null : value?.OneOf([.. named.Channels[type.Channel]], $"the channel of kind {type.Channel}");

    private Dictionary<string, FieldWord> Fields(Value value)
    {
        var fields = new Dictionary<string, FieldWord>();
        foreach (var (name, key, word) in value.Entries() ?? [])
        {
            if (key.OneOf(Settable, "the field") is not null && Word(name, word) is { } read)
                fields[name] = read;
        }

        if (value.Entries() is [])
            value.Fault("There must be a field at least.");
        return fields;
    }

    private FieldWord? Word(string name, Value value)
    {
        // That somebody agreed is never ours to say.
        if (name == "consent_to_contact")
            return value.Flag() == false ? new FieldWord(FieldValue.Of(false), null)
                : value.Wrong<FieldWord>("can only be false: consent is given by the person, and taken back by what an event says");
        if (value.Node is YamlNode.Scalar { Text: var text } && text.Contains("{{", StringComparison.Ordinal))
            return TemplateReader.OfEvent(value) is { } template ? new FieldWord(null, template) : null;
        var chosen = named.Choices.TryGetValue($"lead.{name}", out var choices) ? value.OneOf(choices, $"the {name}") : value.Line();
        return FieldValue.Of(chosen) is { } said ? new FieldWord(said, null) : null;
    }
}
