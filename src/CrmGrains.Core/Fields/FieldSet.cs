namespace CrmGrains.Core.Fields;

/// <summary>The mapped fields of a grain, by contract name, each with its watermark.</summary>
public static class FieldSet
{
    /// <summary>No fields.</summary>
    public static IReadOnlyDictionary<string, Field> Empty { get; } = new SortedDictionary<string, Field>(StringComparer.Ordinal);

    /// <summary>
    /// Takes in what an event says. A newer word replaces an older one, an older one only fills gaps; so any order and any
    /// repetition of a set of events ends in the same fields.
    /// </summary>
    /// <param name="fields">What is known.</param>
    /// <param name="said">What the event says, by contract name; null says nothing and never clears.</param>
    /// <param name="mark">Of the event.</param>
    public static FieldMerge Merge(
        IReadOnlyDictionary<string, Field> fields, IEnumerable<KeyValuePair<string, FieldValue?>> said, Watermark mark) =>
        Merge(fields, Marked(said, mark));

    /// <summary>Takes in what several events said, each value with the mark of its own event.</summary>
    public static FieldMerge Merge(IReadOnlyDictionary<string, Field> fields, IEnumerable<KeyValuePair<string, Field>> said)
    {
        SortedDictionary<string, Field>? merged = null;
        List<string>? changed = null;
        List<string>? stale = null;
        foreach (var (name, field) in said)
        {
            var isKnown = fields.TryGetValue(name, out var known);
            if (isKnown && known.Mark >= field.Mark)
            {
                if (known.Mark != field.Mark)
                    (stale ??= []).Add(name);
                continue;
            }

            merged ??= new SortedDictionary<string, Field>(fields.ToDictionary(), StringComparer.Ordinal);
            merged[name] = field;
            if (!isKnown || !known.Value.Equals(field.Value))
                (changed ??= []).Add(name);
        }

        return new FieldMerge(merged ?? fields, changed ?? [], stale ?? []);
    }

    private static IEnumerable<KeyValuePair<string, Field>> Marked(IEnumerable<KeyValuePair<string, FieldValue?>> said, Watermark mark)
    {
        foreach (var (name, value) in said)
        {
            if (value is not null)
                yield return KeyValuePair.Create(name, new Field(value, mark));
        }
    }

    /// <summary>The text of a field, or null where it is unknown.</summary>
    public static string? Text(this IReadOnlyDictionary<string, Field> fields, string name) =>
        fields.TryGetValue(name, out var field) ? field.Value.ToString() : null;
}

/// <summary>What a merge did.</summary>
/// <param name="Fields">All fields afterwards.</param>
/// <param name="Changed">Names whose value is another one now.</param>
/// <param name="Stale">Names that a newer word had set already; the event's word was not taken.</param>
public sealed record FieldMerge(IReadOnlyDictionary<string, Field> Fields, IReadOnlyList<string> Changed, IReadOnlyList<string> Stale);
