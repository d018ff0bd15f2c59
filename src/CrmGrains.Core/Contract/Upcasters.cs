using System.Text;
using System.Text.Json.Nodes;

namespace CrmGrains.Core.Contract;

/// <summary>
/// Brings events of older versions to the one that is written now, step by step. Each step is a pure function over JSON, from one version
/// of a type to the next; what it was given stays as it was.
/// </summary>
public static class Upcasters
{
    private static readonly Dictionary<(string Type, int From), Action<JsonObject>> Steps = new()
    {
        [("lead.submitted", 1)] = NameBudgetRange,
    };

    /// <summary>The same event in its type's current version; a copy where anything had to change.</summary>
    /// <param name="stored">An event with a known type and a version of at least 1 and at most the current one.</param>
    /// <param name="schema">The schema of its type.</param>
    /// <param name="version">Its version.</param>
    public static JsonObject Upcast(JsonObject stored, EventSchema schema, int version)
    {
        if (version >= schema.Version)
            return stored;
        var upcast = stored.DeepClone().AsObject();
        for (var from = version; from < schema.Version; from++)
        {
            if (Steps.TryGetValue((schema.Type, from), out var step))
                step(upcast);
        }

        upcast["schema_version"] = schema.Version;
        return upcast;
    }

    // Version 1 had the budget in the person's own words, lead_context.budget: "$5,000 - $15,000" is the range 5000_15000.
    private static void NameBudgetRange(JsonObject lead)
    {
        if (lead["lead_context"] is not JsonObject context || !context.ContainsKey("budget"))
            return;
        var isNamed = context["budget_range"] is JsonValue;
        if (!isNamed && context["budget"] is JsonValue budget && RangeName(budget.ToString()) is { Length: > 0 } name)
            context["budget_range"] = name;
        context.Remove("budget");
    }

    private static string RangeName(string words)
    {
        const int MaxName = 100;
        var name = new StringBuilder();
        foreach (var letter in words)
        {
            // A comma or a point between digits groups them; whatever else stands between two words divides them.
            if (char.IsAsciiLetterOrDigit(letter))
                name.Append(char.ToLowerInvariant(letter));
            else if (letter is not (',' or '.' or '\'' or '$' or '€' or '£') && name.Length > 0 && name[^1] != '_')
                name.Append('_');
            if (name.Length == MaxName)
                break;
        }

        return name.ToString().Trim('_');
    }
}
