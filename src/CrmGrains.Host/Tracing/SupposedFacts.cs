using System.Globalization;
using CrmGrains.Core.Configuration;
using CrmGrains.Core.Decisions;
using CrmGrains.Core.Events;
using CrmGrains.Core.Fields;
using Microsoft.Extensions.Primitives;

namespace CrmGrains.Host.Tracing;

/// <summary>Reads facts that somebody supposes, and brings them into the form that a source's event would have them in.</summary>
internal static class SupposedFacts
{
    private const int MostCharacters = 4000;
    private const int MostItems = 100;

    /// <summary>Those that may be supposed: what a lead says. The rest follows from it.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Facts.OfLeads.Except([Facts.Score, Facts.Status, "event_type"])];

    /// <summary>Reads them all, or says what is wrong with the first that isn't one.</summary>
    public static SuppositionsRead Read(IEnumerable<KeyValuePair<string, StringValues>> parameters, WorkspaceConfiguration workspace)
    {
        var facts = new List<KeyValuePair<string, FieldValue?>>();
        foreach (var (name, values) in parameters)
        {
            if (!Names.Contains(name, StringComparer.Ordinal))
                return Fault("unknown_field", "Unknown field", $"There is no field `{Clipped(name)}` to suppose. There are {string.Join(", ", Names)}.");
            if (values is not [{ Length: <= MostCharacters } text])
                return Fault("invalid_value", "Not a value", $"`{name}` is given once, with up to {MostCharacters} characters.");
            var (value, wrong) = text.Trim() is { Length: > 0 } said ? ValueOf(name, said, workspace) : (null, Needed(name));
            if (wrong is not null)
                return Fault("invalid_value", "Not a value", $"`{name}` must be {wrong}.");
            facts.Add(new(name, value));
        }

        return facts.Count > 0
            ? new SuppositionsRead(facts, null)
            : Fault("nothing_supposed", "Nothing supposed", $"Name a field and its value, for example `lead.urgency=high`. There are {string.Join(", ", Names)}.");
    }

    private static string? Needed(string name) => name is "lead.stack_size" ? "a whole number; 0 for none" : null;

    private static (FieldValue? Value, string? Wrong) ValueOf(string name, string text, WorkspaceConfiguration workspace) => name switch
    {
        "email" => EmailAddress.TryNormalize(text, out var address) ? (FieldValue.Of(address), null) : (null, "an address such as `ann@example.com`"),
        "email_domain" => DomainName.TryNormalize(text, out var domain) ? (FieldValue.Of(domain), null) : (null, "a domain such as `example.com`"),
        "company.domain" => DomainName.TryFromUrl(text, out var domain) ? (FieldValue.Of(domain), null) : (null, "a domain such as `example.com`"),
        "phone" => PhoneNumber.TryRead(text, workspace.DefaultCountry, out var number)
            ? (FieldValue.Of(number.Number), null)
            : (null, "a phone number with its country, such as `+14155550123`"),
        "consent" => bool.TryParse(text, out var flag) ? (FieldValue.Of(flag), null) : (null, "true or false"),
        "lead.stack_size" => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var size) && size <= MostItems
            ? (new FieldValue.Number(size), null)
            : (null, $"a whole number from 0 to {MostItems}"),
        "lead.detected_stack" => text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) is { Length: <= MostItems } tools
            ? (FieldValue.Of((IReadOnlyList<string>)tools), null)
            : (null, $"up to {MostItems} tools, commas between them"),
        "lead.budget_range" => OneOf(text, workspace.Leads.BudgetRanges),
        "lead.urgency" => OneOf(text, workspace.Leads.Urgencies),
        "source_system" => OneOf(text, [.. workspace.Sources.Values.Select(source => source.System).Distinct(StringComparer.Ordinal)]),
        _ => (FieldValue.Of(text), null),
    };

    private static (FieldValue? Value, string? Wrong) OneOf(string text, IReadOnlyList<string> choices) =>
        choices.Count == 0 || choices.Contains(text, StringComparer.Ordinal) ? (FieldValue.Of(text), null) : (null, $"one of {string.Join(", ", choices)}");

    private static SuppositionsRead Fault(string code, string title, string detail) => new([], new SuppositionFault(code, title, detail));

    private static string Clipped(string text) => string.Concat(text.Take(40).Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '?' : c));
}

/// <summary>Facts to suppose, or why there are none.</summary>
internal sealed record SuppositionsRead(IReadOnlyList<KeyValuePair<string, FieldValue?>> Facts, SuppositionFault? Fault);

/// <summary>What is wrong with what somebody supposes.</summary>
internal sealed record SuppositionFault(string Code, string Title, string Detail);
