using CrmGrains.Core.Fields;

namespace CrmGrains.Core.Decisions;

/// <summary>A question about the facts of an event, as data: <c>all / any / not</c> over field, operator and value. A closed set.</summary>
public abstract record Condition
{
    private Condition() { }

    /// <summary>Holds where every part does; true where there is none.</summary>
    public sealed record All(IReadOnlyList<Condition> Parts) : Condition;

    /// <summary>Holds where at least one part does.</summary>
    public sealed record Any(IReadOnlyList<Condition> Parts) : Condition;

    /// <summary>Holds where the part doesn't.</summary>
    public sealed record Not(Condition Part) : Condition;

    /// <summary>Compares one fact.</summary>
    /// <param name="Field">The fact's name, for example <c>lead.urgency</c>.</param>
    /// <param name="Op">One of <see cref="Operators"/>.</param>
    /// <param name="Value">What it is compared with; a <see cref="FieldValue.Many"/> for <c>in</c>; null for <c>exists</c>.</param>
    public sealed record Compare(string Field, string Op, FieldValue? Value) : Condition;

    /// <summary>The operators that <see cref="Compare"/> knows.</summary>
    public static IReadOnlyList<string> Operators { get; } = ["eq", "ne", "gt", "gte", "lt", "lte", "in", "contains", "exists"];

    /// <summary>Whether it holds for the facts; each comparison is told to <paramref name="saw"/> with the value that it saw.</summary>
    public bool Holds(IReadOnlyDictionary<string, FieldValue> facts, Action<Compare, FieldValue?, bool> saw)
    {
        switch (this)
        {
            // Every part is asked, also when the answer is known already: a trace shows all of them.
            case All all:
                return all.Parts.Aggregate(true, (holds, part) => part.Holds(facts, saw) && holds);
            case Any any:
                return any.Parts.Aggregate(false, (holds, part) => part.Holds(facts, saw) || holds);
            case Not not:
                return !not.Part.Holds(facts, saw);
            case Compare compare:
                var value = facts.GetValueOrDefault(compare.Field);
                var answer = Answer(compare, value);
                saw(compare, value, answer);
                return answer;
            default:
                return false;
        }
    }

    private static bool Answer(Compare compare, FieldValue? value) => compare.Op switch
    {
        "exists" => value is not null,
        "eq" => value is not null && AreEqual(value, compare.Value),
        "ne" => value is null || !AreEqual(value, compare.Value),
        "in" => value is not null && compare.Value is FieldValue.Many many && many.Values.Contains(value.ToString(), StringComparer.Ordinal),
        "contains" => Contains(value, compare.Value),
        "gt" => Order(value, compare.Value) > 0,
        "gte" => Order(value, compare.Value) >= 0,
        "lt" => Order(value, compare.Value) < 0,
        "lte" => Order(value, compare.Value) <= 0,
        _ => false,
    };

    // A configuration writes 5 and true without quotes where a source may have sent text: what reads the same is the same.
    private static bool AreEqual(FieldValue value, FieldValue? other) =>
        other is not null && (value.Equals(other) || string.Equals(value.ToString(), other.ToString(), StringComparison.Ordinal));

    private static bool Contains(FieldValue? value, FieldValue? part) => value switch
    {
        null => false,
        FieldValue.Many many => many.Values.Contains(part?.ToString() ?? "", StringComparer.Ordinal),
        _ => value.ToString().Contains(part?.ToString() ?? "", StringComparison.OrdinalIgnoreCase),
    };

    private static int? Order(FieldValue? value, FieldValue? other) =>
        value is FieldValue.Number left && other is FieldValue.Number right ? left.Value.CompareTo(right.Value) : null;
}
