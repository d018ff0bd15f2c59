using CrmGrains.Core.Decisions;
using CrmGrains.Core.Events;
using CrmGrains.Core.Fields;

namespace CrmGrains.Host.Configuration.Reading;

/// <summary>Reads conditions, and refuses those that could never hold: facts, operators and values that don't go together.</summary>
/// <param name="choices">The values that there are, by fact; for facts that aren't in it any value may be.</param>
/// <param name="facts">The facts that may be asked for; null: those of leads.</param>
/// <param name="open">What stands before facts that may have any name after it; null: there are none.</param>
internal sealed class ConditionReader(
    IReadOnlyDictionary<string, IReadOnlyList<string>> choices, IReadOnlyList<string>? facts = null, string? open = null)
{
    private readonly IReadOnlyList<string> _facts = facts ?? Facts.OfLeads;

    private static readonly string[] Joints = ["all", "any", "not"];

    private static readonly string[] OfTexts = ["eq", "ne", "in", "not_in", "contains", "exists", "missing"];

    private static readonly Dictionary<FactKind, (string Name, string[] Operators)> Kinds = new()
    {
        [FactKind.Text] = ("a text", OfTexts),
        [FactKind.Domain] = ("an address or a domain", [.. OfTexts, "matches_domain"]),
        [FactKind.Number] = ("a number", ["eq", "ne", "gt", "gte", "lt", "lte", "exists", "missing"]),
        [FactKind.Flag] = ("a flag", ["eq", "ne", "exists", "missing"]),
        [FactKind.List] = ("a list", ["contains", "exists", "missing"]),
        [FactKind.Any] = ("anything", [.. Condition.Operators]),
    };

    /// <summary>Holds for everything: <c>always</c>.</summary>
    private static readonly Condition Always = new Condition.All([]);

    /// <summary>Stands where a fault was; a file with a fault is never used.</summary>
    private static readonly Condition Nothing = new Condition.Any([]);

    /// <summary>Whether it was written as <c>always</c>.</summary>
    public static bool IsAlways(Condition condition) => condition is Condition.All { Parts.Count: 0 };

    /// <param name="value">What stands after <c>when</c>.</param>
    /// <param name="unknownYet">Facts that aren't known yet where the condition is asked.</param>
    public Condition Read(Value? value, params IReadOnlyList<string> unknownYet) => value switch
    {
        null => Nothing,
        { Node: YamlNode.Scalar { Text: "always" } } => Always,
        { Node: YamlNode.Map } => ReadMap(value, unknownYet),
        _ => Faulty(value, "It must be a condition: `{field: ..., op: ..., value: ...}`, `{all: [...]}`, `{any: [...]}`, `{not: ...}` or `always`."),
    };

    private Condition ReadMap(Value value, IReadOnlyList<string> unknownYet)
    {
        var entries = value.Entries() ?? [];
        if (entries.FirstOrDefault(entry => Joints.Contains(entry.Key)) is not { } joint)
            return ReadComparison(value, unknownYet);
        if (entries.Count > 1)
            return Faulty(value, $"`{joint.Key}` stands alone. Put what is beside it into its list.");
        return joint.Key == "not"
            ? new Condition.Not(Read(joint.Value, unknownYet))
            : ReadParts(joint, unknownYet);
    }

    private Condition ReadParts(Entry joint, IReadOnlyList<string> unknownYet)
    {
        var items = joint.Value.Items() ?? [];
        if (items.Count == 0 && joint.Value.Node is YamlNode.List)
            return Faulty(joint.Value, "There must be a condition at least. Where something always holds, write `always`.");
        IReadOnlyList<Condition> parts = [.. items.Select(item => Read(item, unknownYet))];
        return joint.Key == "all" ? new Condition.All(parts) : new Condition.Any(parts);
    }

    private Condition ReadComparison(Value value, IReadOnlyList<string> unknownYet)
    {
        var section = value.Section(["field", "op"], ["value"]);
        var field = section["field"] is { } named ? Field(named) : null;
        var op = section["op"]?.OneOf(Condition.Operators, "the operator");
        if (field is null || op is null)
            return Nothing;

        if (unknownYet.Contains(field))
            section["field"]?.Fault($"The fact `{field}` isn't known yet when this is asked.");
        var kind = Facts.KindOf(field);
        var (called, operators) = Kinds[kind];
        if (!operators.Contains(op))
            return Faulty(section["op"] ?? value, $"The fact `{field}` is {called}; it can be asked for with {Value.OrList(operators)}.");
        if (op is "exists" or "missing")
        {
            section["value"]?.Fault($"`{op}` compares with nothing. Leave the value out; the opposite is `{(op == "exists" ? "missing" : "exists")}`.");
            return new Condition.Compare(field, op, null);
        }

        return section["value"] is { } other
            ? new Condition.Compare(field, op, Other(field, op, kind, other))
            : Faulty(value, $"The key `value` is missing: what `{op}` compares with.");
    }

    private bool IsOpen(string field) => open is not null && field.Length > open.Length && field.StartsWith(open, StringComparison.Ordinal);

    private string? Field(Value value)
    {
        if (value.Node is not YamlNode.Scalar { Text: var text })
            return value.OneOf(_facts, "the fact");
        if (IsOpen(text))
            return Syntax.IsPayloadPath(text) ? text : value.Wrong<string>("must be a path of up to 200 characters, keys with dots between them");
        if (!text.StartsWith(Facts.CustomerPrefix, StringComparison.Ordinal) || _facts.Contains(text))
            return value.OneOf(_facts, "the fact");
        return value.Wrong<string>(_facts.Intersect(Facts.OfCustomers).Any()
            ? $"names the fact `{Value.Clipped(text)}`, which there isn't. Of a customer there are {Value.OrList(Facts.OfCustomers, "and")}"
            : $"names `{Value.Clipped(text)}`, and what is known of the customer can't be asked for here: an event is judged by what it says itself, "
                + "so that events give the same in any order. Ask for a fact of the event");
    }

    private FieldValue? Other(string field, string op, FactKind kind, Value value) => (kind, op) switch
    {
        (FactKind.Number, _) => FieldValue.Of(value.Number()),
        (FactKind.Flag, _) => FieldValue.Of(value.Flag()),
        (_, "gt" or "gte" or "lt" or "lte") => FieldValue.Of(value.Number()),
        (_, "in" or "not_in") => Several(value, item => Choice(field, item)),
        (_, "matches_domain") => value.Node is YamlNode.List ? Several(value, Domain) : FieldValue.Of(Domain(value) is { } domain ? [domain] : []),

        // A part of a text is no choice, but a tool of the list is compared as a whole.
        (_, "contains") => FieldValue.Of(value.Line()),
        _ => FieldValue.Of(Choice(field, value)),
    };

    private static FieldValue? Several(Value value, Func<Value, string?> read)
    {
        var values = value.Distinct(read);
        if (value.Items() is [])
            value.Fault("There must be a value at least.");
        return FieldValue.Of(values);
    }

    private static string? Domain(Value value) => value.Line() is not { } text ? null
        : DomainName.TryNormalize(text, out var domain) ? domain
        : value.Wrong<string>("must be a domain such as `example.com`, without a path or an address before it");

    private string? Choice(string field, Value value) => choices.TryGetValue(field, out var known)
        ? value.OneOf(known, $"the {field}")
        : value.Line();

    private static Condition Faulty(Value value, string message)
    {
        value.Fault(message);
        return Nothing;
    }
}
