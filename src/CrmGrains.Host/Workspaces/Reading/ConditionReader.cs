using CrmGrains.Core.Decisions;
using CrmGrains.Core.Fields;

namespace CrmGrains.Host.Configuration.Reading;

/// <summary>Reads conditions, and refuses those that could never hold: facts, operators and values that don't go together.</summary>
/// <param name="choices">The values that there are, by fact; for facts that aren't in it any value may be.</param>
/// <param name="facts">The facts that may be asked for; null: those of leads.</param>
/// <param name="open">What stands before facts that may have any name after it; null: there are none.</param>
internal sealed class ConditionReader(
    IReadOnlyDictionary<string, IReadOnlyList<string>> choices, IReadOnlyList<string>? facts = null, string? open = null)
{
    private static readonly string[] Joints = ["all", "any", "not"];

    // Everything that isn't listed is a text.
    private static readonly Dictionary<string, (string Kind, string[] Operators)> KindOf = new()
    {
        ["score"] = ("a number", ["eq", "ne", "gt", "gte", "lt", "lte", "exists"]),
        ["lead.stack_size"] = ("a number", ["eq", "ne", "gt", "gte", "lt", "lte", "exists"]),
        ["consent"] = ("a flag", ["eq", "ne", "exists"]),
        ["lead.detected_stack"] = ("a list", ["contains", "exists"]),
        ["deal.amount"] = ("a number", ["eq", "ne", "gt", "gte", "lt", "lte", "exists"]),
        ["invoice.amount"] = ("a number", ["eq", "ne", "gt", "gte", "lt", "lte", "exists"]),
        ["invoice.attempts"] = ("a number", ["eq", "ne", "gt", "gte", "lt", "lte", "exists"]),
    };

    private static readonly (string Kind, string[] Operators) TextKind = ("a text", ["eq", "ne", "in", "contains", "exists"]);

    // What a payload has there is known only when it comes.
    private static readonly (string Kind, string[] Operators) AnyKind = ("anything", [.. Condition.Operators]);

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
        var (kind, operators) = IsOpen(field) ? AnyKind : KindOf.GetValueOrDefault(field, TextKind);
        if (!operators.Contains(op))
            return Faulty(section["op"] ?? value, $"The fact `{field}` is {kind}; it can be asked for with {Value.OrList(operators)}.");
        if (op == "exists")
        {
            section["value"]?.Fault("`exists` compares with nothing. Leave the value out; for the opposite, put it into `not`.");
            return new Condition.Compare(field, op, null);
        }

        return section["value"] is { } other
            ? new Condition.Compare(field, op, Other(field, op, kind, other))
            : Faulty(value, $"The key `value` is missing: what `{op}` compares with.");
    }

    private bool IsOpen(string field) => open is not null && field.Length > open.Length && field.StartsWith(open, StringComparison.Ordinal);

    private string? Field(Value value) => value.Node is YamlNode.Scalar { Text: var text } && IsOpen(text)
        ? Syntax.IsPayloadPath(text) ? text : value.Wrong<string>("must be a path of up to 200 characters, keys with dots between them")
        : value.OneOf(facts ?? LeadRules.FactNames, "the fact");

    private FieldValue? Other(string field, string op, string kind, Value value) => (kind, op) switch
    {
        ("a number", _) => FieldValue.Of(value.Number()),
        ("a flag", _) => FieldValue.Of(value.Flag()),
        ("anything", "gt" or "gte" or "lt" or "lte") => FieldValue.Of(value.Number()),
        (_, "in") => Several(field, value),

        // A part of a text is no choice, but a tool of the list is compared as a whole.
        (_, "contains") => FieldValue.Of(value.Line()),
        _ => FieldValue.Of(Choice(field, value)),
    };

    private FieldValue? Several(string field, Value value)
    {
        var values = value.Distinct(item => Choice(field, item));
        if (value.Items() is [])
            value.Fault("There must be a value at least.");
        return FieldValue.Of(values);
    }

    private string? Choice(string field, Value value) => choices.TryGetValue(field, out var known)
        ? value.OneOf(known, $"the {field}")
        : value.Line();

    private static Condition Faulty(Value value, string message)
    {
        value.Fault(message);
        return Nothing;
    }
}
