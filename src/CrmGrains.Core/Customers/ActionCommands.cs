using System.Text.Json;
using CrmGrains.Core.Actions;
using CrmGrains.Core.Commands;
using CrmGrains.Core.Configuration;
using CrmGrains.Core.Deals;
using CrmGrains.Core.Decisions;
using CrmGrains.Core.Fields;
using CrmGrains.Core.Grains;
using CrmGrains.Core.Json;

namespace CrmGrains.Core.Customers;

/// <summary>What an action would do, complete.</summary>
/// <param name="Command">Null where it can't be done.</param>
/// <param name="Obstacle">Why it can't be done; null where it can.</param>
/// <param name="Missing">Facts that its texts lack.</param>
/// <param name="Also">Facts of the customer that it is made of, beside those that its texts and questions name.</param>
internal sealed record DraftedAction(CrmCommand? Command, string? Obstacle, IReadOnlyList<string> Missing, IReadOnlyList<string> Also)
{
    /// <summary>All facts of the customer that it is made of, in alphabetical order.</summary>
    public IEnumerable<string> RestsOn(WantedAction wanted) =>
        (wanted.Rule.Template?.Subject?.Names ?? []).Concat(wanted.Rule.Template?.Text.Names ?? [])
        .Concat(wanted.Rule.Questions.Concat(wanted.Questions).SelectMany(question => Facts.AskedBy(question.When)))
        .Where(name => name.StartsWith(Facts.CustomerPrefix, StringComparison.Ordinal))
        .Concat(Also).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);
}

/// <summary>Makes the command that carries an action out.</summary>
internal static class ActionCommands
{
    private const string Consent = Facts.CustomerPrefix + "consent_to_contact";
    private const string Address = Facts.CustomerPrefix + "email";

    /// <summary>What the action would do as things are.</summary>
    /// <param name="type">The action's kind.</param>
    /// <param name="wanted">The action.</param>
    /// <param name="facts">Those of the event and of the customer.</param>
    /// <param name="questions">What is missing, for whoever is given a task.</param>
    /// <param name="state">The customer.</param>
    /// <param name="context">Of the turn.</param>
    public static DraftedAction Draft(
        ActionType type,
        WantedAction wanted,
        IReadOnlyDictionary<string, FieldValue> facts,
        IReadOnlyList<string> questions,
        CustomerState state,
        TurnContext context)
    {
        var rule = wanted.Rule;
        var subject = rule.Template?.Subject?.Fill(facts) ?? FilledText.Empty;
        var text = rule.Template?.Text.Fill(facts) ?? FilledText.Empty;
        var missing = subject.Missing.Count == 0 ? text.Missing : [.. subject.Missing.Union(text.Missing, StringComparer.Ordinal)];

        DraftedAction Done(CrmCommand? command, string? obstacle, params string[] also) => new(command, obstacle, missing, also);

        if (context.Grain.Kind != GrainKind.Customer && type.Channel is ActionType.Crm or ActionType.Person)
            return Done(null, "the event is about no customer");
        if (type.Tier == RiskTier.Critical || type.Name == "create_task")
            return Done(Task(wanted, OneLine(subject.Text), Body(type, text.Text, questions), context), null);
        switch (type.Name)
        {
            case "add_note":
                return Done(Note(wanted, OneLine(subject.Text), text.Text, facts, questions, state, context), null);
            case "classify" or "update_contact":
                var words = Words(wanted);
                return Done(
                    words.Count == 0 ? null : CustomerPlan.ContactOf(state, context.Grain) with { Fields = words },
                    words.Count == 0 ? "the event says none of its fields" : null,
                    [.. words.Keys.Select(name => Facts.CustomerPrefix + name)]);
            case "move_stage" or "set_owner":
                var deal = Deal(rule, state, context);
                return Done(deal, deal is null ? "the customer has no deal in this pipeline" : null);
            case "send_message":
                var to = facts.GetValueOrDefault(Address)?.ToString() ?? (state.Emails.Count > 0 ? state.Emails[0] : null);
                var refused = facts.GetValueOrDefault(Consent) is FieldValue.Flag { Value: false };
                return Done(
                    to is null || refused ? null : new CrmCommand.SendMail(rule.Channel ?? "", to, OneLine(subject.Text), text.Text, null, null, rule.Name),
                    refused ? "the customer refused to be contacted" : to is null ? "no address is known" : null, Address, Consent);
            case "notify":
                return Done(new CrmCommand.PostNotice(rule.Channel ?? "", text.Text, rule.Name), null);
            case "drop_file":
                return Done(new CrmCommand.DropFile(rule.Channel ?? "", OneLine(subject.Text), text.Text, rule.Name), null);
            default:
                return Done(new CrmCommand.CallWebhook(rule.Channel ?? "", $"customer.{type.Name}", Payload(wanted, facts, context), rule.Name), null);
        }
    }

    /// <summary>What <c>classify</c> and <c>update_contact</c> write; a field whose text has a gap isn't written.</summary>
    public static IReadOnlyDictionary<string, FieldValue> Words(WantedAction wanted)
    {
        var words = new SortedDictionary<string, FieldValue>(StringComparer.Ordinal);
        foreach (var (name, word) in wanted.Rule.Fields)
        {
            var filled = word.Template?.Fill(wanted.Facts);
            if ((word.Value ?? (filled is { Missing.Count: 0 } ? FieldValue.Of(filled.Text) : null)) is { } value)
                words[name] = value;
        }

        return words;
    }

    private static string Body(ActionType type, string text, IReadOnlyList<string> questions)
    {
        var parts = new List<string>();
        if (type.Tier == RiskTier.Critical)
            parts.Add($"Asked for is: {type.About} The system never does this by itself. Decide, and do it yourself where it is right.");
        if (text.Length > 0)
            parts.Add(text);
        if (questions.Count > 0)
            parts.Add($"Still to find out:\n{string.Join('\n', questions.Select(question => $"- {question}"))}");
        return string.Join("\n\n", parts);
    }

    private static CrmCommand.CreateTask Task(WantedAction wanted, string subject, string body, TurnContext context) => new(
        wanted.Rule.Name, subject, body, wanted.At + wanted.Rule.DueIn, wanted.Rule.Priority, OwnerOf(wanted.Rule, context), [ContactOf(context)]);

    private static CrmCommand.WriteNote Note(
        WantedAction wanted,
        string subject,
        string text,
        IReadOnlyDictionary<string, FieldValue> facts,
        IReadOnlyList<string> questions,
        CustomerState state,
        TurnContext context)
    {
        List<RecordRef> on = [ContactOf(context)];
        if (CompanyOf(state, context) is { } company)
            on.Add(company);
        var shown = from name in wanted.Context
                    let value = ActionFacts.Shown(facts, name)
                    where value is not null
                    select new NoteLine(Label(name), value);
        var lines = wanted.Source.Concat(shown);
        if (text.Length > 0)
            lines = lines.Append(new NoteLine("Note", text));
        return new(wanted.At, subject, [.. lines.Concat(questions.Select(question => new NoteLine("To find out", question)))], on);
    }

    // What the other side gets is what people are shown, and which event it is about.
    private static string Payload(WantedAction wanted, IReadOnlyDictionary<string, FieldValue> facts, TurnContext context)
    {
        var said = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["event_id"] = wanted.EventId.ToString(), ["customer"] = context.Grain.Key, ["playbook"] = wanted.From,
        };
        foreach (var name in wanted.Context)
        {
            if (ActionFacts.Shown(facts, name) is { } value)
                said[name] = value;
        }

        return JsonSerializer.Serialize(said, CoreJson.Default.DictionaryStringString);
    }

    private static string OneLine(string text) => text.ReplaceLineEndings(" ").Trim();

    // The deal as it is known, elsewhere: so it doesn't matter whether the deal's own words are written before or after.
    private static CrmCommand.UpsertDeal? Deal(ActionRule rule, CustomerState state, TurnContext context)
    {
        if (rule.Pipeline is not { } name || !state.Pipelines.Contains(name, StringComparer.Ordinal)
            || !context.Workspace.Pipelines.TryGetValue(name, out var pipeline))
            return null;
        return new(
            state.DealOf(context.Grain, name), ContactOf(context), CompanyOf(state, context), pipeline.Id, rule.Stage ?? pipeline.Stage, rule.MoveFrom, [],
            OwnerOf(rule, context), DealGrain.Written(state.Fields))
        {
            HandsOver = rule.Type == "set_owner" ? true : null,
        };
    }

    private static RecordRef ContactOf(TurnContext context) => new(CrmObject.Contact, context.Grain);

    private static RecordRef? CompanyOf(CustomerState state, TurnContext context) =>
        state.Fields.Text(CustomerFields.CompanyDomain) is { } domain && context.Workspace.CanonicalDomain(domain) is var key
        && state.Companies.Contains(key, StringComparer.Ordinal)
            ? new RecordRef(CrmObject.Company, GrainId.Of(context.Grain.Workspace, GrainKind.Company, key), Required: false)
            : null;

    // Of a role that people share, one who is there; always the same one for a customer as long as the same people are.
    private static string? OwnerOf(ActionRule rule, TurnContext context)
    {
        if (rule.OwnerRole is not { } role)
            return null;
        if (!context.Workspace.Roles.TryGetValue(role, out var people))
            return context.Workspace.Owners.GetValueOrDefault(role);
        var present = people.Where(person => person.IsPresent(context.Now)).ToList();
        return present.Count == 0 ? null : present[ActionRule.StepOf(0, $"{context.Grain.Key}/{role}") % present.Count].Email;
    }

    // "data.failed_runs" reads as "Failed runs".
    private static string Label(string name)
    {
        var words = name[(name.IndexOf('.', StringComparison.Ordinal) is var dot && name.StartsWith("data.", StringComparison.Ordinal) ? dot + 1 : 0)..]
            .Replace('.', ' ').Replace('_', ' ');
        return char.ToUpperInvariant(words[0]) + words[1..];
    }
}
