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
    /// <param name="Value">
    /// What it is compared with; a <see cref="FieldValue.Many"/> for <c>in</c>, <c>not_in</c> and <c>matches_domain</c>; null for
    /// <c>exists</c> and <c>missing</c>.
    /// </param>
    public sealed record Compare(string Field, string Op, FieldValue? Value) : Condition
    {
        /// <inheritdoc cref="Compare(string, string, FieldValue?)"/>
        public string Field { get; } = Field;

        /// <inheritdoc cref="Compare(string, string, FieldValue?)"/>
        public string Op { get; } = Op;

        /// <inheritdoc cref="Compare(string, string, FieldValue?)"/>
        public FieldValue? Value { get; } = Value;

        /// <summary>The question as a trace shows it: made once, with the configuration, and not for every event.</summary>
        public string Asked { get; } = Value is null ? $"{Field} {Op}" : $"{Field} {Op} {Value}";
    }

    /// <summary>The operators that <see cref="Compare"/> knows.</summary>
    public static IReadOnlyList<string> Operators { get; } =
        ["eq", "ne", "gt", "gte", "lt", "lte", "in", "not_in", "contains", "matches_domain", "exists", "missing"];

    /// <summary>Every comparison in it.</summary>
    public IEnumerable<Compare> Comparisons() => this switch
    {
        All all => all.Parts.SelectMany(part => part.Comparisons()),
        Any any => any.Parts.SelectMany(part => part.Comparisons()),
        Not not => not.Part.Comparisons(),
        Compare compare => [compare],
        _ => [],
    };

    /// <summary>Whether it holds for the facts.</summary>
    /// <param name="facts">By name.</param>
    /// <param name="saw">
    /// Told each comparison with the value that it saw, also where the answer is known already: a trace shows all of them. Null: nobody asks.
    /// </param>
    public bool Holds(IReadOnlyDictionary<string, FieldValue> facts, Action<Compare, FieldValue?, bool>? saw = null)
    {
        switch (this)
        {
            case All all:
                return AnswersOf(all.Parts, isAny: false, facts, saw);
            case Any any:
                return AnswersOf(any.Parts, isAny: true, facts, saw);
            case Not not:
                return !not.Part.Holds(facts, saw);
            case Compare compare:
                facts.TryGetValue(compare.Field, out var value);
                var answer = Answer(compare, value);
                saw?.Invoke(compare, value, answer);
                return answer;
            default:
                return false;
        }
    }

    // By index: the enumerator of a list behind an interface is an allocation, and this is asked for each rule and event.
    private static bool AnswersOf(
        IReadOnlyList<Condition> parts, bool isAny, IReadOnlyDictionary<string, FieldValue> facts, Action<Compare, FieldValue?, bool>? saw)
    {
        var holds = !isAny;
        for (var i = 0; i < parts.Count && (holds != isAny || saw is not null); i++)
        {
            if (parts[i].Holds(facts, saw) == isAny)
                holds = isAny;
        }

        return holds;
    }

    private static bool Answer(Compare compare, FieldValue? value) => compare.Op switch
    {
        "exists" => value is not null,
        "missing" => value is null,
        "eq" => value is not null && AreEqual(value, compare.Value),
        "ne" => value is null || !AreEqual(value, compare.Value),
        "in" => IsIn(value, compare.Value),
        "not_in" => !IsIn(value, compare.Value),
        "contains" => Contains(value, compare.Value),
        "matches_domain" => MatchesDomain(value, compare.Value),
        "gt" => Order(value, compare.Value) > 0,
        "gte" => Order(value, compare.Value) >= 0,
        "lt" => Order(value, compare.Value) < 0,
        "lte" => Order(value, compare.Value) <= 0,
        _ => false,
    };

    // A configuration writes 5 and true without quotes where a source may have sent text: what reads the same is the same.
    private static bool AreEqual(FieldValue value, FieldValue? other) => (value, other) switch
    {
        (_, null) => false,
        (FieldValue.Text left, FieldValue.Text right) => string.Equals(left.Value, right.Value, StringComparison.Ordinal),
        (FieldValue.Number left, FieldValue.Number right) => left.Value == right.Value,
        (FieldValue.Flag left, FieldValue.Flag right) => left.Value == right.Value,
        _ => value.Equals(other) || string.Equals(value.ToString(), other.ToString(), StringComparison.Ordinal),
    };

    private static bool IsIn(FieldValue? value, FieldValue? set) => value is not null && set is FieldValue.Many many && Has(many, value.ToString());

    private static bool Contains(FieldValue? value, FieldValue? part) => value switch
    {
        null => false,
        FieldValue.Many many => Has(many, part?.ToString() ?? ""),
        _ => value.ToString().Contains(part?.ToString() ?? "", StringComparison.OrdinalIgnoreCase),
    };

    // The domain itself, one below it, or an address at either.
    private static bool MatchesDomain(FieldValue? value, FieldValue? domains)
    {
        if (value is not FieldValue.Text { Value: var text } || domains is not FieldValue.Many many)
            return false;
        var domain = text.AsSpan()[(text.LastIndexOf('@') + 1)..];
        for (var i = 0; i < many.Values.Count; i++)
        {
            var sought = many.Values[i];
            if (domain.EndsWith(sought, StringComparison.OrdinalIgnoreCase)
                && (domain.Length == sought.Length || domain[^(sought.Length + 1)] == '.'))
                return true;
        }

        return false;
    }

    private static bool Has(FieldValue.Many many, string text)
    {
        for (var i = 0; i < many.Values.Count; i++)
        {
            if (string.Equals(many.Values[i], text, StringComparison.Ordinal))
                return true;
        }

        return false;
    }

    private static int? Order(FieldValue? value, FieldValue? other) =>
        value is FieldValue.Number left && other is FieldValue.Number right ? left.Value.CompareTo(right.Value) : null;
}
